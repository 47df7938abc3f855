/**
 * Does `--method auto` choose well, and in time? On each data set: the probe, LP-FT, and what auto makes of them within its budget,
 * scored on the same pictures that none of them has seen.
 *
 * Run: `nice -n 5 deno run -A bench/auto_bench.ts [--budget 300] [--only lab,cats,sample]`, with real weights in ../shared.
 *
 * @module
 */

import type { Classifier } from "../src/classifier/classifier.ts";
import { createClassifier } from "../src/classifier/create.ts";
import type { FitOptions } from "../src/classifier/options.ts";
import { ImageDataset } from "../src/data/dataset.ts";
import { drawSample } from "../src/data/sample.ts";
import { trainTestSplit } from "../src/data/split.ts";
import { parseArgs } from "../src/deps.ts";
import type { Evaluation } from "../src/evaluate/metrics.ts";
import { SHARED, unseenFashion } from "./fashion.ts";
import { table } from "./report.ts";

const flags = parseArgs(Deno.args, {
  string: ["budget", "only", "weights"],
  default: { budget: "300", only: "lab,cats,sample" },
});
const budgetSeconds = Number(flags.budget);

/** A data set, divided. */
interface Trial {
  readonly name: string;
  readonly train: ImageDataset;
  readonly test: ImageDataset;
}

const TRIALS: Readonly<Record<string, () => Promise<Trial>>> = {
  async lab() {
    const lab = await ImageDataset.open(new URL("data/fashion_mnist_train.csv", SHARED));
    const { train } = trainTestSplit(lab.length, { testSize: 0.1, randomState: 5 });
    // The first 3,000 chose the defaults of fine-tuning.
    const test = await unseenFashion(lab, 10_000, 3000);
    return { name: "lab CSV", train: lab.subset(train), test };
  },
  async cats() {
    const pets = await ImageDataset.open(new URL("data/cats_dogs.zip", SHARED));
    return { name: "cats_dogs.zip", ...pets.split({ testSize: 0.3, stratify: true }) };
  },
  sample() {
    const drawn = drawSample({ rows: 2900, randomState: 5 });
    const rows = Int32Array.from({ length: drawn.length }, (_, i) => i);
    const [train, test] = [drawn.subset(rows.subarray(0, 900)), drawn.subset(rows.subarray(900))];
    return Promise.resolve({ name: "graft sample", train, test });
  },
};

async function fitted(
  model: Classifier,
  { train, test }: Trial,
  options: FitOptions,
): Promise<{ evaluation: Evaluation; seconds: number }> {
  const since = performance.now();
  await model.fit(train, options);
  const seconds = (performance.now() - since) / 1000;
  return { evaluation: await model.evaluate(test), seconds };
}

const share = ({ accuracy: { value, low, high } }: Evaluation) =>
  `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
const rows: string[][] = [];
for (const name of String(flags.only).split(",")) {
  const trial = await TRIALS[name]();
  using model = await createClassifier({
    weights: (flags.weights as string | undefined) ??
      new URL("weights/efficientnet_b0_google_tail_reconstructed.safetensors", SHARED),
    variant: "google",
  });
  const features = await model.features(trial.train);
  const notes: string[] = [];
  const auto = await fitted(model, trial, {
    method: "auto",
    budgetSeconds,
    features,
    onNote: (line) => {
      notes.push(line);
      console.error(`${trial.name}: ${line}`);
    },
  });
  const { method } = model.training!;
  const probe = await fitted(model, trial, { features });
  const tuned = method === "lpft" && notes.every((note) => !note.includes("budget is over"))
    ? { ...auto, seconds: NaN } // the same bits
    : await fitted(model, trial, { method: "lpft", features });
  rows.push([
    `${trial.name}, ${trial.train.length} rows, ${trial.test.length} unseen`,
    share(probe.evaluation),
    share(tuned.evaluation),
    `${method}: ${share(auto.evaluation)}`,
    `${probe.seconds.toFixed(0)} / ${
      Number.isNaN(tuned.seconds) ? "in auto's" : tuned.seconds.toFixed(0)
    } / ${auto.seconds.toFixed(0)}`,
    notes.at(-1)!,
  ]);
  console.log(table(["data", "probe", "lpft", "auto", "seconds", "why"], rows));
}
