/** The network that learns against PyTorch: fixture by tests/fixtures/make_training.py. */
import assert from "node:assert/strict";
import { startBackend } from "../../src/backend/mod.ts";
import { runningBackend } from "../../src/backend/start.ts";
import { tf } from "../tfjs.ts";
import type { AdamRule, Network } from "../../src/model/network.ts";
import { onBackend } from "../backend/backend_test_case.ts";
import { maxRelativeError } from "../backend/reference.ts";
import { stateShapes } from "./random_b0_weights.ts";
import {
  decodeDigest,
  drawInputs,
  fullGradients,
  training,
  type TrainingCase,
  whyNoTorch,
} from "./training_fixture.ts";
import { trainingNetwork, trainingStep } from "./training_network.ts";
import {
  digestProblems,
  isParameter,
  listProblems,
  valueProblems,
  zeroProblems,
} from "./training_problems.ts";

/**
 * Asked for by the issue, of each gradient's largest value. With batch statistics of as few as eight numbers (28 px)
 * each layer amplifies the rounding of those before: PyTorch's own float32 is up to 1.3e-4 away from float64, ours up
 * to 4.2e-4.
 */
const TOLERANCE = 1e-3;
/** Where batch norm has sixteen numbers and more: PyTorch's float32 is at 9e-5, ours at 1.3e-4. */
const LARGE_TOLERANCE = 4e-4;
/** By running statistics nothing amplifies: PyTorch's float32 is at 4e-6, ours at 8e-6. */
const RUNNING_TOLERANCE = 3e-5;
/** A tenth of a batch's statistics, which only the forward pass has rounded: PyTorch's float32 is at 8e-6, ours at 1e-5. */
const STATISTICS_TOLERANCE = 5e-5;
/** Logits, and the loss for its size: PyTorch's float32 is at 2e-5, ours at 3e-5. */
const LOGITS_TOLERANCE = 1e-4;
/** What is left of a gradient that is 0 in exact arithmetic, beside that of its norm's scale: 2e-6 either way. */
const ZERO_TOLERANCE = 1e-5;

for (const one of training.cases) {
  for (const memory of ["default", "low"] as const) {
    Deno.test(`one step equals PyTorch's, ${one.name}, memory: ${memory}`, async () => {
      await startBackend();
      const before = tf.memory().numTensors;
      using network = trainingNetwork(one, drawInputs(one), { memory });
      const untouched = network.entries
        .filter((entry) => !isParameter(entry) && !(entry.name in one.statistics))
        .map(({ name }) => [name, network.read(name)] as const);
      const problems = stepProblems(network, one);
      assert.equal(problems.length, 0, listProblems(problems));
      for (const [name, values] of untouched) assert.deepEqual(network.read(name), values, name);
      assert.equal(tf.memory().numTensors, before);
    });
  }
}

Deno.test("every one of the 213 parameters and 98 running statistics is there by PyTorch's name", async () => {
  await startBackend();
  const late = caseNamed("late-28");
  using network = trainingNetwork(late, drawInputs(late));
  const shapes = new Map(stateShapes());
  shapes.set("classifier.1.weight", [late.classes, 1280]).set("classifier.1.bias", [late.classes]);
  for (const name of shapes.keys()) if (name.endsWith("num_batches_tracked")) shapes.delete(name);
  assert.deepEqual(new Map(network.entries.map(({ name, shape }) => [name, [...shape]])), shapes);
  const parameters = network.entries.filter(isParameter);
  assert.equal(parameters.length, 213);
  assert.deepEqual(
    parameters.map(({ name }) => name),
    Object.keys(caseNamed("plain-28").gradients),
  );
  assert.deepEqual(
    network.entries.filter(({ trainable }) => trainable).map(({ name }) => name),
    Object.keys(late.gradients),
  );
  for (const { name, part } of network.entries) {
    assert.match(part, /^(features\.[08]|features\.[1-7]\.\d|classifier)$/);
    assert.ok(name.startsWith(`${part}.`), `${name} is of part ${part}`);
  }
});

Deno.test("the norm over all gradients is PyTorch's, and a gradient that is no number is named", async () => {
  await startBackend();
  const one = caseNamed("plain-64");
  using network = trainingNetwork(one, drawInputs(one));
  trainingStep(network, drawInputs(one));
  const norms = Object.values(one.gradients).map((text) => decodeDigest(text).norm);
  const { norm, notFinite } = network.gradientNorm();
  assert.ok(Math.abs(norm / Math.hypot(...norms) - 1) <= TOLERANCE, `${norm}`);
  assert.equal(notFinite, undefined);
  const name = "features.4.1.block.2.fc1.weight";
  const spoilt = network.read(name, "gradient");
  spoilt[spoilt.length - 1] = NaN;
  network.write(name, spoilt, "gradient");
  assert.equal(network.gradientNorm().notFinite, name);
});

Deno.test("a small batch after a large one is as if it were the only one", async () => {
  await startBackend();
  const one = caseNamed("masks-28");
  const large = { ...one, images: one.images + 3 };
  using network = trainingNetwork(one, drawInputs(one), { batchSize: large.images });
  const statistics = network.entries.filter((entry) => !isParameter(entry))
    .map(({ name }) => [name, network.read(name)] as const);
  trainingStep(network, drawInputs(large));
  for (const [name, values] of statistics) network.write(name, values);
  const problems = stepProblems(network, one);
  assert.equal(problems.length, 0, listProblems(problems));
});

Deno.test("plain kernels on one thread equal PyTorch too", async () => {
  const one = caseNamed("masks-64");
  await onBackend({ threads: 1, fma: false }, ({ report }) => {
    assert.equal(report.fma, false);
    using network = trainingNetwork(one, drawInputs(one));
    const problems = stepProblems(network, one);
    assert.equal(problems.length, 0, listProblems(problems));
  });
});

