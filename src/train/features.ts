/** Pictures through the frozen trunk, each exactly once. @module */
import type { Preprocessing } from "../core/preprocessing.ts";
import type { ProgressOptions } from "../core/progress.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { tf } from "../deps.ts";
import type { FeatureMatrix } from "../model/feature_matrix.ts";
import { batchImages, checkStages, type Trunk } from "../model/trunk.ts";
import { breathe } from "./breathe.ts";
import { type FeatureKey, loadFeatures, saveFeatures } from "./feature_cache.ts";
import { preparePictures } from "./prepare_pictures.ts";

/** What extraction asks of a trunk. */
export type FeatureTrunk = Pick<
  Trunk,
  "features" | "featureSize" | "variant" | "weightsSha256"
>;

/** What extraction asks of a data set. */
export type FeatureSource = Pick<ImageDataset, "length" | "size" | "images" | "hash">;

/** Options of {@linkcode extractFeatures}. */
export interface ExtractOptions extends ProgressOptions {
  /** Side that pictures are scaled to, in pixels, 28 or more. */
  readonly size: number;
  /** Stages whose pooled outputs are concatenated in ascending order, 1 to 8. */
  readonly stages: readonly number[];
  /** The checkpoint's preparation. */
  readonly preprocessing: Preprocessing;
  /** Whether pictures are scaled whole or cropped; see `preprocess`. @default {"whole"} */
  readonly fit?: "whole" | "crop";
  /** Pictures that pass at once. @default `batchImages(size)` of the trunk */
  readonly batchSize?: number;
  /**
   * File that keeps the features: read when it is there, refused when it belongs to other weights, settings or data,
   * written when it is not there.
   */
  readonly cache?: string | URL;
}

/**
 * Pooled features of every picture of a data set, in its order. Pictures are decoded batch by batch. Leaves no tensor behind.
 *
 * @returns `[dataset.length, trunk.featureSize(stages)]`
 * @throws {UserError} When a picture cannot be decoded, or the cache file belongs to something else, or cannot be read or written.
 */
export async function extractFeatures(
  trunk: FeatureTrunk,
  dataset: FeatureSource,
  options: ExtractOptions,
): Promise<FeatureMatrix> {
  const { cache, onProgress, signal } = options;
  signal?.throwIfAborted();
  if (cache === undefined) return await compute(trunk, dataset, options);
  const key = await featureKey(trunk, dataset, options);
  const known = await loadFeatures(cache, key);
  if (known !== undefined) {
    const { rows } = known;
    onProgress?.({ stage: "features", done: rows, total: rows, unit: "images" });
    return known;
  }
  const features = await compute(trunk, dataset, options);
  await saveFeatures(cache, features, key);
  return features;
}

/** What a set of features depends on. */
export async function featureKey(
  trunk: FeatureTrunk,
  dataset: FeatureSource,
  { preprocessing, size, fit = "whole", stages }: ExtractOptions,
): Promise<FeatureKey> {
  return {
    weightsSha256: trunk.weightsSha256,
    variant: trunk.variant,
    preprocessing: { ...preprocessing, size, fit },
    stages: checkStages(stages),
    datasetSha256: await dataset.hash(),
  };
}

async function compute(
  trunk: FeatureTrunk,
  dataset: FeatureSource,
  options: ExtractOptions,
): Promise<FeatureMatrix> {
  const { preprocessing, size, fit, stages, onProgress, signal } = options;
  const { batchSize = batchImages(size) } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(
      `Cannot extract features: batchSize is ${batchSize}, expected a whole number from 1`,
    );
  }
  const rows = dataset.length;
  const columns = trunk.featureSize(stages);
  const data = new Float32Array(rows * columns);
  for (let start = 0; start < rows; start += batchSize) {
    const count = Math.min(batchSize, rows - start);
    const indices = Array.from({ length: count }, (_, i) => start + i);
    const prepared = { preprocessing, size, fit, signal };
    const pixels = await preparePictures(dataset, indices, prepared);
    data.set(forward(trunk, pixels, [count, size, size, 3], stages), start * columns);
    onProgress?.({ stage: "features", done: start + count, total: rows, unit: "images" });
    await breathe(signal);
  }
  return { data, rows, columns };
}

/** One batch; gives both tensors back, also when the trunk throws. */
function forward(
  trunk: FeatureTrunk,
  pixels: Float32Array,
  shape: [number, number, number, number],
  stages: readonly number[],
): Float32Array {
  const input = tf.tensor4d(pixels, shape);
  try {
    const output = trunk.features(input, { stages });
    try {
      return output.dataSync() as Float32Array;
    } finally {
      output.dispose();
    }
  } finally {
    input.dispose();
  }
}
