/** Batches of a data set, prepared for the network. @module */
import type { Preprocessing } from "../core/preprocessing.ts";
import { RandomState } from "../core/random.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { tf } from "../deps.ts";
import type { Augmentation } from "./augment.ts";
import type { BatchSource } from "./batch_source.ts";
import { preparePictures } from "./prepare_pictures.ts";

/** Options of {@linkcode pictureSource}. */
export interface PictureOptions {
  /** Side that pictures are scaled to: that of the network. */
  readonly size: number;
  /** The checkpoint's preparation. */
  readonly preprocessing: Preprocessing;
  /** Whether pictures are scaled whole or cropped; see `preprocess`. @default {"whole"} */
  readonly fit?: "whole" | "crop";
  /** Random views, another one of each picture in each epoch. @default none */
  readonly augmentation?: Augmentation;
  /** Seed of the views, a whole number from 0 to 2^32 - 1. @default {5} */
  readonly randomState?: number;
  /** Prepared pictures are kept when all of them take no more than this, else prepared anew each time. @default {2 ** 28} 256 MB */
  readonly cacheBytes?: number;
}

/** What is asked of a data set. */
export type PictureDataset = Pick<
  ImageDataset,
  "length" | "labels" | "size" | "images" | "hash"
>;

/**
 * Pictures of a data set for a training run; its batches are tensors of the running backend. The view of a picture depends on seed,
 * epoch and its place in the data set, not on the batch it is in.
 *
 * @throws {UserError} For a seed out of range.
 */
export function pictureSource(dataset: PictureDataset, options: PictureOptions): BatchSource {
  const { size, preprocessing, fit = "whole", augmentation } = options;
  const { randomState = 5, cacheBytes = 2 ** 28 } = options;
  new RandomState(randomState); // refuses a seed that is none before the first batch
  const values = size * size * 3;
  const prepare = (indices: Int32Array) =>
    preparePictures(dataset, indices, { preprocessing, size, fit });
  const take = dataset.length * values * 4 <= cacheBytes
    ? cached(prepare, dataset.length, values)
    : prepare;
  return {
    length: dataset.length,
    labels: dataset.labels,
    async batch(indices, epoch) {
      const pixels = await take(indices);
      indices.forEach((index, i) => {
        const random = augmentation && new RandomState(viewSeed(randomState, epoch, index));
        if (random) augmentation.apply(pixels.subarray(i * values, (i + 1) * values), size, random);
      });
      const images = tf.tensor4d(pixels, [indices.length, size, size, 3]);
      return { images, [Symbol.dispose]: () => images.dispose() };
    },
    async identity() {
      return JSON.stringify({
        data: await dataset.hash(),
        size,
        fit,
        preprocessing,
        views: augmentation ? `${augmentation.name}, seed ${randomState}` : "none",
      });
    },
  };
}

/** Prepares each picture once. The result of each call belongs to the caller. */
function cached(
  prepare: (indices: Int32Array) => Promise<Float32Array>,
  length: number,
  values: number,
): (indices: Int32Array) => Promise<Float32Array> {
  const kept = new Float32Array(length * values);
  const known = new Uint8Array(length);
  return async (indices) => {
    const missing = indices.filter((index) => known[index] === 0);
    const prepared = await prepare(missing);
    missing.forEach((index, i) => {
      kept.set(prepared.subarray(i * values, (i + 1) * values), index * values);
      known[index] = 1;
    });
    const pixels = new Float32Array(indices.length * values);
    indices.forEach((index, i) => {
      pixels.set(kept.subarray(index * values, (index + 1) * values), i * values);
    });
    return pixels;
  };
}

/** A seed for each picture in each epoch, by the mixing steps of MurmurHash3 (Appleby 2011, `fmix32`). */
function viewSeed(seed: number, epoch: number, index: number): number {
  let hash = seed >>> 0;
  for (const part of [epoch, index]) {
    hash = Math.imul(hash ^ part, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}
