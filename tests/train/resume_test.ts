// A run that was interrupted and resumed ends with the bits of one that was not.
import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import type { Network } from "../../src/model/network.ts";
import { fitNetwork, type NetworkFit } from "../../src/train/fit.ts";
import type { FitNetworkOptions } from "../../src/train/fit_options.ts";
import type { TrainingProgress, TrainingState } from "../../src/train/training_state.ts";
import { fakeNetwork } from "./fake_network.ts";
import { fakePictures } from "./fake_pictures.ts";
import { type MemoryStore, memoryStore } from "./memory_store.ts";

/** Three steps an epoch, the last of them short. */
const newPictures = () => fakePictures({ length: 10, classes: 3 });
const EPOCHS = 4, STEPS = 12;

/** Validates by the network's own weights, so that a wrong bit in them shows. */
const validate = (network: Network) => {
  const sum = network.entries.reduce(
    (total, { name }) => total + network.read(name).reduce((a, b) => a + b * b, 0),
    0,
  );
  return { loss: Math.abs(Math.sin(sum * 100)), accuracy: 0.5 };
};

const recipes: Record<string, FitNetworkOptions> = {
  "AdamW with all that is kept": {
    epochs: EPOCHS,
    learningRate: 0.05,
    batchSize: 4,
    schedule: { kind: "oneCycle" },
    maxNorm: 0.5,
    labelSmoothing: 0.1,
    layerDecay: 0.8,
    startDecay: 0.01,
    averageDecay: 0.9,
    validate,
    keep: "best",
  },
  "SGD that stops early": {
    epochs: EPOCHS,
    learningRate: 0.05,
    batchSize: 4,
    optimizer: { kind: "sgd" },
    validate: (_, epoch) => ({ loss: [3, 1, 2, 4][epoch - 1], accuracy: 0 }),
    earlyStopping: { patience: 1 },
  },
  "AdamW that cools down": {
    epochs: 9,
    learningRate: 0.05,
    batchSize: 4,
    schedule: { kind: "cosine" },
    validate: (_, epoch) => ({ loss: [3, 1, 2, 4, 5, 6][epoch - 1], accuracy: 0 }),
    earlyStopping: { patience: 1, coolDown: 2 },
  },
  "in order, without validation": {
    epochs: EPOCHS,
    learningRate: 0.05,
    batchSize: 4,
    shuffle: false,
  },
};

/** Everything that a run leaves: all arrays of the network, and the history without times. */
function outcome(network: Network, fit: NetworkFit) {
  const arrays = ["value", "first", "second", "start", "average"] as const;
  const numbers = network.entries.flatMap(({ name }) =>
    arrays.map((array) => [`${array} ${name}`, network.read(name, array)])
  );
  const history = fit.history.map((epoch) => ({ ...epoch, seconds: 0 }));
  return { numbers: Object.fromEntries(numbers), history, best: fit.bestEpoch, steps: fit.steps };
}

/** Trains a new network; where `resume`, from the store. */
async function train(options: FitNetworkOptions, store?: MemoryStore, resume = true) {
  const network = fakeNetwork({ classes: 3 });
  const checkpoint = store && { store, resume };
  const fit = await fitNetwork(network, newPictures(), { checkpoint, ...options });
  return { ...outcome(network, fit), resumedAt: fit.resumedAt };
}

/** Trains until the given moment, at which Ctrl-C is pressed. */
async function interrupt(
  options: FitNetworkOptions,
  store: MemoryStore,
  at: { step?: number; epoch?: number; validation?: number },
): Promise<void> {
  const controller = new AbortController();
  const stop = new Error("Ctrl-C");
  const run = train({
    ...options,
    signal: controller.signal,
    onStep: ({ step }) => step === at.step && controller.abort(stop),
    onEpoch: ({ epoch }) => epoch === at.epoch && controller.abort(stop),
    validate: options.validate && ((network, epoch) => {
      if (epoch === at.validation) {
        controller.abort(stop);
        throw stop;
      }
      return options.validate!(network, epoch);
    }),
  }, store);
  await assert.rejects(run, /Ctrl-C/);
}

