/** Batches of a data set, prepared for the network. @module */
import type { Preprocessing } from "../core/preprocessing.ts";
import { RandomState } from "../core/random.ts";
import type { ImageDataset } from "../data/dataset.ts";
import type { Transform } from "../data/transforms/transform.ts";
import { tf } from "../deps.ts";
import type { Augmentation } from "./augment.ts";
import type { BatchSource } from "./batch_source.ts";
import { preparePictures, type View } from "./prepare_pictures.ts";
import { viewState } from "./view_state.ts";

/** Options of {@linkcode pictureSource}. */
export interface PictureOptions {
  /** Side that pictures are scaled to: that of the network. */
  readonly size: number;
  /** The checkpoint's preparation. */
  readonly preprocessing: Preprocessing;
  /** Whether pictures are scaled whole or cropped; see `preprocess`. @default {"whole"} */
  readonly fit?: "whole" | "crop";
  /** Random views of the decoded pictures, before they are scaled; another one of each picture in each epoch. @default none */
  readonly transform?: Transform;
  /** Random views of the scaled and normalised pictures, after `transform`. @default none */
  readonly augmentation?: Augmentation;
  /** Seed of the views, a whole number from 0 to 2^32 - 1. @default {5} */
  readonly randomState?: number;
  /**
   * Prepared pictures are kept when all of them take no more than this and no `transform` makes others of them, else prepared anew each
   * time.
   *
   * @default {2 ** 28} 256 MB
   */
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
  const { size, preprocessing, fit = "whole", transform, augmentation } = options;
  const { randomState = 5, cacheBytes = 2 ** 28 } = options;
  new RandomState(randomState); // refuses a seed that is none before the first batch
  const names = [transform, augmentation].flatMap((change) => change ? [change.name] : []);
  const values = size * size * 3;
  const prepare = (indices: Int32Array, views?: readonly View[]) =>
    preparePictures(dataset, indices, { preprocessing, size, fit, views });
  const take = transform === undefined && dataset.length * values * 4 <= cacheBytes
    ? cached(prepare, dataset.length, values)
    : prepare;
  return {
    length: dataset.length,
    labels: dataset.labels,
    async batch(indices, epoch) {
      const states = transform || augmentation
        ? Array.from(indices, (index) => viewState(randomState, { view: epoch, index }))
        : [];
      const pixels = await take(
        indices,
        transform && [(image, at) => transform.apply(image, states[at])],
      );
      if (augmentation) {
        states.forEach((random, i) =>
          augmentation.apply(pixels.subarray(i * values, (i + 1) * values), size, random)
        );
      }
      const images = tf.tensor4d(pixels, [indices.length, size, size, 3]);
      return { images, [Symbol.dispose]: () => images.dispose() };
    },
    async identity() {
      return JSON.stringify({
        data: await dataset.hash(),
        size,
        fit,
        preprocessing,
        views: names.length > 0 ? `${names.join(", ")}, seed ${randomState}` : "none",
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