Deno.test("computing a block anew takes less memory and gives the same bits", async () => {
  await startBackend();
  const one = caseNamed("masks-64");
  using network = trainingNetwork(one, drawInputs(one));
  using sparing = trainingNetwork(one, drawInputs(one), { memory: "low" });
  assert.ok(sparing.bytes < network.bytes, `${sparing.bytes} of ${network.bytes} bytes`);
  const { logits } = trainingStep(network, drawInputs(one));
  assert.deepEqual(trainingStep(sparing, drawInputs(one)).logits, logits);
  for (const { name, trainable } of network.entries) {
    const array = trainable ? "gradient" : "value";
    assert.deepEqual(sparing.read(name, array), network.read(name, array), name);
  }
});

Deno.test("masks of blocks without a residual are not looked at", async () => {
  await startBackend();
  const one = caseNamed("masks-28");
  const inputs = drawInputs(one);
  const blocks = inputs.blocks!.slice();
  // First blocks of the stages change the number of channels (features.1.0 too: 32 to 16).
  for (const block of [0, 1, 3, 5, 8, 11, 15]) {
    blocks.fill(NaN, block * one.images, (block + 1) * one.images);
  }
  using network = trainingNetwork(one, inputs);
  const problems = stepProblems(network, one, { ...inputs, blocks });
  assert.equal(problems.length, 0, listProblems(problems));
});

Deno.test("what is computed otherwise is told apart", async () => {
  await startBackend();
  const plain = caseNamed("plain-28");
  const inputs = drawInputs(plain);
  const others = {
    "padding and epsilon of the other family": trainingNetwork(
      { ...plain, variant: "google" },
      inputs,
    ),
    "running statistics": trainingNetwork(
      { ...plain, running: caseNamed("lab-28").frozen },
      inputs,
    ),
  };
  for (const [what, network] of Object.entries(others)) {
    assert.ok(stepProblems(network, plain).length > 200, what);
    network[Symbol.dispose]();
  }
  using masked = trainingNetwork(plain, inputs);
  assert.ok(stepProblems(masked, caseNamed("masks-28"), inputs).length > 200, "no masks");
});

Deno.test("nothing is left in memory behind a network", async () => {
  await startBackend();
  const one = caseNamed("plain-28");
  const inputs = drawInputs(one);
  const { runtime } = runningBackend();
  /** Where the heap has room for more than the network holds: the same place only when all was given back. */
  const probe = () => {
    const address = runtime.allocate(100e6);
    runtime.free(address);
    return address;
  };
  const adam: AdamRule = {
    kind: "adam",
    learningRate: 1e-4,
    weightDecay: 0,
    step: 1,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    decoupled: false,
  };
  const use = (memory: "default" | "low") => {
    using network = trainingNetwork(one, inputs, { memory });
    trainingStep(network, inputs);
    network.update(adam);
    assert.ok(network.bytes > 4 * 4 * 4_007_548, "values, gradients and two moments");
  };
  const tensors = tf.memory().numTensors;
  use("default"); // the first call may set up what all later ones share
  const before = probe();
  for (const memory of ["default", "low", "default"] as const) use(memory);
  assert.equal(probe(), before);
  assert.equal(tf.memory().numTensors, tensors);
});

const noTorch = await whyNoTorch();
if (noTorch) console.warn(`SKIPPED: every element of every gradient, ${noTorch}`);
Deno.test({
  name: "every element of every gradient equals PyTorch's",
  ignore: noTorch !== undefined,
  async fn() {
    await startBackend();
    const full = await fullGradients();
    for (const one of training.cases) {
      const expected = full.get(one.name)!;
      using network = trainingNetwork(one, drawInputs(one));
      trainingStep(network, drawInputs(one));
      const problems: string[] = [];
      let place = 0;
      for (const name of Object.keys(one.gradients)) {
        const values = network.read(name, "gradient");
        const wanted = expected.subarray(place, place += values.length);
        if (one.zeroGradients.includes(name)) continue; // the digests' test has them
        const error = maxRelativeError(values, wanted);
        if (!(error <= toleranceOf(one))) problems.push(`${name} off by ${error.toExponential(1)}`);
      }
      assert.equal(place, expected.length, one.name);
      assert.equal(problems.length, 0, one.name + listProblems(problems));
    }
  },
});

/** All differences between a step of the network and the case. */
function stepProblems(network: Network, one: TrainingCase, inputs = drawInputs(one)): string[] {
  const { loss, logits } = trainingStep(network, inputs);
  const lossError = Math.abs(loss / one.loss - 1);
  return [
    ...(lossError <= LOGITS_TOLERANCE ? [] : [`loss off by ${lossError.toExponential(1)}`]),
    ...valueProblems("logits", logits, one.logits, LOGITS_TOLERANCE),
    ...digestProblems(network, {
      array: "gradient",
      expected: one.gradients,
      tolerance: toleranceOf(one),
      except: one.zeroGradients,
    }),
    ...zeroProblems(network, one.zeroGradients, ZERO_TOLERANCE),
    ...digestProblems(network, {
      array: "value",
      expected: one.statistics,
      tolerance: STATISTICS_TOLERANCE,
    }),
  ];
}

function toleranceOf({ statistics, size }: TrainingCase): number {
  if (Object.keys(statistics).length === 0) return RUNNING_TOLERANCE;
  return size > 28 ? LARGE_TOLERANCE : TOLERANCE;
}

function caseNamed(name: string): TrainingCase {
  const found = training.cases.find((one) => one.name === name);
  assert.ok(found, `the fixture has no case ${name}`);
  return found;
}
