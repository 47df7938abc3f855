import assert from "node:assert/strict";
import { startBackend } from "../../src/backend/mod.ts";
import { createNetwork } from "../../src/model/create_network.ts";
import { createDifferentiableTrunk } from "../../src/model/differentiable_trunk.ts";
import { randomWeights } from "../../src/model/random_weights.ts";
// The whole of tfjs: tfjs-core alone has no gradients.
import { tfjs as tf } from "../deps.ts";

const SIZE = 28, BATCH = 6, CLASSES = 3;
const OPTIONS = { imageSize: SIZE, batchSize: BATCH, stages: [4, 8], stochasticDepth: 0.2 };
const CHANCE = { seed: 3, step: 7 };
const LABELS = Int32Array.from({ length: BATCH }, (_, i) => i % CLASSES);

function pictures(): tf.Tensor4D {
  return tf.randomNormal([BATCH, SIZE, SIZE, 3], 0, 1, "float32", 11) as tf.Tensor4D;
}

Deno.test("a head and a loss of tfjs give the trunk the gradients that the network's own give", async () => {
  await startBackend({ threads: 2 });
  const weights = await randomWeights(2);
  using network = createNetwork(weights, { ...OPTIONS, classes: CLASSES, dropout: 0 });
  using trunk = createDifferentiableTrunk(weights, OPTIONS);
  const head = Float32Array.from(
    { length: trunk.featureSize * CLASSES },
    (_, i) => Math.sin(i) / 30,
  );
  network.write("classifier.1.weight", head);
  const images = pictures();
  const before = tf.memory().numTensors;

  // The network, with the loss's gradient made by hand.
  const logits = network.forward(images, CHANCE);
  const gradients = new Float32Array(logits.length);
  for (let i = 0; i < BATCH; i++) {
    const row = Array.from(logits.subarray(i * CLASSES, (i + 1) * CLASSES), Math.exp);
    const sum = row.reduce((a, b) => a + b);
    row.forEach((value, c) =>
      gradients[i * CLASSES + c] = (value / sum - (c === LABELS[i] ? 1 : 0)) / BATCH
    );
  }
  network.backward(gradients);

  // The same in tfjs's ops, and one step of plain gradient descent: the difference is the gradient.
  const names = trunk.entries.filter(({ trainable }) => trainable).map(({ name }) => name);
  const old = new Map(names.map((name) => [name, trunk.read(name)]));
  const RATE = 0.5;
  const optimizer = tf.train.sgd(RATE);
  const loss = optimizer.minimize(
    () => {
      const features = trunk.features(images, CHANCE);
      const rows = tf.matMul(
        features,
        tf.tensor2d(head, [CLASSES, trunk.featureSize]),
        false,
        true,
      );
      const wanted = tf.oneHot(tf.tensor1d(LABELS, "int32"), CLASSES);
      return tf.losses.softmaxCrossEntropy(wanted, rows) as tf.Scalar;
    },
    true,
    [trunk.parameters],
  )!;
  assert.ok(Number.isFinite(loss.dataSync()[0]));
  loss.dispose();
  for (const name of names) {
    const expected = network.read(name, "gradient");
    const now = trunk.read(name), then = old.get(name)!;
    const most = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    const size = then.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    // The difference of two float32 numbers of this size tells the gradient no better.
    // Where only norms follow, the gradient of a shift is zero but for rounding.
    const tolerance = 1e-3 * most + 2 ** -22 * size / RATE + 1e-5;
    expected.forEach((value, i) => {
      const error = Math.abs((then[i] - now[i]) / RATE - value);
      assert.ok(error <= tolerance, `${name}[${i}] is off by ${error}, at most ${tolerance}`);
    });
  }
  optimizer.dispose();
  assert.equal(tf.memory().numTensors, before);
  images.dispose();
});

Deno.test("an optimizer of tfjs lowers a loss of one's own through the trunk", async () => {
  await startBackend({ threads: 2 });
  using trunk = createDifferentiableTrunk(await randomWeights(5), {
    ...OPTIONS,
    policy: (part) => ({ trainable: part >= "features.4", batchNorm: "batch" }),
  });
  const images = pictures();
  const target = tf.randomUniform([BATCH, trunk.featureSize], 0, 0.1, "float32", 4);
  const optimizer = tf.train.adam(1e-3);
  const losses: number[] = [];
  for (let step = 0; step < 8; step++) {
    const loss = optimizer.minimize(
      () => tf.mean(tf.abs(tf.sub(trunk.features(images, "none"), target))) as tf.Scalar,
      true,
      [trunk.parameters],
    )!;
    losses.push(loss.dataSync()[0]);
    loss.dispose();
  }
  assert.ok(losses[7] < losses[0] * 0.9, `losses ${losses}`);
  tf.dispose([images, target]);
  optimizer.dispose();
});

Deno.test("a pass that another one followed cannot be differentiated any more", async () => {
  await startBackend({ threads: 2 });
  using trunk = createDifferentiableTrunk(await randomWeights(5), OPTIONS);
  const images = pictures();
  const twice = () =>
    tf.sum(tf.add(trunk.features(images, "none"), trunk.features(images, "none"))) as tf.Scalar;
  assert.throws(() => tf.variableGrads(twice, [trunk.parameters]), /another pass ran since/);
  images.dispose();
});

Deno.test("a trunk that was disposed, or whose backend was restarted, says so", async () => {
  await startBackend({ threads: 2 });
  const trunk = createDifferentiableTrunk(await randomWeights(5), OPTIONS);
  const images = pictures();
  trunk[Symbol.dispose]();
  assert.throws(() => trunk.features(images, "none"), /was disposed/);
  images.dispose();
});
