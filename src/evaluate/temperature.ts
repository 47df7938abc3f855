/** One number that makes probabilities mean what they say. @module */

import { UserError } from "../core/errors.ts";

/** Options of {@linkcode fitTemperature}. */
export interface TemperatureOptions {
  /**
   * Rows with a label drawn at random that are thought to be among the others: without any, a few rows that are all answered right
   * would ask for certainty. With many rows one does not matter.
   *
   * @default {1}
   */
  readonly randomRows?: number;
}

/** Temperatures from the sharpest to the flattest that are looked for. */
const LOWEST = 0.02;
const HIGHEST = 50;

/** Steps at most, and how often one halves the bracket: to a millionth of it at worst. */
const STEPS = 100;
const HALVE_EVERY = 4;

/**
 * The temperature at which `softmax(logits / temperature)` has the least mean log-loss: temperature scaling (Guo, Pleiss, Sun and
 * Weinberger 2017, "On Calibration of Modern Neural Networks", section 4.2). It changes no answer, only how sure it is. Above 1 the
 * logits were too sure of themselves, below 1 not sure enough, as those of strongly regularised heads are.
 *
 * The log-loss is convex in `1 / temperature`, so that its slope has one zero at most: found by Newton's steps within a bracket, which is
 * halved where a step would leave it.
 *
 * @param logits Row-major `[rows, classes]`, of rows that the head has not learnt from.
 * @param labels True class index of each row.
 * @param classes Number of classes.
 * @returns From 0.02 to 50; 1 without rows.
 * @throws {UserError} When logits and labels do not fit together.
 *
 * @example
 * ```ts
 * import { fitTemperature } from "./temperature.ts";
 * // Logits of 4 and 0 say 0.98; one in four is wrong.
 * const logits = Float32Array.of(4, 0, 4, 0, 4, 0, 4, 0);
 * const temperature = fitTemperature(logits, [0, 0, 0, 1], 2, { randomRows: 0 });
 * const probability = 1 / (1 + Math.exp(-4 / temperature));
 * if (probability.toFixed(6) !== "0.750000") throw new Error(`${probability}`);
 * ```
 */
export function fitTemperature(
  logits: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
  { randomRows = 1 }: TemperatureOptions = {},
): number {
  const rows = labels.length;
  if (logits.length !== rows * classes) {
    throw new UserError(
      `Cannot fit a temperature: ${logits.length} logits for ${rows} rows and ${classes} classes; expected ${
        rows * classes
      }`,
    );
  }
  if (rows === 0) return 1;
  // A row of a random label is every row with the same small part of its label spread over all classes.
  const spread = randomRows / (rows + randomRows);
  let low = 1 / HIGHEST, high = 1 / LOWEST; // of 1 / temperature
  let sharpness = 1;
  for (let step = 0; step < STEPS; step++) {
    const { slope, curvature } = lossSlope(logits, labels, { classes, sharpness, spread });
    if (slope === 0) break;
    if (slope > 0) high = sharpness;
    else low = sharpness;
    const newton = sharpness - slope / curvature;
    // Not where the curvature is 0 and the step no number; and from time to time not at all, since where the loss falls for ever its
    // steps are short.
    const helps = newton > low && newton < high && step % HALVE_EVERY !== HALVE_EVERY - 1;
    const next = helps ? newton : (low + high) / 2;
    if (Math.abs(next - sharpness) <= Number.EPSILON * sharpness) break;
    sharpness = next;
  }
  return 1 / sharpness;
}

/** First and second derivative of the mean log-loss of `softmax(sharpness * logits)` by the sharpness. */
function lossSlope(
  logits: Float32Array,
  labels: ArrayLike<number>,
  options: { readonly classes: number; readonly sharpness: number; readonly spread: number },
): { slope: number; curvature: number } {
  const { classes, sharpness, spread } = options;
  let slope = 0, curvature = 0;
  for (let row = 0; row < labels.length; row++) {
    const first = row * classes;
    let largest = -Infinity;
    for (let k = 0; k < classes; k++) largest = Math.max(largest, logits[first + k]);
    // Logits relative to the largest: their mean, variance and plain average.
    let mass = 0, mean = 0, square = 0, average = 0;
    for (let k = 0; k < classes; k++) {
      const logit = logits[first + k] - largest;
      const weight = Math.exp(sharpness * logit);
      mass += weight;
      mean += weight * logit;
      square += weight * logit * logit;
      average += logit / classes;
    }
    mean /= mass;
    const own = logits[first + labels[row]] - largest;
    slope += mean - (1 - spread) * own - spread * average;
    curvature += square / mass - mean * mean;
  }
  return { slope: slope / labels.length, curvature: curvature / labels.length };
}