for (const [name, options] of Object.entries(recipes)) {
  Deno.test(`resumed after any step a run ends with the same bits: ${name}`, async () => {
    const { resumedAt, ...expected } = await train(options);
    assert.equal(resumedAt, undefined);
    for (let step = 1; step <= expected.steps; step++) {
      const store = memoryStore();
      await interrupt(options, store, { step });
      assert.deepEqual(await train(options, store), { ...expected, resumedAt: step });
    }
  });

  Deno.test(`interrupted at every step, and between, it ends with the same bits: ${name}`, async () => {
    const { resumedAt: _, ...expected } = await train(options);
    const store = memoryStore();
    const epochs = expected.history.length;
    for (let step = 1; step <= expected.steps; step++) {
      await interrupt(options, store, { step });
      if (step % 3 > 0) continue;
      if (options.validate) await interrupt(options, store, { validation: step / 3 });
      if (step / 3 < epochs) await interrupt(options, store, { epoch: step / 3 });
    }
    const { resumedAt, ...resumed } = await train(options, store);
    assert.deepEqual(resumed, expected);
    assert.equal(resumedAt, expected.steps);
  });

  Deno.test(`resumed from any state that was saved it ends with the same bits: ${name}`, async () => {
    const { resumedAt: _, ...expected } = await train(options);
    const full = memoryStore();
    const everyStep = { ...options, checkpoint: { store: full, every: 1 } };
    assert.deepEqual(await train(everyStep), { ...expected, resumedAt: undefined });
    assert.equal(full.saved.length, expected.steps + expected.history.length);
    for (const state of full.saved) {
      const store = memoryStore();
      store.saved.push(state);
      const { resumedAt, ...resumed } = await train(options, store);
      assert.deepEqual(resumed, expected);
      assert.equal(resumedAt, state.progress.step);
    }
  });
}

const [recipe] = Object.values(recipes);

Deno.test("a run that is over is not trained again", async () => {
  const store = memoryStore();
  const done = await train(recipe, store);
  let steps = 0;
  const again = await train({ ...recipe, onStep: () => steps++ }, store);
  assert.equal(steps, 0);
  assert.deepEqual(again, { ...done, resumedAt: STEPS });
});

Deno.test("a state whose numbers contradict one another is refused, and trains nothing", async () => {
  const store = memoryStore();
  await train(recipe, store);
  const [, second] = store.saved; // after two of four epochs
  const over = store.saved.at(-1)!;
  const contradictions: readonly [TrainingState, Partial<TrainingProgress>][] = [
    [over, { finished: false }], // would go on for ever
    [second, { finished: true }], // would end early, and say nothing
    [second, { step: 7 }],
    [second, { batch: 4, step: 10 }],
    [second, { batch: 1, step: 7 }], // of no pictures
    [second, { best: { epoch: 3, score: 0 } }],
    [second, { coolDown: { after: 6, steps: 3, lastEpoch: 3 } }], // nobody stops early
  ];
  for (const [state, change] of contradictions) {
    const changed = memoryStore();
    await changed.save({ ...state, progress: { ...state.progress, ...change } });
    let steps = 0;
    await assert.rejects(
      train({ ...recipe, onStep: () => steps++ }, changed),
      (error) => error instanceof UserError && /do not fit together/.test(error.message),
      JSON.stringify(change),
    );
    assert.equal(steps, 0);
  }
});

Deno.test("states are saved after each epoch and every N steps", async () => {
  const stepsOf = (store: MemoryStore) => store.saved.map(({ progress }) => progress.step);
  const store = memoryStore();
  await train(recipe, store);
  assert.deepEqual(stepsOf(store), [3, 6, 9, 12]);
  const often = memoryStore();
  await train({ ...recipe, checkpoint: { store: often, every: 2 } });
  assert.deepEqual(stepsOf(often), [2, 3, 4, 6, 6, 8, 9, 10, 12, 12]);
});

Deno.test("without resume a run that is there is not written over", async () => {
  const store = memoryStore();
  await train(recipe, store);
  const { length } = store.saved;
  await assert.rejects(
    train(recipe, store, false),
    (error) =>
      error instanceof UserError && /memory holds a training run already/.test(error.message),
  );
  assert.equal(store.saved.length, length);
});

