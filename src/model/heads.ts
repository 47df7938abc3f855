/** Classification heads: features to logits to probabilities. @module */
import { createMatrix, multiply } from "../backend/matrix.ts";
import { UserError } from "../core/errors.ts";
import type { FeatureMatrix } from "./feature_matrix.ts";
import { standardise } from "./standardise.ts";

export { type FeatureMatrix, takeRows } from "./feature_matrix.ts";

/** Ways to train a head. */
export type HeadKind = "probe" | "linear" | "finetuned";

/** A trained head; plain data, so that it can be saved, sent and compared. */
export interface Head {
  /** How it was trained: `"probe"` by L-BFGS on scaled features, `"linear"` by steps on plain ones, `"finetuned"` together with its trunk. */
  readonly kind: HeadKind;
  /** Weights, row-major `[columns, classes]`; they apply to (features - `mean`) / `scale` where these are given. */
  readonly weight: Float32Array;
  /** Bias per class. */
  readonly bias: Float32Array;
  /** Subtracted from each feature before the weights apply. */
  readonly mean?: Float32Array;
  /** Divided out of each feature after the mean is subtracted. */
  readonly scale?: Float32Array;
  /** Number of classes. */
  readonly classes: number;
  /** Number of features. */
  readonly columns: number;
  /** How the training went: strength, iterations, epochs … */
  readonly details: Readonly<Record<string, number | string>>;
}

/** A class and how sure the model is of it. */
export interface RankedClass {
  /** Index of the class. */
  readonly index: number;
  /** Probability, 0 to 1. */
  readonly probability: number;
}

/** Rows that pass at once: bounds the copies in the backend's memory. */
const CHUNK = 8192;

/**
 * Scores before softmax, row-major `[rows, classes]`, by the running backend.
 *
 * @throws {UserError} When the features are not as wide as the head expects.
 */
export function logits(head: Head, features: FeatureMatrix): Float32Array {
  const { columns, classes, mean, scale } = head;
  if (features.columns !== columns) {
    throw new UserError(
      `Cannot apply the head: the images have ${features.columns} features each, the head was trained on ${columns}; use the trunk, stages and input size it was trained with`,
    );
  }
  const out = new Float32Array(features.rows * classes);
  using weight = createMatrix(head.weight, columns, classes);
  for (let start = 0; start < features.rows; start += CHUNK) {
    const end = Math.min(features.rows, start + CHUNK);
    const rows = mean && scale
      ? standardise(features, { mean, scale }, start, end)
      : features.data.subarray(start * columns, end * columns);
    using left = createMatrix(rows, end - start, columns);
    const part = multiply(left, weight);
    for (let i = 0; i < part.length; i++) part[i] += head.bias[i % classes];
    out.set(part, start * classes);
  }
  return out;
}

/** Options of {@linkcode predictProbabilities}. */
export interface ProbabilityOptions {
  /** What logits are divided by, above 0; see `fitTemperature`. @default {1} */
  readonly temperature?: number;
}

/**
 * Probabilities, row-major `[rows, classes]`; each row sums to 1 up to rounding. The only place where softmax is
 * applied: heads emit logits.
 */
export function predictProbabilities(
  head: Head,
  features: FeatureMatrix,
  { temperature = 1 }: ProbabilityOptions = {},
): Float32Array {
  const scores = logits(head, features);
  if (temperature !== 1) scores.forEach((score, i) => scores[i] = score / temperature);
  return softmax(scores, head.classes);
}

/**
 * Softmax of each row of `[n, classes]` scores.
 *
 * @example
 * ```ts
 * import { softmax } from "./heads.ts";
 * const [a, b] = softmax(Float32Array.of(1000, 1000), 2);
 * if (a !== 0.5 || b !== 0.5) throw new Error(`${a} ${b}`);
 * ```
 */
export function softmax(scores: Float32Array, classes: number): Float32Array {
  const out = new Float32Array(scores.length);
  const row = new Float64Array(classes);
  for (let start = 0; start < scores.length; start += classes) {
    let largest = -Infinity;
    for (let k = 0; k < classes; k++) largest = Math.max(largest, scores[start + k]);
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += row[k] = Math.exp(scores[start + k] - largest);
    for (let k = 0; k < classes; k++) out[start + k] = row[k] / sum;
  }
  return out;
}

/**
 * The `count` likeliest classes of one row of probabilities, likeliest first; equal ones in class order.
 *
 * @example
 * ```ts
 * import { topK } from "./heads.ts";
 * const best = topK([0.2, 0.5, 0.3], 2);
 * if (best[0].index !== 1 || best[1].index !== 2) throw new Error(JSON.stringify(best));
 * ```
 */
export function topK(probabilities: ArrayLike<number>, count: number): RankedClass[] {
  return Array.from(probabilities, (probability, index) => ({ index, probability }))
    .sort((a, b) => b.probability - a.probability || a.index - b.index)
    .slice(0, Math.max(0, count));
}
