/** What a probe says of a sample that was kept from it. @module */
import type { ProgressOptions } from "../core/progress.ts";
import { countLabels, DEFAULT_FOLDS, firstRows } from "./choose_strength.ts";
import { type HeldOutLogits, heldOutLogits, sampleRows, TOLERANCE } from "./cross_validation.ts";
import type { DesignMatrix } from "./design_matrix.ts";
import { minimise, type MinimiseOptions } from "./lbfgs.ts";
import { SoftmaxRegression } from "./softmax_regression.ts";

/** Options of {@linkcode holdOutSample}. */
export interface SampleOptions extends Pick<ProgressOptions, "signal"> {
  /** Number of classes. */
  readonly classes: number;
  /** Strength of the probe, scikit-learn's `C`. */
  readonly strength: number;
  /** Most pictures that are held out; no more than a fifth of them are. */
  readonly limit: number;
  /** Picture that each row shows; all rows of a picture are held out together, and its first one is told of. */
  readonly groups: Int32Array;
  /** Seed of the sample. */
  readonly randomState: number;
  /** Weight of each class, above 0. @default all 1 */
  readonly classWeights?: ArrayLike<number>;
  /** When the fit ends. @default {@linkcode TOLERANCE} */
  readonly fit?: Pick<MinimiseOptions, "tolerance" | "maxIterations">;
}

/** Logits of a stratified sample of the pictures by a probe that learns from all others: one fit instead of one for each fold. */
export async function holdOutSample(
  design: DesignMatrix,
  labels: Int32Array,
  options: SampleOptions,
): Promise<HeldOutLogits> {
  const { classes, strength, limit, groups, randomState, classWeights, signal } = options;
  const { fit = { tolerance: TOLERANCE } } = options;
  const pictures = firstRows(groups);
  const ofPictures = pictures.map((row) => labels[row]);
  const rows = sampleRows(ofPictures, countLabels(ofPictures, classes), {
    limit: Math.min(limit, pictures.length / DEFAULT_FOLDS),
    keep: 0, // so that a rare class is learnt from
    randomState,
  }).map((picture) => pictures[picture]);
  const heldOut = new Set(rows.map((row) => groups[row]));
  const rest = Int32Array.from(labels.keys()).filter((row) => !heldOut.has(groups[row]));
  const parts = [{ rows: rest }];
  const objective = new SoftmaxRegression(design, { labels, classes, parts, classWeights });
  objective.setStrength(strength);
  await minimise(objective, { ...fit, signal });
  return { rows, logits: heldOutLogits(objective, rows, { classes, problemOf: () => 0 }) };
}
