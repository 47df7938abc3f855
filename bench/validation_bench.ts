/**
 * What does giving up rows for validation cost, and what does stopping early gain? LP-FT on the lab's 900 rows with each of these
 * settings, scored on rows of Fashion-MNIST that it has not seen.
 *
 * Run: `deno run -A bench/validation_bench.ts [--unseen 10000] [--skip 3000] '{"validation":{"size":0}}' '{"epochs":100}' …`; the
 * settings are options of `fit`.
 *
 * @module
 */

import { createClassifier } from "../src/classifier/create.ts";
import type { FitOptions } from "../src/classifier/options.ts";
import { ImageDataset } from "../src/data/dataset.ts";
import { trainTestSplit } from "../src/data/split.ts";
import { parseArgs } from "../src/deps.ts";
import { SHARED, unseenFashion } from "./fashion.ts";

const flags = parseArgs(Deno.args, {
  string: ["unseen", "skip", "weights"],
  boolean: ["curve"],
  default: { unseen: "10000", skip: "3000" },
});
const settings = flags._.length > 0 ? flags._.map(String) : ["{}"];
const lab = await ImageDataset.open(new URL("data/fashion_mnist_train.csv", SHARED));
const unseen = await unseenFashion(lab, Number(flags.unseen), Number(flags.skip));
const rows = trainTestSplit(lab.length, { testSize: 0.1, randomState: 5 });
const [train, test] = [lab.subset(rows.train), lab.subset(rows.test)];
using model = await createClassifier({
  weights: (flags.weights as string | undefined) ??
    new URL("weights/efficientnet_b0_google_tail_reconstructed.safetensors", SHARED),
  variant: "google",
});
const features = await model.features(train);

console.log("| settings | epochs | best | the 100 test rows | unseen | log-loss | seconds |");
console.log("|---|--:|--:|--:|--:|--:|--:|");
for (const text of settings) {
  const options = JSON.parse(text) as FitOptions;
  await model.fit(train, { method: "lpft", ...options, features });
  const { epochs, bestEpoch = "–", seconds } = model.training!;
  const { accuracy, logLoss } = await model.evaluate(unseen);
  const cells = [
    text,
    epochs.length,
    bestEpoch,
    (await model.evaluate(test)).accuracy.value.toFixed(3),
    accuracy.value.toFixed(4),
    logLoss.toFixed(4),
    seconds.toFixed(0),
  ];
  console.log(`| ${cells.join(" | ")} |`);
  if (!flags.curve) continue;
  for (const { epoch, loss, validation } of epochs) {
    console.log(`  ${epoch}: ${loss.toFixed(4)} ${JSON.stringify(validation ?? null)}`);
  }
}
