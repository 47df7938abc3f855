/** Intervals by resampling. @module */
import { UserError } from "./errors.ts";
import { DEFAULT_RANDOM_STATE, RandomState } from "./random.ts";

/** A mean with its 95 % interval. */
export interface MeanInterval {
  /** The mean. */
  readonly value: number;
  /** Lower end of the interval. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
}

/** Options of {@linkcode bootstrapMean}. */
export interface BootstrapOptions {
  /** Seed of the draws. @default {5} */
  readonly randomState?: number;
  /** Samples that are drawn. @default {2000} */
  readonly resamples?: number;
}

/** Twice what Efron and Tibshirani 1993 ask for percentile intervals. */
const DEFAULT_RESAMPLES = 2000;

/**
 * Mean of some numbers with the bootstrap percentile interval at 95 % (Efron 1979): of as many numbers drawn from these with
 * replacement, many times, the means from 2.5 % to 97.5 %. Of the differences of two measurements of the same things it is the paired
 * bootstrap.
 *
 * The same numbers and seed give the same interval; draws and quantiles are numpy's, `RandomState(seed).randint(0, n, n)` in turn.
 *
 * @param values One or more.
 * @throws {UserError} Without values, or for fewer resamples than 1.
 *
 * @example
 * ```ts
 * import { bootstrapMean } from "./bootstrap.ts";
 * const { value, low, high } = bootstrapMean([0, 0, 1, 1, 1, 0, 1, 1]);
 * if (value !== 0.625 || !(low < value && value < high)) throw new Error(`${low} ${high}`);
 * ```
 */
export function bootstrapMean(
  values: ArrayLike<number>,
  { randomState = DEFAULT_RANDOM_STATE, resamples = DEFAULT_RESAMPLES }: BootstrapOptions = {},
): MeanInterval {
  const n = values.length;
  if (n === 0 || !(resamples >= 1)) {
    throw new UserError(
      `Cannot resample: there are ${n} values and ${resamples} resamples, expected one or more of both`,
    );
  }
  const random = new RandomState(randomState);
  const means = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) {
    let sum = 0;
    for (let draw = 0; draw < n; draw++) sum += values[random.interval(n - 1)];
    means[i] = sum / n;
  }
  means.sort();
  let total = 0;
  for (let i = 0; i < n; i++) total += values[i];
  return { value: total / n, low: quantile(means, 0.025), high: quantile(means, 0.975) };
}

/**
 * Quantile of numbers in ascending order, between two of them by their share: numpy's default.
 *
 * @param share From 0 to 1.
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
