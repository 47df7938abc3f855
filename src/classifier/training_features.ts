/** Features that a head is trained on. @module */

import type { ProgressOptions } from "../core/progress.ts";
import type { ImageDataset } from "../data/dataset.ts";
import type { FeatureMatrix } from "../model/feature_matrix.ts";
import { extractFeatures, type FeatureTrunk } from "../train/features.ts";
import type { FeatureRecipe } from "./options.ts";
import { headOf, type ResolvedTraining } from "./resolve_training.ts";

/** What {@linkcode trainingFeatures} goes by. */
export interface TrainingFeatureOptions extends ProgressOptions {
  /** How pictures become features. */
  readonly recipe: FeatureRecipe;
  /** Features of the pictures themselves, where they are known. */
  readonly known?: FeatureMatrix;
  /** File that keeps them. */
  readonly cache?: string | URL;
}

/**
 * Features of the pictures, followed by those of their views where the head is to learn from views; fine-tuning makes views of its own.
 *
 * @throws {UserError} As `extractFeatures` does.
 */
export async function trainingFeatures(
  trunk: FeatureTrunk,
  data: ImageDataset,
  training: ResolvedTraining,
  { recipe, known, cache, onProgress, signal }: TrainingFeatureOptions,
): Promise<FeatureMatrix> {
  const { views, randomState } = headOf(training);
  if (known !== undefined && views === undefined) return known;
  return await extractFeatures(trunk, data, {
    ...recipe,
    cache,
    augment: views && { ...views, randomState, originals: known },
    onProgress,
    signal,
  });
}
