/** Pictures of a data set as the network takes them, few of them decoded at a time. @module */

import type { ImageDataset } from "../data/dataset.ts";
import { preprocess, type PreprocessOptions } from "../data/preprocess.ts";

/** What is asked of a data set. */
export type PictureReader = Pick<ImageDataset, "size" | "images">;

/** Pixels that are held decoded at once, in pictures of any size: 48 MB of colour; a single larger picture takes what it takes. */
const DECODED_PIXELS = 16_000_000;

/**
 * Decodes and prepares pictures. What is decoded is held no longer than it takes to scale it.
 *
 * @param indices Places in the data set.
 * @returns `[indices.length, size, size, 3]`
 * @throws {UserError} When a file cannot be read or decoded.
 */
export async function preparePictures(
  dataset: PictureReader,
  indices: ArrayLike<number>,
  { signal, ...options }: PreprocessOptions & { readonly signal?: AbortSignal },
): Promise<Float32Array> {
  const values = options.size * options.size * 3;
  const prepared = new Float32Array(indices.length * values);
  for (let start = 0; start < indices.length;) {
    const end = groupEnd(dataset, indices, start);
    const group = Array.from({ length: end - start }, (_, i) => indices[start + i]);
    prepared.set(preprocess(await dataset.images(group, { signal }), options), start * values);
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
