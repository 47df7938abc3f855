/** Confidence intervals for proportions. @module */

/** A proportion with its 95 % interval. */
export interface Proportion {
  /** Share of successes, 0 to 1. */
  readonly value: number;
  /** Lower end of the interval. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
  /** Number of trials. */
  readonly n: number;
}

/** 97.5 % quantile of the normal distribution. */
const Z95 = 1.959963984540054;

/**
 * Wilson score interval of a proportion at 95 % (Wilson 1927): sensible for small `n` and near 0 and 1,
 * where the textbook interval is not.
 *
 * @param successes Number of successes, 0 to `n`.
 * @param n Number of trials; with 0 the interval is the whole of [0, 1] and the value `NaN`.
 *
 * @example
 * ```ts
 * import { wilson } from "./intervals.ts";
 * const { low, high } = wilson(81, 100);
 * if (low.toFixed(4) !== "0.7222" || high.toFixed(4) !== "0.8749") throw new Error(`${low} ${high}`);
 * ```
 */
export function wilson(successes: number, n: number): Proportion {
  if (n === 0) return { value: NaN, low: 0, high: 1, n };
  const p = successes / n;
  const z2 = Z95 * Z95;
  const centre = p + z2 / (2 * n);
  const spread = Z95 * Math.sqrt((p * (1 - p) + z2 / (4 * n)) / n);
  const scale = 1 + z2 / n;
  return {
    value: p,
    low: Math.max(0, (centre - spread) / scale),
    high: Math.min(1, (centre + spread) / scale),
    n,
  };
}
