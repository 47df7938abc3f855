import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import type { Progress } from "../../src/core/progress.ts";
import { RandomState } from "../../src/core/random.ts";
import type { Network } from "../../src/model/network.ts";
import { fitNetwork } from "../../src/train/fit.ts";
import type { FitNetworkOptions } from "../../src/train/fit_options.ts";
import type { NetworkEpoch, StepReport } from "../../src/train/fit_reports.ts";
import { fakeNetwork } from "./fake_network.ts";
import { fakePictures } from "./fake_pictures.ts";
import { memoryStore } from "./memory_store.ts";

const CLASSES = 3;
const base: FitNetworkOptions = { epochs: 3, learningRate: 0.05, batchSize: 4 };

const newNetwork = () => fakeNetwork({ classes: CLASSES });
const newPictures = (length = 18) => fakePictures({ length, classes: CLASSES });

const valuesOf = (network: Network) =>
  Object.fromEntries(network.entries.map(({ name }) => [name, network.read(name)]));

Deno.test("training learns, reports steps and epochs, and leaves no batch behind", async () => {
  using network = newNetwork();
  const pictures = newPictures();
  const steps: StepReport[] = [], epochs: NetworkEpoch[] = [], progress: Progress[] = [];
  const fit = await fitNetwork(network, pictures, {
    ...base,
    epochs: 40,
    onStep: (report) => steps.push(report),
    onEpoch: (report) => epochs.push(report),
    onProgress: (report) => progress.push(report),
  });
  assert.deepEqual(fit, { history: epochs, steps: 200 });
  assert.deepEqual(steps.map(({ step }) => step), Array.from({ length: 200 }, (_, i) => i + 1));
  assert.deepEqual([...new Set(steps.map(({ epoch }) => epoch))], epochs.map((e) => e.epoch));
  assert.ok(epochs[39].loss < epochs[0].loss / 2, `${epochs[0].loss} to ${epochs[39].loss}`);
  assert.ok(epochs.every(({ seconds, gradientNorm }) => seconds > 0 && gradientNorm > 0));
  assert.deepEqual(progress.map(({ done }) => done), Array.from({ length: 201 }, (_, i) => i));
  const { stage, done, total, unit } = progress[200];
  assert.deepEqual({ stage, done, total, unit }, {
    stage: "train",
    done: 200,
    total: 200,
    unit: "steps",
  });
  assert.equal(pictures.open(), 0);
});

Deno.test("each epoch shows every picture once, in an order that the seed decides", async () => {
  const orders = async (options: Partial<FitNetworkOptions>) => {
    const pictures = newPictures(10);
    await fitNetwork(newNetwork(), pictures, { ...base, ...options });
    return pictures.asked;
  };
  const asked = await orders({ randomState: 7 });
  assert.deepEqual(asked.map(({ indices }) => indices.length), [4, 4, 2, 4, 4, 2, 4, 4, 2]);
  assert.deepEqual(asked.map(({ epoch }) => epoch), [1, 1, 1, 2, 2, 2, 3, 3, 3]);
  const random = new RandomState(7);
  for (let epoch = 1; epoch <= 3; epoch++) {
    const shown = asked.filter((batch) => batch.epoch === epoch).flatMap(({ indices }) => indices);
    assert.deepEqual(shown, [...random.permutation(10)]);
  }
  assert.notDeepEqual(await orders({ randomState: 8 }), asked);
  const inOrder = await orders({ shuffle: false, epochs: 1 });
  assert.deepEqual(inOrder.flatMap(({ indices }) => indices), [...Array(10).keys()]);
  const full = await orders({ dropLast: true });
  assert.deepEqual(full.map(({ indices }) => indices.length), [4, 4, 4, 4, 4, 4]);
});

