/**
 * Which input size and which stages should be the default for small pictures? Cross-validated and unseen accuracy
 * of the probe over sizes, stages and data sets, on real weights.
 *
 * Run: `deno run -A bench/defaults_bench.ts [--sizes 56,84,112] [--unseen 2000] [extra.csv …]`. CSVs that are
 * named, for instance the lab's cats and dogs as pixels (`cats_64x64x3.csv`), are judged instead, by 30 % of their
 * own held out, five times.
 *
 * @module
 */

import { startBackend } from "../src/backend/mod.ts";
import { ImageDataset } from "../src/data/dataset.ts";
import { drawSample } from "../src/data/sample.ts";
import { trainTestSplit } from "../src/data/split.ts";
import { parseArgs } from "../src/deps.ts";
import { evaluatePredictions } from "../src/evaluate/metrics.ts";
import { type FeatureMatrix, predictProbabilities } from "../src/model/heads.ts";
import { stageChannels } from "../src/model/stages.ts";
import { createTrunk, type Trunk } from "../src/model/trunk.ts";
import { extractFeatures } from "../src/train/features.ts";
import { fitProbe } from "../src/train/probe.ts";
import { loadWeights } from "../src/weights/load.ts";
import { VARIANTS } from "../src/weights/variants.ts";
import { SHARED, unseenFashion } from "./fashion.ts";

const ALL = [1, 2, 3, 4, 5, 6, 7, 8];
const STAGE_SETS = [
  [8],
  [5, 6, 8],
  [4, 5, 6, 8],
  [3, 4, 5, 6, 8],
  [4, 5, 6, 7, 8],
  [3, 4, 5, 6, 7, 8],
  [3, 4, 5, 6],
  ALL,
];

interface Trial {
  readonly name: string;
  readonly train: ImageDataset;
  readonly test: ImageDataset;
}

/** Features of all stages, in one pass. */
function allFeatures(trunk: Trunk, data: ImageDataset, size: number): Promise<FeatureMatrix> {
  const { preprocessing } = VARIANTS[trunk.variant];
  return extractFeatures(trunk, data, { size, stages: ALL, preprocessing });
}

/** The columns of some stages. */
function stageColumns(all: FeatureMatrix, stages: readonly number[]): FeatureMatrix {
  const columns = ALL.flatMap((stage) => {
    const first = ALL.slice(0, stage - 1).reduce((sum, s) => sum + stageChannels(s), 0);
    return stages.includes(stage)
      ? Array.from({ length: stageChannels(stage) }, (_, i) => first + i)
      : [];
  });
  const data = new Float32Array(all.rows * columns.length);
  for (let row = 0; row < all.rows; row++) {
    columns.forEach((column, i) =>
      data[row * columns.length + i] = all.data[row * all.columns + column]
    );
  }
  return { data, rows: all.rows, columns: columns.length };
}

async function trials(unseenRows: number, extra: readonly string[]): Promise<Trial[]> {
  const lab = await ImageDataset.open(new URL("data/fashion_mnist_train.csv", SHARED));
  const unseen = await unseenFashion(lab, unseenRows);
  const { train } = trainTestSplit(lab.length, { testSize: 0.1, randomState: 5 });
  const few = trainTestSplit(lab.length, { testSize: 0.7, randomState: 5, stratify: lab.labels });
  const sample = drawSample({ rows: 900 + unseenRows, randomState: 5 });
  const rows = Int32Array.from({ length: sample.length }, (_, i) => i);
  // With sets of the user's own, only those.
  const list: Trial[] = extra.length > 0 ? [] : [
    { name: "lab CSV, 900 rows", train: lab.subset(train), test: unseen },
    { name: "lab CSV, 300 rows", train: lab.subset(few.train), test: unseen },
    {
      name: "graft sample, 900 rows",
      train: sample.subset(rows.subarray(0, 900)),
      test: sample.subset(rows.subarray(900)),
    },
  ];
  for (const path of extra) {
    const shape = path.match(/(\d+)x(\d+)x(1|3)/)?.slice(1).map(Number);
    const data = await ImageDataset.open(path, { shape: shape as [number, number, 1 | 3] });
    for (const randomState of [1, 2, 3, 4, 5]) {
      const split = data.split({ testSize: 0.3, randomState, stratify: true });
      list.push({ name: `${path}, split ${randomState}`, ...split });
    }
  }
  return list;
}

const flags = parseArgs(Deno.args, {
  string: ["sizes", "unseen", "weights"],
  default: { sizes: "28,56,64,84,96,112,128", unseen: "2000" },
});
await startBackend();
const weights = await loadWeights(
  (flags.weights as string | undefined) ??
    new URL("weights/efficientnet_b0_google_tail_reconstructed.safetensors", SHARED),
  { variant: "google" },
);
using trunk = createTrunk(weights);
for (const trial of await trials(Number(flags.unseen), flags._.map(String))) {
  console.log(`\n## ${trial.name}, ${trial.test.length} unseen\n`);
  console.log("| px | stages | columns | strength | CV accuracy | CV log-loss | unseen accuracy |");
  console.log("|---|---|---|---|---|---|---|");
  for (const size of String(flags.sizes).split(",").map(Number)) {
    const train = await allFeatures(trunk, trial.train, size);
    const test = await allFeatures(trunk, trial.test, size);
    for (const stages of STAGE_SETS) {
      const matrix = stageColumns(train, stages);
      const classes = trial.train.classes.length;
      const head = await fitProbe(matrix, trial.train.labels, { classes });
      const probabilities = predictProbabilities(head, stageColumns(test, stages));
      const { accuracy } = evaluatePredictions(
        await probabilities,
        trial.test.labels,
        trial.test.classes,
      );
      const { strength, cvAccuracy, cvLogLoss } = head.details;
      const cells = [
        size,
        stages.join(" "),
        matrix.columns,
        strength,
        Number(cvAccuracy).toFixed(4),
        Number(cvLogLoss).toFixed(4),
        accuracy.value.toFixed(4),
      ];
      console.log(`| ${cells.join(" | ")} |`);
    }
  }
}
