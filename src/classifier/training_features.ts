/** Features that a head is trained on. @module */

import type { ProgressOptions } from "../core/progress.ts";
import type { ImageDataset } from "../data/dataset.ts";
import type { FeatureMatrix } from "../model/feature_matrix.ts";
import { extractFeatures, type FeatureTrunk } from "../train/features.ts";
import { tunesTrunk } from "./check_method.ts";
import { DEFAULT_VIEWS } from "./fit_method.ts";
import type { AugmentOptions, FeatureRecipe, FitOptions } from "./options.ts";

/** What {@linkcode trainingFeatures} goes by. */
export interface TrainingFeatureOptions extends ProgressOptions {
  /** How pictures become features. */
  readonly recipe: FeatureRecipe;
  /** Features of the pictures themselves, where they are known. */
  readonly known?: FeatureMatrix;
  /** File that keeps them. */
  readonly cache?: string | URL;
  /** How the head is trained. */
  readonly method: FitOptions["method"];
  /** Views to learn from. */
  readonly augment?: AugmentOptions;
  /** Seed of the views. */
  readonly randomState: number;
}

/**
 * Features of the pictures, followed by those of their views where the head is to learn from views; fine-tuning makes views of its own.
 *
 * @throws {UserError} As `extractFeatures` does.
 */
export async function trainingFeatures(
  trunk: FeatureTrunk,
  data: ImageDataset,
  options: TrainingFeatureOptions,
): Promise<FeatureMatrix> {
  const { recipe, known, cache, method, augment, randomState, onProgress, signal } = options;
  const views = tunesTrunk(method) ? undefined : augment;
  if (known !== undefined && views === undefined) return known;
  return await extractFeatures(trunk, data, {
    ...recipe,
    cache,
    augment: views && {
      transform: views.transform,
      views: views.views ?? DEFAULT_VIEWS,
      randomState,
      originals: known,
    },
    onProgress,
    signal,
  });
}
