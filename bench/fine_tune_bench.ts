/**
 * Which settings should fine-tuning have by default? Each line of settings is trained by LP-FT on the lab's 900 rows and
 * scored on rows of Fashion-MNIST that it has not seen, beside the probe that it started from.
 *
 * Run: `deno run -A bench/fine_tune_bench.ts [--unseen 3000] [--skip 0] '{"learningRate":5e-4}' '{"keepShare":1}' …`;
 * without settings: the defaults. Choose on the first 3,000, report on others: `--skip 3000 --unseen 10000`.
 *
 * @module
 */

import { createClassifier } from "../src/classifier/create.ts";
import type { FineTuneDefaults, FineTuneOptions } from "../src/classifier/fine_tune_options.ts";
import { ImageDataset } from "../src/data/dataset.ts";
import { trainTestSplit } from "../src/data/split.ts";
import { parseArgs } from "../src/deps.ts";
import { evaluatePredictions } from "../src/evaluate/metrics.ts";
import { type Head, predictProbabilities } from "../src/model/heads.ts";
import { SHARED, unseenFashion } from "./fashion.ts";

const flags = parseArgs(Deno.args, {
  string: ["unseen", "skip", "weights"],
  default: { unseen: "3000", skip: "0" },
});
const settings = flags._.length > 0 ? flags._.map(String) : ["{}"];
const lab = await ImageDataset.open(new URL("data/fashion_mnist_train.csv", SHARED));
const unseen = await unseenFashion(lab, Number(flags.unseen), Number(flags.skip));
const train = lab.subset(trainTestSplit(lab.length, { testSize: 0.1, randomState: 5 }).train);
using model = await createClassifier({
  weights: (flags.weights as string | undefined) ??
    new URL("weights/efficientnet_b0_google_tail_reconstructed.safetensors", SHARED),
  variant: "google",
});
const features = { train: await model.features(train), unseen: await model.features(unseen) };

console.log(`LP-FT on ${train.length} rows, scored on ${unseen.length} unseen ones\n`);
console.log("| settings | probe | fine-tuned | log-loss | seconds |");
console.log("|---|---|---|---|---|");
for (const text of settings) {
  const { epochs, learningRate, batchSize, ...fineTune } = JSON.parse(text) as
    & FineTuneOptions
    & Partial<FineTuneDefaults>;
  let probe: Head | undefined;
  const since = performance.now();
  await model.fit(train, {
    method: "lpft",
    epochs,
    learningRate,
    batchSize,
    features: features.train,
    fineTune: { ...fineTune, onStart: (head) => probe = head },
  });
  const seconds = (performance.now() - since) / 1000;
  const before = evaluatePredictions(
    predictProbabilities(probe!, features.unseen),
    unseen.labels,
    unseen.classes,
  );
  const { accuracy, logLoss } = await model.evaluate(unseen);
  const cells = [
    text,
    before.accuracy.value.toFixed(4),
    accuracy.value.toFixed(4),
    logLoss.toFixed(4),
    seconds.toFixed(0),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
