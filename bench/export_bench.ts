/**
 * What fewer bytes cost: size and accuracy of the lab's model in each type of weights, on its own 100 test rows and on Fashion-MNIST
 * pictures that are not in its CSV.
 *
 * Run: `deno run -A bench/export_bench.ts [--unseen 2000]`.
 *
 * @module
 */

import { createClassifier } from "../src/classifier/create.ts";
import { loadClassifier } from "../src/classifier/load.ts";
import { ImageDataset } from "../src/data/dataset.ts";
import { parseArgs } from "../src/deps.ts";
import { evaluatePredictions } from "../src/evaluate/metrics.ts";
import { topK } from "../src/model/heads.ts";
import { loadModel } from "../src/store/bundle.ts";
import { exportOnnx } from "../src/store/export/export_onnx.ts";
import { exportSafetensors } from "../src/store/export/export_safetensors.ts";
import { exportTfjs } from "../src/store/export/export_tfjs.ts";
import { loadWeights } from "../src/weights/load.ts";
import { WEIGHT_DTYPES } from "../src/weights/quantise.ts";
import { SHARED, unseenFashion } from "./fashion.ts";

const { unseen: unseenRows } = parseArgs(Deno.args, {
  string: ["unseen"],
  default: { unseen: "2000" },
});

const lab = await ImageDataset.open(new URL("data/fashion_mnist_train.csv", SHARED));
const { train, test } = lab.split({ testSize: 0.1, randomState: 5 });
const unseen = await unseenFashion(lab, Number(unseenRows));
const weights = await loadWeights(
  new URL("weights/efficientnet_b0_google_tail_reconstructed.safetensors", SHARED),
  { variant: "google" },
);

const path = await Deno.makeTempFile({ suffix: ".safetensors" });
{
  using model = await createClassifier({ weights });
  await model.fit(train);
  await model.save(path);
}
const saved = await loadModel(path);
await Deno.remove(path);

const classes = lab.classes;
let whole: Float32Array | undefined;
console.log(
  "| weights | safetensors | head only | onnx | tfjs | 100 test rows | unseen rows | log-loss, unseen | moved by at most | same answer |",
);
for (const dtype of WEIGHT_DTYPES) {
  const bytes = await exportSafetensors(saved, { dtype });
  const head = await exportSafetensors(saved, { dtype, headOnly: true });
  const onnx = exportOnnx(saved, { dtype });
  const tfjs = [...exportTfjs(saved, { dtype }).values()].reduce(
    (sum, { length }) => sum + length,
    0,
  );
  using model = await loadClassifier(bytes);
  const [ofTest, ofUnseen] = [await model.probabilities(test), await model.probabilities(unseen)];
  const all = new Float32Array(ofTest.length + ofUnseen.length);
  all.set(ofTest);
  all.set(ofUnseen, ofTest.length);
  whole ??= all;
  const plain = whole;
  const moved = all.reduce((most, value, i) => Math.max(most, Math.abs(value - plain[i])), 0);
  const best = (from: Float32Array, row: number) =>
    topK(from.subarray(row * classes.length, (row + 1) * classes.length), 1)[0].index;
  const rows = all.length / classes.length;
  let same = 0;
  for (let row = 0; row < rows; row++) if (best(all, row) === best(plain, row)) same++;
  const scores = evaluatePredictions(ofUnseen, unseen.labels, classes);
  console.log(
    `| ${dtype} | ${mb(bytes.length)} | ${(head.length / 1e3).toFixed(1)} kB | ${
      mb(onnx.length)
    } | ${mb(tfjs)} | ${
      evaluatePredictions(ofTest, test.labels, classes).accuracy.value.toFixed(2)
    } | ${scores.accuracy.value.toFixed(4)} | ${scores.logLoss.toFixed(4)} | ${
      moved.toFixed(4)
    } | ${same} of ${rows} |`,
  );
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