Deno.test("another course than the one that was begun is refused, with what differs", async () => {
  const store = memoryStore();
  await interrupt(recipe, store, { step: 4 });
  const others: [Partial<FitNetworkOptions>, RegExp][] = [
    [{ learningRate: 0.04 }, /begun with learningRate 0\.05 \(now 0\.04\); give the same/],
    [{ epochs: 5 }, /begun with epochs 4 \(now 5\);/],
    [{ batchSize: 5 }, /begun with batchSize/],
    [{ randomState: 1 }, /randomState 5 \(now 1\);/],
    [{ shuffle: false }, /begun with shuffle/],
    [{ dropLast: true }, /begun with dropLast/],
    [{ schedule: { kind: "cosine" } }, /schedule\.kind oneCycle \(now cosine\);/],
    [{ optimizer: { kind: "adam" } }, /begun with optimizer/],
    [{ weightDecay: 0.5 }, /begun with weightDecay/],
    [{ decays: () => true }, /decays 2 entries \(now 7 entries\)/],
    [{ layerDecay: 0.9 }, /begun with layerDecay/],
    [{ maxNorm: undefined }, /maxNorm 0\.5 \(now none\)/],
    [{ labelSmoothing: 0 }, /begun with labelSmoothing/],
    [{ classWeights: [1, 2, 3] }, /begun with classWeights/],
    [{ softmaxFirst: true }, /begun with softmaxFirst/],
    [{ startDecay: 0 }, /begun with startDecay/],
    [{ averageDecay: 0 }, /begun with averageDecay/],
    [{ keep: "last" }, /keep best \(now last\)/],
    [
      { checkpoint: { store, resume: true, identity: { weights: "abc" } } },
      /with other weights \(not given, now abc\);/,
    ],
  ];
  for (const [options, message] of others) {
    await assert.rejects(
      train({ ...recipe, ...options }, store),
      (error) =>
        error instanceof UserError && message.test(error.message) &&
        error.message.startsWith("Cannot resume the training from memory: "),
    );
  }
  const pictures = fakePictures({ length: 11, classes: 3 });
  const options = { ...recipe, checkpoint: { store, resume: true } };
  await assert.rejects(
    fitNetwork(fakeNetwork({ classes: 3 }), pictures, options),
    /other pictures to learn from \(fake 10 3 2 1, now fake 11 3 2 1\)/,
  );
  const frozen = fakeNetwork({
    classes: 3,
    policy: (part) => ({ trainable: part === "classifier", batchNorm: "running" }),
  });
  await assert.rejects(
    fitNetwork(frozen, newPictures(), options),
    /learning features\.0 features\.8 classifier \(now classifier\)/,
  );
});

Deno.test("the order in which options are written down makes no other course", async () => {
  const store = memoryStore();
  const optimizer = { kind: "adamw", beta1: 0.8, beta2: 0.9 } as const;
  await interrupt({ ...recipe, optimizer }, store, { step: 4 });
  const turned = { beta2: 0.9, beta1: 0.8, kind: "adamw" } as const;
  assert.equal((await train({ ...recipe, optimizer: turned }, store)).resumedAt, 4);
});

Deno.test("a state without one of its tensors is refused and changes nothing", async () => {
  for (
    const name of [
      "features.0.0.weight",
      "second.classifier.1.bias",
      "best.features.8.1.running_var",
      "random.key",
    ]
  ) {
    const store = memoryStore();
    await interrupt(recipe, store, { step: 8 });
    const state = store.saved.at(-1)!;
    const tensors = new Map(state.tensors);
    assert.ok(tensors.delete(name), name);
    store.saved.push({ ...state, tensors });
    const network = fakeNetwork({ classes: 3 });
    const before = network.read("classifier.1.weight");
    await assert.rejects(
      fitNetwork(network, newPictures(), { ...recipe, checkpoint: { store, resume: true } }),
      (error) =>
        error instanceof UserError && error.message.includes(`tensor ${name} is absent, expected`),
    );
    assert.deepEqual(network.read("classifier.1.weight"), before);
  }
});
