/** A training of the whole network on drawn pictures, from random weights. @module */
import { startBackend } from "../../../src/backend/mod.ts";
import { IMAGENET_PREPROCESSING } from "../../../src/core/preprocessing.ts";
import { RandomState } from "../../../src/core/random.ts";
import { ImageDataset } from "../../../src/data/dataset.ts";
import { createNetwork } from "../../../src/model/create_network.ts";
import { randomWeights } from "../../../src/model/random_weights.ts";
import { flipAndShift } from "../../../src/train/augment.ts";
import { pictureSource } from "../../../src/train/pictures.ts";
import type { Training } from "./training.ts";

const SIZE = 28, PICTURES = 12;

/** Twelve pictures of noise in three classes. */
export function noisePictures(): ImageDataset {
  const random = new RandomState(1);
  const pixels = Uint8Array.from({ length: PICTURES * SIZE * SIZE }, () => random.interval(255));
  return ImageDataset.fromPixels(pixels, {
    shape: [SIZE, SIZE, 1],
    labels: Array.from({ length: PICTURES }, (_, i) => i % 3),
  });
}

/** 120 steps, 3 an epoch, with dropout, stochastic depth and moving statistics. */
export async function makeTraining(): Promise<Training> {
  await startBackend();
  return {
    network: createNetwork(await randomWeights(1), { classes: 3, imageSize: SIZE, batchSize: 4 }),
    source: pictureSource(noisePictures(), {
      size: SIZE,
      preprocessing: IMAGENET_PREPROCESSING,
      augmentation: flipAndShift(),
    }),
    options: {
      epochs: 40,
      learningRate: 1e-3,
      schedule: { kind: "cosine", warmup: 0.1 },
      layerDecay: 0.9,
      maxNorm: 1,
      averageDecay: 0.9,
      startDecay: 0.01,
    },
  };
}
