// graft runs on tfjs-core; people come with `@tensorflow/tfjs`. Their tensors are ours and ours theirs.
import assert from "node:assert/strict";
import { startBackend } from "../src/backend/mod.ts";
import { tf } from "./tfjs.ts";
import { randomWeights } from "../src/model/random_weights.ts";
import { createTrunk } from "../src/model/trunk.ts";
import { tfjs } from "./deps.ts";

Deno.test("a tensor made with @tensorflow/tfjs goes through the trunk, and the features back", async () => {
  await startBackend();
  const before = tf.memory().numTensors;
  {
    using trunk = createTrunk(await randomWeights(5));
    const theirs = tfjs.randomUniform<tfjs.Rank.R4>([2, 28, 28, 3], -1, 1, "float32", 5);
    const ours = tf.tensor4d(await theirs.data(), [2, 28, 28, 3]);
    const features = trunk.features(theirs);
    const expected = trunk.features(ours);
    assert.deepEqual(features.shape, [2, 1280]);
    assert.deepEqual(await features.data(), await expected.data());

    const kernel = tfjs.ones([1280, 3]);
    const scores = tfjs.matMul(features, kernel);
    const first = (await features.data<"float32">()).subarray(0, 1280);
    const sum = first.reduce((a, b) => a + b, 0);
    assert.ok(Math.abs((await scores.data())[0] - sum) <= 1e-4 * Math.abs(sum) + 1e-4);
    for (const tensor of [theirs, ours, features, expected, kernel, scores]) tensor.dispose();
  }
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("both names are one engine, on graft's backend", async () => {
  await startBackend();
  assert.equal(tfjs.getBackend(), "wasm");
  assert.equal(tfjs.engine(), tf.engine());
  const theirs = tfjs.tensor1d([1, 2]);
  assert.ok(theirs instanceof tf.Tensor);
  theirs.dispose();
});