Deno.test("the same seed gives the same bits, another one others", async () => {
  const fit = async (randomState: number) => {
    const network = newNetwork();
    await fitNetwork(network, newPictures(), { ...base, randomState });
    return valuesOf(network);
  };
  assert.deepEqual(await fit(1), await fit(1));
  assert.notDeepEqual(await fit(1), await fit(2));
});

Deno.test("a second run of the same network begins without the first one's momentum", async () => {
  for (const kind of ["adamw", "sgd"] as const) {
    const options = { ...base, optimizer: { kind }, startDecay: 0.1, averageDecay: 0.9 } as const;
    const first = newNetwork();
    await fitNetwork(first, newPictures(), options);
    const second = newNetwork();
    for (const { name } of first.entries) second.write(name, first.read(name));
    await fitNetwork(first, newPictures(), options);
    await fitNetwork(second, newPictures(), options);
    assert.deepEqual(valuesOf(first), valuesOf(second), kind);
  }
});

Deno.test("frozen parts stay as they are, bit for bit", async () => {
  using network = fakeNetwork({
    classes: CLASSES,
    policy: (part) => ({ trainable: part === "classifier", batchNorm: "running" }),
  });
  const before = valuesOf(network);
  await fitNetwork(network, newPictures(), base);
  for (const { name, part } of network.entries) {
    if (part === "classifier") assert.notDeepEqual(network.read(name), before[name], name);
    else assert.deepEqual(network.read(name), before[name], name);
  }
});

/** Losses for `validate`, epoch by epoch. */
const validateBy = (losses: readonly number[]) => (_: Network, epoch: number) => ({
  loss: losses[epoch - 1],
  accuracy: 1 - losses[epoch - 1],
});

Deno.test("early stopping waits, then ends with the weights of the best epoch", async () => {
  using network = newNetwork();
  const snapshots: Record<string, Float32Array>[] = [];
  const judge = validateBy([0.5, 0.3, 0.4, 0.3, 0.29, 0.1]);
  const fit = await fitNetwork(network, newPictures(), {
    ...base,
    epochs: 6,
    validate: (network, epoch) => {
      snapshots.push(valuesOf(network));
      return judge(network, epoch);
    },
    earlyStopping: { patience: 3, minDelta: 0.05 },
  });
  assert.equal(fit.bestEpoch, 2);
  assert.equal(fit.history.length, 5); // 0.29 is not better by 0.05; 0.1 is never reached
  assert.deepEqual(fit.history.map(({ validation }) => validation!.loss), [
    0.5,
    0.3,
    0.4,
    0.3,
    0.29,
  ]);
  assert.deepEqual(valuesOf(network), snapshots[1]);
});

Deno.test("the best weights come back also when the epochs run out; keep decides", async () => {
  const run = async (options: Partial<FitNetworkOptions>) => {
    const network = newNetwork();
    const snapshots: Record<string, Float32Array>[] = [];
    const judge = validateBy([0.5, 0.2, 0.4]);
    const { bestEpoch } = await fitNetwork(network, newPictures(), {
      ...base,
      ...options,
      validate: (network, epoch) => {
        snapshots.push(valuesOf(network));
        return judge(network, epoch);
      },
    });
    return { bestEpoch, index: snapshots.findIndex((shot) => same(shot, valuesOf(network))) };
  };
  assert.deepEqual(await run({ keep: "best" }), { bestEpoch: 2, index: 1 });
  assert.deepEqual(await run({}), { bestEpoch: 2, index: 2 });
  assert.deepEqual(await run({ keep: "best", monitor: "accuracy" }), { bestEpoch: 2, index: 1 });
});

function same(a: Record<string, Float32Array>, b: Record<string, Float32Array>): boolean {
  return Object.keys(a).every((name) => a[name].join() === b[name].join());
}

