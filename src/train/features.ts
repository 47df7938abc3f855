/** Pictures, and views of them, through the frozen trunk, each exactly once. @module */
import { expectWork } from "../backend/start.ts";
import { checkPath } from "../core/check_path.ts";
import { UserError } from "../core/errors.ts";
import type { Preprocessing } from "../core/preprocessing.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { DEFAULT_RANDOM_STATE, RandomState } from "../core/random.ts";
import type { ImageDataset } from "../data/dataset.ts";
import type { Transform } from "../data/transforms/transform.ts";
import type { FeatureMatrix } from "../model/feature_matrix.ts";
import { batchImages, checkStages, type Trunk } from "../model/trunk.ts";
import { breathe } from "./breathe.ts";
import { type FeatureKey, loadFeatures, saveFeatures } from "./feature_cache.ts";
import {
  coresToSpare,
  type PicturesAhead,
  prepareAhead,
  preparePictures,
  type View,
} from "./prepare_pictures.ts";
import { viewSeed } from "./view_state.ts";

/** What extraction asks of a trunk. */
export type FeatureTrunk = Pick<
  Trunk,
  "pooled" | "featureSize" | "variant" | "weightsSha256"
>;

/** What extraction asks of a data set. */
export type FeatureSource = Pick<ImageDataset, "length" | "size" | "kept" | "hash">;

/** Views of pictures that pass, too. */
export interface FeatureViews {
  /** What makes a view of a decoded picture. */
  readonly transform: Transform;
  /** Views of each picture, 1 or more. */
  readonly views: number;
  /** Seed of the views, a whole number from 0 to 2^32 - 1. @default {5} */
  readonly randomState?: number;
  /** Features of the pictures themselves, where they are known. @default computed now */
  readonly originals?: FeatureMatrix;
}

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
  /** Threads that decode files beside the calling one; features are the same. @default one for each other core, up to 4 */
  readonly pictureThreads?: number;
  /** Whether a batch is made by these threads while the one before passes the trunk. @default where the backend leaves a core */
  readonly ahead?: boolean;
  /** Takes what is wrong with a picture that cannot be decoded, and its place; its features mean nothing then. @default thrown */
  readonly onUnreadable?: (index: number, error: UserError) => void;
  /** Random views that pass as well as the pictures themselves. @default none */
  readonly augment?: FeatureViews;
  /**
   * File that keeps the features: read when it is there, refused when it belongs to other weights, settings or data,
   * written when it is not there.
   */
  readonly cache?: string | URL;
}

/**
 * Pooled features of every picture of a data set, in its order. Pictures are decoded batch by batch.
 *
 * With `augment`, a first view of every picture follows in the same order, then a second one, and so on: row `r` shows picture
 * `r % dataset.length`. A view depends on seed, its number and the picture's place, not on batches; it is the one that fine-tuning
 * sees in the epoch of that number. {@linkcode viewRows} has labels and pictures of the rows.
 *
 * @returns `[dataset.length * (1 + views), trunk.featureSize(stages)]`
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
  checkPath(cache, "keep the features");
  if (options.onUnreadable !== undefined) {
    throw new UserError(
      "Cannot keep features of pictures some of which may not be decoded; leave out the cache",
    );
  }
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
  { preprocessing, size, fit = "whole", stages, augment }: ExtractOptions,
): Promise<FeatureKey> {
  return {
    weightsSha256: trunk.weightsSha256,
    variant: trunk.variant,
    preprocessing: { ...preprocessing, size, fit },
    stages: checkStages(stages),
    datasetSha256: await dataset.hash(),
    ...augment && {
      views: `${augment.views} by ${augment.transform.name}, seed ${seedOf(augment)}`,
    },
  };
}

async function compute(
  trunk: FeatureTrunk,
  dataset: FeatureSource,
  options: ExtractOptions,
): Promise<FeatureMatrix> {
  const { stages, augment } = options;
  const columns = trunk.featureSize(stages);
  const { length } = dataset;
  const { known, passes } = passesOf(augment, { rows: length, columns });
  const rows = length * (known.length + passes.length);
  const data = new Float32Array(rows * columns);
  known.forEach((features, i) => data.set(features.data, i * length * columns));
  for await (const { start, count, features } of passBatches(trunk, dataset, passes, options)) {
    for (let pass = 0; pass < passes.length; pass++) {
      const part = features.subarray(pass * count * columns, (pass + 1) * count * columns);
      data.set(part, ((known.length + pass) * length + start) * columns);
    }
  }
  return { data, rows, columns };
}

/**
 * Features of every picture in order, some rows at a time, for whoever does not want to hold them all.
 *
 * @returns Pieces `[pictures, trunk.featureSize(stages)]`, each the caller's.
 * @throws {UserError} When a picture cannot be decoded.
 */
