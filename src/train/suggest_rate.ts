/** Which learning rate a range test speaks for. @module */

/** What a range test saw, step by step. */
export interface RateCurve {
  /** Learning rate of each step, ascending. */
  readonly rates: readonly number[];
  /** Loss before each step, smoothed. */
  readonly smoothed: readonly number[];
}

/** Learning rates that a range test speaks for. */
export interface RateSuggestion {
  /** Where the loss falls fastest with the logarithm of the rate. */
  readonly steepest: number;
  /** A tenth of the rate at which the loss is least: at the least itself, the steps are about to become too long. */
  readonly tenthOfLeast: number;
}

/** Share of the steps at the beginning that is not looked at: a mean over few batches moves by chance. */
const SKIPPED_SHARE = 0.1;

/** Steps at the end that are not looked at: there, a test that was stopped runs away. */
const SKIPPED_AT_END = 5;

/** Falls of less than this share of the loss are rounding. */
const ROUNDING = 1e-9;

/**
 * Reads a range test as fastai does (its `steep` and `minimum`, over what is left without the first tenth of the steps that were
 * meant to be made and the last five that were).
 *
 * @param steps Steps that were meant to be made.
 * @returns Nothing where the loss never falls.
 *
 * @example
 * ```ts
 * import { suggestRate } from "./suggest_rate.ts";
 * const rates = Array.from({ length: 12 }, (_, i) => 10 ** (i / 2 - 5));
 * const smoothed = [3, 3, 3, 2.9, 2, 1.5, 1.6, 2, 4, 8, 9, 9];
 * const { steepest, tenthOfLeast } = suggestRate({ rates, smoothed }, rates.length)!;
 * if (steepest !== rates[3] || tenthOfLeast !== rates[5] / 10) throw new Error();
 * ```
 */
export function suggestRate(
  { rates, smoothed }: RateCurve,
  steps: number,
): RateSuggestion | undefined {
  const first = Math.floor(steps * SKIPPED_SHARE);
  const last = rates.length - SKIPPED_AT_END - 1;
  let steepest = -1, slope = 0, least = first;
  for (let i = first; i <= last; i++) {
    if (smoothed[i] < smoothed[least]) least = i;
    if (i === last) break;
    const rise = smoothed[i + 1] - smoothed[i];
    const steep = rise / Math.log(rates[i + 1] / rates[i]);
    if (steep < slope && rise < -ROUNDING * smoothed[i]) [steepest, slope] = [i, steep];
  }
  if (steepest < 0) return undefined;
  return { steepest: rates[steepest], tenthOfLeast: rates[least] / 10 };
}