Deno.test("the average is what is validated and what the run ends with", async () => {
  using network = newNetwork();
  const validated: Record<string, Float32Array>[] = [];
  const options: FitNetworkOptions = {
    ...base,
    averageDecay: 0.9,
    validate: (network) => {
      validated.push(valuesOf(network));
      return { loss: 1, accuracy: 0 };
    },
  };
  await fitNetwork(network, newPictures(), options);
  assert.deepEqual(valuesOf(network), validated[2]);
  const plain = newNetwork();
  await fitNetwork(plain, newPictures(), base);
  assert.notDeepEqual(valuesOf(plain), valuesOf(network));
  // Validating between epochs changes nothing of the course.
  const unseen = newNetwork();
  await fitNetwork(unseen, newPictures(), { ...options, validate: undefined });
  assert.deepEqual(valuesOf(unseen), valuesOf(network));
});

Deno.test("when validation throws, the weights are those of the run, not the average", async () => {
  using network = newNetwork(), plain = newNetwork();
  const failing = fitNetwork(network, newPictures(), {
    ...base,
    averageDecay: 0.9,
    validate: () => Promise.reject(new Error("no disk")),
  });
  await assert.rejects(failing, /no disk/);
  await fitNetwork(plain, newPictures(), { ...base, epochs: 1 });
  assert.deepEqual(valuesOf(network), valuesOf(plain));
});

Deno.test("an abort stops after the step and leaves no batch behind", async () => {
  const controller = new AbortController();
  const pictures = newPictures();
  let last = 0;
  await assert.rejects(
    fitNetwork(newNetwork(), pictures, {
      ...base,
      signal: controller.signal,
      onStep: ({ step }) => {
        last = step;
        if (step === 7) controller.abort(new Error("enough"));
      },
    }),
    /^Error: enough$/,
  );
  assert.equal(last, 7);
  assert.equal(pictures.open(), 0);
  const aborted = AbortSignal.abort(new Error("before it began"));
  await assert.rejects(
    fitNetwork(newNetwork(), pictures, { ...base, signal: aborted }),
    /before it began/,
  );
});

Deno.test("timers get their turn while training runs", async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error("timer")), 30);
  const long = fitNetwork(newNetwork(), newPictures(), {
    ...base,
    epochs: 1_000_000,
    signal: controller.signal,
  });
  await assert.rejects(long, /timer/);
});

Deno.test("a network that takes no single picture says what to do about the last batch", async () => {
  const network = newNetwork();
  const picky: Network = {
    ...network,
    forward(images, chance) {
      if (images.shape[0] === 1) throw new UserError("Cannot run the network on 1 picture");
      return network.forward(images, chance);
    },
  };
  const pictures = newPictures(9);
  await assert.rejects(
    fitNetwork(picky, pictures, base),
    (error) =>
      error instanceof UserError && /single picture.*batchSize, or dropLast/.test(error.message),
  );
  assert.equal(pictures.open(), 0);
});

Deno.test("a gentle stop ends a run as if its epochs were over, within an epoch and after it", async () => {
  for (const [at, epochsOver] of [[2, 0], [3, 1], [7, 2]]) {
    using network = newNetwork();
    const stop = new AbortController();
    const store = memoryStore();
    const bests: number[] = [];
    const fit = await fitNetwork(network, newPictures(10), {
      ...base,
      epochs: 9,
      stop: stop.signal,
      checkpoint: { store },
      validate: (trained, epoch) => {
        bests.push(trained.read(trained.entries[0].name)[0]);
        return { loss: epoch, accuracy: 0 };
      },
      keep: "best",
      onStep: ({ step }) => step === at && stop.abort(),
    });
    assert.deepEqual([fit.stopped, fit.steps, fit.history.length], [true, at, epochsOver]);
    // Kept as it was left, not with the best weights in its place.
    assert.equal(store.saved.at(-1)!.progress.step, at);
    assert.equal(store.saved.at(-1)!.progress.finished, false);
    if (epochsOver > 0) {
      assert.equal(fit.bestEpoch, 1);
      assert.equal(network.read(network.entries[0].name)[0], bests[0]);
    }
  }
});
