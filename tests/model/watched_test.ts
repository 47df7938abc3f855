// What a network tells of a stage's output and of the gradient by it.
import assert from "node:assert/strict";
import { startBackend } from "../../src/backend/mod.ts";
import { UserError } from "../../src/core/errors.ts";
import { tf } from "../tfjs.ts";
import type { StageOutput } from "../../src/model/network.ts";
import { drawInputs, training } from "./training_fixture.ts";
import { trainingNetwork, trainingStep } from "./training_network.ts";

const plain = training.cases.find(({ name }) => name === "stages-28")!;
const running = training.cases.find(({ name }) => name === "running-28")!;
const masked = training.cases.find(({ name }) => name === "masks-28")!;

/** Sum over pictures and places, of each channel. */
function sums({ data, channels }: StageOutput): Float32Array {
  const out = new Float64Array(channels);
  data.forEach((value, i) => out[i % channels] += value);
  return Float32Array.from(out);
}

function error(found: Float32Array, expected: Float32Array): number {
  const most = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return found.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i])), 0) /
    most;
}

for (const memory of ["default", "low"] as const) {
  Deno.test(`the gradient by a stage's output adds up to that of the shift that ends it, memory: ${memory}`, async () => {
    await startBackend({ threads: 2 });
    const before = tf.memory().numTensors;
    // By statistics of the batch, a shift would make no difference to the later stages.
    const setting = { ...plain, running: running.running };
    const inputs = drawInputs(setting);
    // Stage 7 is no part of the features; of stage 4, the later stages and its own pooled output have a say.
    using network = trainingNetwork(setting, inputs, { watch: [4, 7], memory });
    trainingStep(network, inputs);
    for (const [stage, last] of [[4, "4.2.block.3"], [7, "7.0.block.3"]] as const) {
      const { activation, gradient } = network.watched(stage);
      assert.deepEqual({ ...activation, data: 0 }, { ...gradient, data: 0 });
      const shift = network.read(`features.${last}.1.bias`, "gradient");
      assert.ok(error(sums(gradient), shift) < 1e-4, `stage ${stage}`);
    }
    assert.equal(tf.memory().numTensors, before);
  });
}

Deno.test("a stage's output, pooled, is its part of the features, and the classifier's weights are the gradient by them", async () => {
  await startBackend({ threads: 2 });
  const setting = { ...plain, stages: [8], standardised: false };
  const inputs = drawInputs(setting);
  using network = trainingNetwork(setting, inputs, { watch: [8], dropout: 0 });
  const { logits } = trainingStep(network, inputs);
  const { activation, gradient } = network.watched(8);
  const { height, width, channels } = activation;
  const places = height * width, { classes, images } = setting;
  const pooled = Array.from(
    { length: images },
    (_, i) =>
      sums({
        ...activation,
        data: activation.data.subarray(i * places * channels, (i + 1) * places * channels),
      })
        .map((sum) => sum / places),
  );
  const found = pooled.flatMap((features) =>
    Array.from(
      { length: classes },
      (_, k) =>
        features.reduce(
          (sum, feature, j) => sum + feature * inputs.weight[k * channels + j],
          inputs.bias[k],
        ),
    )
  );
  assert.ok(error(Float32Array.from(found), logits) < 1e-5);
  // Of a single logit, every place has its channel's weight.
  const batch = tf.tensor4d(inputs.pixels, [images, setting.size, setting.size, 3]);
  network.forward(batch, "none");
  batch.dispose();
  const one = new Float32Array(images * classes);
  one[2] = 1;
  network.backward(one);
  const first = network.watched(8).gradient.data.subarray(0, channels);
  const weights = inputs.weight.subarray(2 * channels, 3 * channels);
  assert.ok(error(first, weights.map((weight) => weight / places)) < 1e-6);
  assert.notDeepEqual(first, gradient.data.subarray(0, channels), "a copy that is left alone");
});

Deno.test("watching changes no number", async () => {
  await startBackend({ threads: 2 });
  const inputs = drawInputs(masked);
  using bare = trainingNetwork(masked, inputs);
  using watching = trainingNetwork(masked, inputs, { watch: [1, 3, 8] });
  assert.deepEqual(trainingStep(watching, inputs), trainingStep(bare, inputs));
  for (const { name, trainable } of bare.entries) {
    if (!trainable) continue;
    assert.deepEqual(watching.read(name, "gradient"), bare.read(name, "gradient"), name);
  }
});

Deno.test("a network that learns nothing can be watched; the gradient goes no further than it has to", async () => {
  await startBackend({ threads: 2 });
  const inputs = drawInputs(plain);
  const rests = () => ({ trainable: false, batchNorm: "batch" as const });
  using network = trainingNetwork(plain, inputs, { policy: rests, watch: [5] });
  using learning = trainingNetwork(plain, inputs, { watch: [5] });
  for (const each of [network, learning]) trainingStep(each, inputs);
  assert.deepEqual(network.watched(5), learning.watched(5));
  assert.ok(network.bytes < learning.bytes);
});

Deno.test("stages that are not watched, or not there, are refused", async () => {
  await startBackend({ threads: 2 });
  const inputs = drawInputs(plain);
  using network = trainingNetwork(plain, inputs, { watch: [3] });
  assert.throws(() => network.watched(3), /did not run backward before/);
  trainingStep(network, inputs);
  assert.throws(() => network.watched(4), /stage 4: the network was made to watch 3/);
  const four = { ...plain, stages: [3, 4] };
  for (const stage of [0, 5, 2.5]) {
    assert.throws(
      () => trainingNetwork(four, drawInputs(four), { watch: [stage] }),
      (error) => error instanceof UserError && /expected stages from 1 to 4/.test(error.message),
    );
  }
});
