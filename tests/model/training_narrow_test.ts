// A narrow network of the family, whole gradients: shapes that B0 does not have.
import assert from "node:assert/strict";
import { startBackend } from "../../src/backend/mod.ts";
import type { HostTensor } from "../../src/core/host_tensor.ts";
import { RandomState } from "../../src/core/random.ts";
import { tf } from "../tfjs.ts";
import { createNetwork } from "../../src/model/create_network.ts";
import { trunkParameters } from "../../src/model/parameters.ts";
import type { Architecture } from "../../src/model/stages.ts";
import { crossEntropy } from "../../src/train/loss.ts";
import { decodeFloats } from "./random_b0_weights.ts";

const fixture = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/training_narrow.json", import.meta.url)),
) as {
  readonly stages: readonly (readonly number[])[];
  readonly size: number;
  readonly images: number;
  readonly classes: number;
  readonly seed: number;
  readonly loss: number;
  readonly logits: string;
  readonly zeroGradients: readonly string[];
  readonly gradients: Readonly<Record<string, string>>;
  readonly statistics: Readonly<Record<string, string>>;
};
const { size, images, classes } = fixture;

const architecture: Architecture = {
  stemChannels: 8,
  stages: fixture.stages.map((row) => {
    const [expandRatio, kernel, stride, inputChannels, outputChannels, layers] = row;
    return { expandRatio, kernel, stride, inputChannels, outputChannels, layers };
  }),
  headChannels: 128,
};

/** Twin of `draw` in make_training_narrow.py. */
function draw() {
  const random = new RandomState(fixture.seed);
  const uniform = (length: number, low: number, high: number) =>
    Float32Array.from({ length }, () => low + (high - low) * random.randomDouble());
  const tensors = new Map<string, HostTensor>();
  const entry = (name: string, shape: readonly number[], positive: boolean) => {
    const length = shape.reduce((product, side) => product * side, 1);
    const bound = shape.length > 1 ? Math.sqrt(3 * 1.8 / (length / shape[0])) : 0.5;
    const data = positive ? uniform(length, 0.5, 1.5) : uniform(length, -bound, bound);
    tensors.set(name, { dtype: "float32", shape: [...shape], data });
    return data;
  };
  for (const { name, shape, kind } of trunkParameters(architecture)) {
    entry(name, shape, kind === "scale" || kind === "runningVariance");
  }
  const weight = entry("classifier.1.weight", [classes, 128], false);
  const bias = entry("classifier.1.bias", [classes], false);
  const pixels = uniform(images * size * size * 3, -2, 2);
  const labels = Array.from({ length: images }, () => Math.floor(classes * random.randomDouble()));
  return { tensors, weight, bias, pixels, labels };
}

/** Largest difference as a share of the largest number expected. */
function error(found: Float32Array, expected: Float32Array): number {
  assert.equal(found.length, expected.length);
  const most = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return found.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i])), 0) /
    most;
}

// torch's own float32 is off by up to 1.8e-5 (see the fixture's torchFloat32).
const GRADIENT = 1e-4;

for (const memory of ["default", "low"] as const) {
  Deno.test(`a narrow network has PyTorch's gradients in every element, memory: ${memory}`, async () => {
    await startBackend({ threads: 2 });
    const { tensors, weight, bias, pixels, labels } = draw();
    const weights = { tensors, sha256: "0".repeat(64), source: "drawn", notes: [] };
    using network = createNetwork(
      { ...weights, variant: "torchvision" },
      { architecture, classes, imageSize: size, batchSize: images, memory },
    );
    network.write("classifier.1.weight", weight);
    network.write("classifier.1.bias", bias);
    const batch = tf.tensor4d(pixels, [images, size, size, 3]);
    const logits = network.forward(batch, "none");
    batch.dispose();
    assert.ok(error(logits, decodeFloats(fixture.logits)) < 1e-4);
    const { loss, gradient } = crossEntropy(logits, labels, { classes });
    assert.ok(Math.abs(loss / fixture.loss - 1) < 1e-5);
    network.backward(gradient);
    const learning = network.entries.filter(({ trainable }) => trainable).map(({ name }) => name);
    assert.deepEqual(learning.toSorted(), Object.keys(fixture.gradients).toSorted());
    for (const [name, expected] of Object.entries(fixture.gradients)) {
      if (fixture.zeroGradients.includes(name)) continue;
      const off = error(network.read(name, "gradient"), decodeFloats(expected));
      assert.ok(off < GRADIENT, `${name} is off by ${off}`);
    }
    for (const [name, expected] of Object.entries(fixture.statistics)) {
      assert.ok(error(network.read(name), decodeFloats(expected)) < 5e-5, name);
    }
  });
}
