// The lab on EfficientNet-B0 itself, small: 200 drawn pictures, random weights, two epochs.
import assert from "node:assert/strict";
import { LAB_SIZE, rawPixels } from "../../../src/classifier/lab/lab_data.ts";
import type { MakeNetwork } from "../../../src/classifier/lab/lab_network.ts";
import { runLab } from "../../../src/classifier/lab/run_lab.ts";
import type { ImageDataset } from "../../../src/data/dataset.ts";
import { drawSample } from "../../../src/data/sample.ts";
import { tf } from "../../tfjs.ts";
import { createNetwork } from "../../../src/model/create_network.ts";
import { randomWeights } from "../../../src/model/random_weights.ts";
import { createTrunk } from "../../../src/model/trunk.ts";
import { likeliest } from "../../../src/evaluate/likeliest.ts";
import type { LoadedWeights } from "../../../src/weights/load.ts";
import { tensorTest } from "../../train/wasm.ts";

const data = drawSample({ rows: 200 });

tensorTest("the lab runs on EfficientNet-B0, and its eval mode is the trunk's", async () => {
  const weights = await randomWeights(3);
  const evaluated: Map<string, Float32Array>[] = [];
  // Looks over the shoulder of the networks in eval mode: those whose features stand still.
  const makeNetwork: MakeNetwork = (loaded, options) => {
    const network = createNetwork(loaded, options);
    if (options.policy!("features.0").batchNorm === "batch") return network;
    const written = new Map<string, Float32Array>();
    evaluated.push(written);
    return {
      ...network,
      write: (name, values) => {
        written.set(name, values.slice());
        network.write(name, values);
      },
    };
  };
  const report = await runLab(data, weights, { epochs: 2, makeNetwork });
  const again = await runLab(data, weights, { epochs: 2 });
  const { train, test } = data.split({ testSize: 0.1, randomState: 5 });
  for (const [phase, { evalMode, costs }] of [report.frozen, report.fineTuned].entries()) {
    const [ofTrain, ofTest] = [
      await hits(weights, evaluated[phase], train),
      await hits(weights, evaluated[phase], test),
    ];
    assert.equal(Math.round(evalMode.train.value * 180), ofTrain);
    assert.equal(Math.round(evalMode.test.value * 20), ofTest);
    assert.ok(costs.every((cost) => cost > 2 * 1.46 && cost < 2 * 2.47), costs.join());
  }
  const [frozen, fineTuned] = evaluated;
  const sameAs = (name: string, values: ArrayLike<number>) =>
    frozen.get(name)!.every((value, i) => value === values[i]);
  for (const [name, value] of fineTuned) {
    const learns = name.startsWith("features") && !name.includes("running");
    // Frozen features are the checkpoint's; fine-tuning changes every array.
    if (learns) assert.ok(sameAs(name, weights.tensors.get(name)!.data as Float32Array), name);
    assert.ok(!sameAs(name, value), `${name} stayed as it was`);
  }
  for (const phase of ["frozen", "fineTuned"] as const) {
    assert.deepEqual({ ...again[phase], seconds: 0 }, { ...report[phase], seconds: 0 });
  }
});

/** Pictures that a trunk of these values, with their classifier behind it, names rightly. */
async function hits(
  weights: LoadedWeights,
  values: ReadonlyMap<string, Float32Array>,
  pictures: ImageDataset,
): Promise<number> {
  const tensors = new Map(weights.tensors);
  for (const [name, data] of values) {
    const known = tensors.get(name);
    if (known !== undefined) tensors.set(name, { dtype: "float32", shape: known.shape, data });
  }
  using trunk = createTrunk({ ...weights, tensors });
  const { length, labels } = pictures;
  const images = await pictures.images([...labels.keys()]);
  const scores = tf.tidy(() => {
    const input = tf.tensor4d(rawPixels(images), [length, LAB_SIZE, LAB_SIZE, 3]);
    const features = trunk.features(input);
    const weight = tf.tensor2d(values.get("classifier.1.weight")!, [10, features.shape[1]]);
    const bias = tf.tensor1d(values.get("classifier.1.bias")!);
    return tf.add(tf.matMul(features, weight, false, true), bias).dataSync() as Float32Array;
  });
  return likeliest(scores, 10).filter((label, i) => label === labels[i]).length;
}
