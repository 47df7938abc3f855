// The assignment on EfficientNet-B0 itself, small: drawn clothes in colour, random weights, two epochs.
import assert from "node:assert/strict";
import { runAssignment } from "../../../src/classifier/assignment/run_assignment.ts";
import type { MakeNetwork } from "../../../src/classifier/lab/lab_network.ts";
import { ImageDataset } from "../../../src/data/dataset.ts";
import { preprocess } from "../../../src/data/preprocess.ts";
import { drawSample } from "../../../src/data/sample.ts";
import { tf } from "../../tfjs.ts";
import { createNetwork } from "../../../src/model/create_network.ts";
import { randomWeights } from "../../../src/model/random_weights.ts";
import { createTrunk } from "../../../src/model/trunk.ts";
import { crossEntropy } from "../../../src/train/loss.ts";
import type { LoadedWeights } from "../../../src/weights/load.ts";
import { VARIANTS } from "../../../src/weights/variants.ts";
import { tensorTest } from "../../train/wasm.ts";

const SIZE = 28;

tensorTest("the assignment runs on EfficientNet-B0, and its scores are the trunk's", async () => {
  const data = await colouredClothes(40);
  const weights = await randomWeights(3);
  const ends: Map<string, Float32Array>[] = [];
  const makeNetwork: MakeNetwork = (loaded, options) => {
    const network = createNetwork(loaded, options);
    return {
      ...network,
      [Symbol.dispose]() {
        ends.push(new Map(network.entries.map(({ name }) => [name, network.read(name)])));
        network[Symbol.dispose]();
      },
    };
  };
  const options = { epochs: { extraction: 2, fineTuning: 2 }, rateSteps: 12, imageSize: SIZE };
  const learningRates = { extraction: 0.01 };
  const report = await runAssignment(data, weights, { ...options, learningRates, makeNetwork });
  assert.ok(report.fineTuning.rates!.rates.length > 1);
  const { train, test } = data.split({ testSize: 0.1, randomState: 5 });
  for (const [i, phase] of [report.extraction, report.fineTuning].entries()) {
    for (const [part, { cost, accuracy }] of [[train, phase.train], [test, phase.test]] as const) {
      const expected = await scoreOfTrunk(weights, ends[i], part);
      assert.equal(Math.round(accuracy.value * part.length), expected.correct);
      // Batch norm is folded there and not folded here.
      assert.ok(Math.abs(cost - expected.loss) < 1e-4 * expected.loss, `${cost} ${expected.loss}`);
    }
  }
  const [frozen, whole] = ends;
  for (const [name, values] of frozen) {
    const same = (others: ArrayLike<number>) => values.every((value, k) => value === others[k]);
    const given = weights.tensors.get(name)?.data as Float32Array | undefined;
    if (name.startsWith("features")) assert.ok(same(given!), `${name} is not the checkpoint's`);
    assert.equal(same(whole.get(name)!), name.includes("running"), name);
  }
});

/** Drawn clothes of two classes, one of them reddish. */
async function colouredClothes(count: number): Promise<ImageDataset> {
  const grey = drawSample({ rows: count });
  const images = await grey.images([...grey.labels.keys()]);
  const labels = images.map((_, i) => i % 2);
  return ImageDataset.fromImages(
    images.map(({ data, height, width }, i) => ({
      data: Uint8Array.from(
        { length: data.length * 3 },
        (_, at) => at % 3 === 0 || labels[i] === 0 ? data[Math.floor(at / 3)] : 0,
      ),
      height,
      width,
      channels: 3 as const,
    })),
    { labels, classes: ["grey", "red"] },
  );
}

/** Cost and hits of a trunk of these values with their classifier behind it. */
async function scoreOfTrunk(
  weights: LoadedWeights,
  values: ReadonlyMap<string, Float32Array>,
  pictures: ImageDataset,
) {
  const tensors = new Map(weights.tensors);
  for (const [name, data] of values) {
    const known = tensors.get(name);
    if (known !== undefined) tensors.set(name, { dtype: "float32", shape: known.shape, data });
  }
  using trunk = createTrunk({ ...weights, tensors });
  const { length, labels } = pictures;
  const images = await pictures.images([...labels.keys()]);
  const { preprocessing } = VARIANTS[weights.variant];
  const logits = tf.tidy(() => {
    const pixels = preprocess(images, { size: SIZE, preprocessing });
    const features = trunk.features(tf.tensor4d(pixels, [length, SIZE, SIZE, 3]));
    const weight = tf.tensor2d(values.get("classifier.1.weight")!, [2, features.shape[1]]);
    const bias = tf.tensor1d(values.get("classifier.1.bias")!);
    return tf.add(tf.matMul(features, weight, false, true), bias).dataSync() as Float32Array;
  });
  return crossEntropy(logits, labels, { classes: 2 });
}
