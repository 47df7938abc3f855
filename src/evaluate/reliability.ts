/** Whether probabilities mean what they say. @module */
import { UserError } from "../core/errors.ts";
import { likeliest } from "./likeliest.ts";

/** The answers whose likeliest class was given a probability within one bin. */
export interface ReliabilityBin {
  /** Lower end, excluded; the first bin holds 0, too. */
  readonly low: number;
  /** Upper end, included. */
  readonly high: number;
  /** Number of answers. */
  readonly count: number;
  /** Their mean probability; NaN where there are none. */
  readonly confidence: number;
  /** Share of them that were right; NaN where there are none. */
  readonly accuracy: number;
}

/** How far probabilities are from what comes true. */
export interface Reliability {
  /** Expected calibration error, 0 to 1: the mean over answers of their bin's |accuracy - confidence|. */
  readonly ece: number;
  /** The bins, from low to high. */
  readonly bins: readonly ReliabilityBin[];
}

/** Options of {@linkcode reliability}. */
export interface ReliabilityOptions {
  /** Number of bins of equal width. @default {15} */
  readonly bins?: number;
}

/** As in Guo et al. 2017. */
const DEFAULT_BINS = 15;

/**
 * Expected calibration error over bins of equal width (Naeini, Cooper and Hauskrecht 2015; Guo, Pleiss, Sun and Weinberger 2017,
 * "On Calibration of Modern Neural Networks", eq. 3): with `B(m)` the answers whose largest probability lies in
 * `((m - 1) / M, m / M]`,
 *
 * `ECE = Σ over m of |B(m)| / n * |accuracy(B(m)) - mean largest probability(B(m))|`.
 *
 * @param probabilities Row-major `[rows, classes]`; of equal ones the first counts as the answer.
 * @param labels True class index of each row.
 * @param classes Number of classes.
 * @returns `ece` is NaN without rows.
 * @throws {UserError} When there are not as many probabilities as rows and classes ask for, or `bins` is no whole number from 1.
 *
 * @example
 * ```ts
 * import { reliability } from "./reliability.ts";
 * // Two answers at 0.75, one of them right: half are right where three in four should be.
 * const { ece, bins } = reliability(Float32Array.of(0.75, 0.25, 0.75, 0.25), [0, 1], 2);
 * if (ece !== 0.25 || bins[11].count !== 2) throw new Error(`${ece}`);
 * ```
 */
export function reliability(
  probabilities: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
  { bins: count = DEFAULT_BINS }: ReliabilityOptions = {},
): Reliability {
  const rows = labels.length;
  if (probabilities.length !== rows * classes || !(Number.isInteger(count) && count >= 1)) {
    throw new UserError(
      `Cannot measure reliability: ${probabilities.length} probabilities for ${rows} rows and ${classes} classes, ${count} bins; ` +
        `expected ${rows * classes} and a whole number of bins`,
    );
  }
  const sizes = new Int32Array(count), hits = new Int32Array(count);
  const sums = new Float64Array(count);
  for (const [row, best] of likeliest(probabilities, classes).entries()) {
    const confidence = probabilities[row * classes + best];
    // Rounding may carry a probability a little past 1.
    const bin = Math.min(count, Math.max(1, Math.ceil(confidence * count))) - 1;
    sizes[bin]++;
    sums[bin] += confidence;
    if (best === labels[row]) hits[bin]++;
  }
  let gaps = 0;
  for (let bin = 0; bin < count; bin++) gaps += Math.abs(hits[bin] - sums[bin]);
  return {
    ece: gaps / rows,
    bins: Array.from(sizes, (size, bin) => ({
      low: bin / count,
      high: (bin + 1) / count,
      count: size,
      confidence: sums[bin] / size,
      accuracy: hits[bin] / size,
    })),
  };
}
