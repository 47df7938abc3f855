// Runs that break down: what is said, and which weights are left.
import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import type { Network } from "../../src/model/network.ts";
import type { BatchSource } from "../../src/train/batch_source.ts";
import { fitNetwork } from "../../src/train/fit.ts";
import type { FitNetworkOptions } from "../../src/train/fit_options.ts";
import { fakeNetwork } from "./fake_network.ts";
import { fakePictures } from "./fake_pictures.ts";
import { memoryStore } from "./memory_store.ts";

/** Five steps an epoch. */
const pictures = fakePictures({ length: 20, classes: 3 });
const base: FitNetworkOptions = { epochs: 30, learningRate: 0.05, batchSize: 4 };

const valuesOf = (network: Network) =>
  Object.fromEntries(network.entries.map(({ name }) => [name, network.read(name)]));

/** Runs into a breakdown; gives its message and the values after each step, from the start on. */
async function breakDown(
  network: Network,
  options: Partial<FitNetworkOptions> = {},
  source: BatchSource = pictures,
): Promise<{ message: string; course: Record<string, Float32Array>[] }> {
  const course = [valuesOf(network)];
  let message = "";
  const onStep = () => course.push(valuesOf(network));
  await assert.rejects(
    fitNetwork(network, source, { ...base, onStep, ...options }),
    (error) => {
      assert.ok(error instanceof UserError, String(error));
      message = error.message;
      return true;
    },
  );
  assert.doesNotMatch(message, /\n/);
  return { message, course };
}

/** Pictures of which the batch of one step is not a number. */
function poisoned(step: number): BatchSource {
  let count = 0;
  return {
    ...pictures,
    async batch(indices, epoch) {
      const batch = await pictures.batch(indices, epoch);
      if (++count === step) batch.images.dataSync()[0] = NaN;
      return batch;
    },
  };
}

Deno.test("a loss that is not a number ends the run with learning rate, step and tensor", async () => {
  using network = fakeNetwork({ classes: 3 });
  const { message, course } = await breakDown(network, { learningRate: 0.025 }, poisoned(7));
  assert.match(
    message,
    /^Cannot go on training: the loss is NaN at step 7 \(epoch 2\) with learning rate 0\.025, expected at most 10000; /,
  );
  // The statistics are what the picture spoilt; they are as they were, too.
  assert.match(
    message,
    /; features\.8\.1\.running_mean holds NaN; .* weights of step 0 again; use/,
  );
  assert.equal(course.length, 7);
  assert.deepEqual(valuesOf(network), course[0]);
});

Deno.test("steps that are too long end the run when no finite loss is left", async () => {
  using network = fakeNetwork({ classes: 3 });
  const { message, course } = await breakDown(network, {
    optimizer: { kind: "sgd", momentum: 0 },
    learningRate: 1e38,
  });
  assert.match(
    message,
    /the loss is \S+ at step \d .* learning rate 1e\+38, .*holds (NaN|-?Inf)/,
  );
  assert.deepEqual(valuesOf(network), course[0]);
});

Deno.test("a finite loss beyond the bound counts as broken down, too", async () => {
  using network = fakeNetwork({ classes: 3 });
  network.write("classifier.1.bias", Float32Array.of(0, 0, 3000));
  const { message } = await breakDown(network, { maxLoss: 500 });
  assert.match(message, /the loss is 749\.\d+ at step 1 \(epoch 1\) .*, expected at most 500; /);
  assert.match(message, /; the largest weight is 3\.00e\+3 in classifier\.1\.bias; /);
});

Deno.test("a gradient that is not finite is not applied, and its tensor is named", async () => {
  using fake = fakeNetwork({ classes: 3 });
  let step = 0;
  const network: Network = {
    ...fake,
    backward(slopes) {
      fake.backward(slopes);
      if (++step === 3) spoil();
    },
  };
  const spoil = () =>
    fake.write("features.8.1.bias", Float32Array.of(0, Infinity, 0, 0), "gradient");
  const { message, course } = await breakDown(network);
  assert.match(
    message,
    /gradient of features\.8\.1\.bias is not finite at step 3 \(epoch 1\) with/,
  );
  assert.equal(course.length, 3);
  assert.deepEqual(valuesOf(network), course[0]);
});

/** A network whose weights the update of one step makes useless, though finite. */
function derailing(at: number): Network {
  const fake = fakeNetwork({ classes: 3 });
  return {
    ...fake,
    update(rule) {
      fake.update(rule);
      if (rule.step === at) fake.write("classifier.1.bias", Float32Array.of(3e38, -3e38, 3e37));
    },
  };
}

Deno.test("weights count as good only once the next batch has shown it", async () => {
  // After step 50 the weights are copied: good ones, useless ones, or useless ones after good ones.
  for (const [derails, back] of [[60, 50], [50, 0], [100, 50]]) {
    using network = derailing(derails);
    const { message, course } = await breakDown(network);
    assert.match(message, new RegExp(`at step ${derails + 1} .* weights of step ${back} again`));
    assert.deepEqual(valuesOf(network), course[back]);
  }
});

Deno.test("a broken run writes no checkpoint of itself", async () => {
  const store = memoryStore();
  using network = fakeNetwork({ classes: 3 });
  await breakDown(network, { checkpoint: { store } }, poisoned(12));
  assert.deepEqual(store.saved.map(({ progress }) => progress.step), [5, 10]);
});

Deno.test("validation that gives no finite figure ends the run, with or without an average", async () => {
  for (const averageDecay of [0, 0.9]) {
    using network = fakeNetwork({ classes: 3 });
    const { message, course } = await breakDown(network, {
      averageDecay,
      validate: (_, epoch) => ({ loss: epoch < 11 ? 1 : NaN, accuracy: 0 }),
    });
    assert.match(
      message,
      /validation gives loss NaN and accuracy 0 after step 55 \(epoch 11\) with/,
    );
    assert.match(message, /weights of step 50 again/);
    assert.deepEqual(valuesOf(network), course[50]);
  }
});
