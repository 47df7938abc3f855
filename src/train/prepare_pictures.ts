/** Pictures of a data set as the network takes them, few of them decoded at a time. @module */

import type { ImageDataset } from "../data/dataset.ts";
import type { Image } from "../data/image.ts";
import { preprocess, type PreprocessOptions } from "../data/preprocess.ts";

/** What is asked of a data set. */
export type PictureReader = Pick<ImageDataset, "size" | "images">;

/** Pixels that are held decoded at once, in pictures of any size: 48 MB of colour; a single larger picture takes what it takes. */
const DECODED_PIXELS = 16_000_000;

/** Changes a decoded picture. @param at Its place among those that are prepared. */
export type View = (image: Image, at: number) => Image;

/** Options of {@linkcode preparePictures}. */
export interface PrepareOptions extends PreprocessOptions {
  /** What to make of each picture before it is scaled. @default the picture itself, once */
  readonly views?: readonly View[];
  /** Ends the work. */
  readonly signal?: AbortSignal;
}

/**
 * Decodes and prepares pictures. What is decoded is held no longer than it takes to scale it, and decoded once for all its views.
 *
 * @param indices Places in the data set.
 * @returns `[views, indices.length, size, size, 3]`
 * @throws {UserError} When a file cannot be read or decoded.
 */
export async function preparePictures(
  dataset: PictureReader,
  indices: ArrayLike<number>,
  { signal, views = [(image) => image], ...options }: PrepareOptions,
): Promise<Float32Array> {
  const values = options.size * options.size * 3;
  const prepared = new Float32Array(views.length * indices.length * values);
  for (let start = 0; start < indices.length;) {
    const end = groupEnd(dataset, indices, start);
    const group = Array.from({ length: end - start }, (_, i) => indices[start + i]);
    const images = await dataset.images(group, { signal });
    views.forEach((view, v) => {
      const seen = images.map((image, i) => view(image, start + i));
      prepared.set(preprocess(seen, options), (v * indices.length + start) * values);
    });
    start = end;
  }
  return prepared;
}

/** Where the pictures that are decoded together with the one at `start` end: at least one is. */
function groupEnd(dataset: PictureReader, indices: ArrayLike<number>, start: number): number {
  let pixels = 0;
  for (let end = start; end < indices.length; end++) {
    const { height, width } = dataset.size(indices[end]);
    pixels += height * width;
    if (end > start && pixels > DECODED_PIXELS) return end;
  }
  return indices.length;
}