export async function* featureBatches(
  trunk: FeatureTrunk,
  dataset: FeatureSource,
  options: Omit<ExtractOptions, "augment" | "cache">,
): AsyncGenerator<Float32Array> {
  const { passes } = passesOf(undefined, { rows: 0, columns: 0 });
  for await (const { features } of passBatches(trunk, dataset, passes, options)) {
    yield features;
  }
}

/** Features of some pictures, pass by pass. */
interface FeatureBatch {
  /** Place of the first picture. */
  readonly start: number;
  /** Number of pictures. */
  readonly count: number;
  /** `[passes * count, columns]` */
  readonly features: Float32Array;
}

async function* passBatches(
  trunk: FeatureTrunk,
  dataset: FeatureSource,
  passes: readonly Pass[],
  options: ExtractOptions,
): AsyncGenerator<FeatureBatch> {
  const { preprocessing, size, fit, stages, onProgress, onUnreadable, signal } = options;
  const { batchSize = batchImages(size), pictureThreads: threads, ahead = coresToSpare() > 0 } =
    options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new UserError(
      `Cannot extract features: batchSize is ${batchSize}, expected a whole number from 1`,
    );
  }
  const { length } = dataset;
  const pictures = Math.max(1, Math.floor(batchSize / passes.length));
  const indicesFrom = (start: number) => {
    return Array.from({ length: Math.min(pictures, length - start) }, (_, i) => start + i);
  };
  const recipe = (start: number) => ({
    views: passes.map((pass): View =>
      pass === "itself" ? pass : { ...pass, seed: (at) => pass.seed(start + at) }
    ),
    ...{ preprocessing, size, fit, threads, signal },
    ...onUnreadable &&
      { onUnreadable: (at: number, error: UserError) => onUnreadable(start + at, error) },
  });
  let next: PicturesAhead | undefined;
  const report = (done: number) =>
    onProgress?.({ stage: "features", done, total: length * passes.length, unit: "images" });
  await expectWork(length * passes.length * size ** 2);
  if (length > 0) report(0);
  for (let start = 0; start < length; start += pictures) {
    const indices = indicesFrom(start);
    const count = indices.length;
    const pixels = await (next?.pixels ?? preparePictures(dataset, indices, recipe(start)));
    const after = start + pictures;
    next = ahead && after < length
      ? prepareAhead(dataset, indicesFrom(after), recipe(after))
      : undefined;
    await next?.handedOut;
    const features = trunk.pooled(pixels, size, { stages });
    yield { start, count, features };
    report((start + count) * passes.length);
    if (after < length) await breathe(signal); // whoever asked for the last one gets its turn now
    else signal?.throwIfAborted();
  }
}

/** A picture itself, or a random view of it by its place in the data set. */
type Pass = View;

/** What is known of the rows, and what makes a picture of the others, in order. */
function passesOf(
  augment: FeatureViews | undefined,
  shape: { readonly rows: number; readonly columns: number },
): {
  readonly known: readonly FeatureMatrix[];
  readonly passes: readonly Pass[];
} {
  if (augment === undefined) return { known: [], passes: ["itself"] };
  const { transform, views, originals } = augment;
  if (!Number.isInteger(views) || views < 1) {
    throw new UserError(
      `Cannot extract features: views is ${views}, expected a whole number from 1`,
    );
  }
  if (originals && (originals.rows !== shape.rows || originals.columns !== shape.columns)) {
    throw new UserError(
      `Cannot extract features of views: the known ones are ${originals.rows} x ${originals.columns}, expected ` +
        `${shape.rows} x ${shape.columns}`,
    );
  }
  const seed = seedOf(augment);
  const drawn = Array.from({ length: views }, (_, i): Pass => {
    return { transform, seed: (index) => viewSeed(seed, { view: i + 1, index }) };
  });
  return { known: originals ? [originals] : [], passes: originals ? drawn : ["itself", ...drawn] };
}

function seedOf({ randomState = DEFAULT_RANDOM_STATE }: FeatureViews): number {
  new RandomState(randomState); // refuses a seed that is none
  return randomState;
}
