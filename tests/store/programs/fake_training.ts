/** A training of the fake network that uses all that a checkpoint keeps. @module */
import { fakeNetwork } from "../../train/fake_network.ts";
import { fakePictures } from "../../train/fake_pictures.ts";
import type { Training } from "./training.ts";

/** 1200 steps, 5 an epoch. */
export function makeTraining(): Training {
  return {
    network: fakeNetwork({ classes: 3 }),
    source: fakePictures({ length: 18, classes: 3 }),
    options: {
      epochs: 240,
      learningRate: 0.05,
      batchSize: 4,
      schedule: { kind: "cosine", warmup: 0.1 },
      maxNorm: 0.5,
      averageDecay: 0.9,
      startDecay: 0.01,
      keep: "best",
      // Up and down, so that the best epoch moves now and then.
      validate: (network, epoch) => ({
        loss: Math.abs(network.read("classifier.1.bias")[0]) + Math.sin(epoch) / 10,
        accuracy: 0.5,
      }),
    },
  };
}
