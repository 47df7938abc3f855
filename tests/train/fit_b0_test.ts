// The training loop on the whole network: what a small stand-in cannot show.
import assert from "node:assert/strict";
import { IMAGENET_PREPROCESSING } from "../../src/core/preprocessing.ts";
import { createNetwork } from "../../src/model/create_network.ts";
import { randomWeights } from "../../src/model/random_weights.ts";
import { fitNetwork } from "../../src/train/fit.ts";
import { pictureSource } from "../../src/train/pictures.ts";
import { makeTraining, noisePictures } from "../store/programs/network_training.ts";
import { memoryStore } from "./memory_store.ts";
import { tensorTest } from "./wasm.ts";

/** Three steps each. */
const EPOCHS = 2;

tensorTest("the whole network, interrupted and resumed, ends with the same bits", async () => {
  const train = async (store = memoryStore(), stopAt?: number) => {
    const { network, source, options } = await makeTraining();
    try {
      const controller = new AbortController();
      const fit = await fitNetwork(network, source, {
        ...options,
        epochs: EPOCHS,
        checkpoint: { store, resume: true },
        signal: controller.signal,
        onStep: ({ step }) => step === stopAt && controller.abort(new Error("stop")),
      });
      const arrays = ["value", "first", "second", "average"] as const;
      return {
        numbers: network.entries.flatMap(({ name }) =>
          arrays.map((array) => ({ name, array, values: network.read(name, array) }))
        ),
        history: fit.history.map((epoch) => ({ ...epoch, seconds: 0 })),
      };
    } finally {
      network[Symbol.dispose]();
    }
  };
  const expected = await train();
  assert.ok(expected.history.every(({ loss, gradientNorm }) => loss < 10 && gradientNorm > 0));
  const store = memoryStore();
  for (const step of [2, 5]) await assert.rejects(train(store, step), /stop/);
  const resumed = await train(store);
  assert.deepEqual(resumed.history, expected.history);
  expected.numbers.forEach(({ name, array, values }, i) => {
    // Element by element by assert would take longer than the training.
    const differs = values.findIndex((value, k) => value !== resumed.numbers[i].values[k]);
    assert.equal(differs, -1, `${array} of ${name} at ${differs}`);
  });
});

tensorTest("the whole network learns noise by heart and leaves no tensor behind", async () => {
  using network = createNetwork(await randomWeights(1), {
    classes: 3,
    imageSize: 28,
    batchSize: 12,
    dropout: 0,
    stochasticDepth: 0,
  });
  const source = pictureSource(noisePictures(), {
    size: 28,
    preprocessing: IMAGENET_PREPROCESSING,
  });
  const { history } = await fitNetwork(network, source, { epochs: 10, learningRate: 1e-3 });
  assert.ok(Math.abs(history[0].loss - Math.log(3)) < 1e-6, "the classifier starts with zeros");
  assert.ok(history[9].loss < 0.1, history.map(({ loss }) => loss.toFixed(2)).join());
  assert.equal(history[9].accuracy, 1);
});
