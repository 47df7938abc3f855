/** What a classifier says of a picture. @module */

import { UserError } from "../core/errors.ts";
import { topK } from "../model/heads.ts";

/** A class by name and how sure the model is of it. */
export interface ClassProbability {
  /** Name of the class. */
  readonly label: string;
  /** Probability, 0 to 1. */
  readonly probability: number;
}

/**
 * The answer to a picture that is like nothing the model has learnt from, where such pictures are turned away. A class may have that
 * name, too: {@linkcode Prediction.unknown} tells.
 */
export const UNKNOWN = "unknown";

/** The answer for one picture. */
export interface Prediction extends ClassProbability {
  /** The likeliest classes, likeliest first; the first is the answer itself, unless the picture was turned away. */
  readonly top: readonly ClassProbability[];
  /**
   * Whether the picture was turned away: then the label is {@linkcode UNKNOWN}, and the probability still that of the likeliest class. Undefined
   * where none are, see `PredictOptions.reject`.
   */
  readonly unknown?: boolean;
  /**
   * How unlike those learnt from the picture is, from 0; of those few are above 1 or 2, pictures of something else far above. Undefined
   * as `unknown`.
   */
  readonly strangeness?: number;
}

/** @throws {UserError} Unless `top` is a whole number from 1; Infinity stands for all classes. */
export function checkTop(top: number): void {
  if (top >= 1 && (Number.isInteger(top) || top === Infinity)) return;
  throw new UserError(`Cannot predict: top is ${top}, expected a whole number from 1`);
}

/**
 * Names the likeliest classes of each row of probabilities.
 *
 * @param probabilities Row-major `[rows, classes]`.
 * @param top How many classes to name for each row, at least 1.
 *
 * @example
 * ```ts
 * import { namePredictions } from "./prediction.ts";
 * const [{ label, top }] = namePredictions(Float32Array.of(0.25, 0.75), ["cat", "dog"], 2);
 * if (label !== "dog" || top[1].label !== "cat") throw new Error(JSON.stringify(top));
 * ```
 */
export function namePredictions(
  probabilities: Float32Array,
  classes: readonly string[],
  top: number,
): Prediction[] {
  const k = classes.length;
  return Array.from({ length: probabilities.length / k }, (_, row) => {
    const ranked = topK(probabilities.subarray(row * k, (row + 1) * k), top)
      .map(({ index, probability }) => ({ label: classes[index], probability }));
    return { ...ranked[0], top: ranked };
  });
}
