/** Batches of a data set, prepared for the network. @module */
import type { Preprocessing } from "../core/preprocessing.ts";
import { DEFAULT_RANDOM_STATE, RandomState } from "../core/random.ts";
import type { ImageDataset } from "../data/dataset.ts";
import type { Transform } from "../data/transforms/transform.ts";
import { attachTfjs } from "../backend/start.ts";
import type { Augmentation } from "./augment.ts";
import type { BatchSource } from "./batch_source.ts";
import { coresToSpare, prepareAhead, preparePictures, type View } from "./prepare_pictures.ts";
import { viewSeed, viewState } from "./view_state.ts";

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
  /** Threads that decode files beside the calling one; pictures are the same. @default one for each other core, up to 4 */
  readonly pictureThreads?: number;
  /** Whether a batch is made by these threads while the one before is learnt from. @default where the backend leaves a core */
  readonly ahead?: boolean;
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
  "length" | "labels" | "size" | "kept" | "hash"
>;

/**
 * Pictures of a data set for a training run; its batches are tensors of the running backend. The view of a picture depends on seed,
 * epoch and its place in the data set, not on the batch it is in.
 *
 * @throws {UserError} For a seed out of range.
 */
export function pictureSource(dataset: PictureDataset, options: PictureOptions): BatchSource {
  const { size, preprocessing, fit = "whole", transform, augmentation } = options;
  const { randomState = DEFAULT_RANDOM_STATE, cacheBytes = 2 ** 28, pictureThreads: threads } =
    options;
  const { ahead = coresToSpare() > 0 } = options;
  new RandomState(randomState); // refuses a seed that is none before the first batch
  const names = [transform, augmentation].flatMap((change) => change ? [change.name] : []);
  const values = size * size * 3;
  const recipe = (indices: Int32Array, epoch: number) => {
    const seed = (at: number) => viewSeed(randomState, { view: epoch, index: indices[at] });
    const views: View[] = [transform ? { transform, seed } : "itself"];
    return { preprocessing, size, fit, views, threads };
  };
  const prepare = (indices: Int32Array, epoch: number) =>
    preparePictures(dataset, indices, recipe(indices, epoch));
  const keeps = transform === undefined && dataset.length * values * 4 <= cacheBytes;
  const take = keeps ? cached(prepare, dataset.length, values) : prepare;
  let next: { readonly key: string; readonly pixels: Promise<Float32Array> } | undefined;
  const keyOf = (indices: Int32Array, epoch: number) => `${epoch}: ${indices.join()}`;
  return {
    length: dataset.length,
    labels: dataset.labels,
    async batch(indices, epoch) {
      const known = next?.key === keyOf(indices, epoch) ? next.pixels : undefined;
      next = undefined;
      const pixels = await (known ?? take(indices, epoch));
      if (augmentation) {
        indices.forEach((index, i) => {
          const place = { view: epoch, index };
          // Another chance than that of the transform.
          const seed = transform ? viewSeed(randomState, place) : randomState;
          const random = viewState(seed, place);
          augmentation.apply(pixels.subarray(i * values, (i + 1) * values), size, random);
        });
      }
      const tf = await attachTfjs();
      const images = tf.tensor4d(pixels, [indices.length, size, size, 3]);
      return { images, [Symbol.dispose]: () => images.dispose() };
    },
    async expect(indices, epoch) {
      if (!ahead || keeps) return;
      const { pixels, handedOut } = prepareAhead(dataset, indices, recipe(indices, epoch));
      next = { key: keyOf(indices, epoch), pixels };
      await handedOut;
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
  prepare: (indices: Int32Array, epoch: number) => Promise<Float32Array>,
  length: number,
  values: number,
): (indices: Int32Array, epoch: number) => Promise<Float32Array> {
  const kept = new Float32Array(length * values);
  const known = new Uint8Array(length);
  return async (indices, epoch) => {
    const missing = indices.filter((index) => known[index] === 0);
    const prepared = await prepare(missing, epoch);
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
