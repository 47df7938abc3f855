/** Round numbers for an axis. @module */

/** Marks of an axis, ascending, with their labels. */
export interface Ticks {
  /** Where the marks are. */
  readonly values: readonly number[];
  /** What stands beside each. */
  readonly labels: readonly string[];
}

/** Options of {@linkcode niceTicks}. */
export interface TickOptions {
  /** About how many intervals are wanted; there may be half as many, or half as many again. @default {5} */
  readonly intervals?: number;
  /** Whether marks stand on whole numbers only, as for epochs. @default {false} */
  readonly whole?: boolean;
}

/** Steps within a power of ten, as people count. */
const STEPS = [1, 2, 5, 10];

/** Beyond these exponents, numbers are written with powers of ten. */
const PLAIN_EXPONENTS = { least: -4, most: 6 };

/**
 * Marks at multiples of 1, 2 or 5 times a power of ten that lie within `low` to `high`; both ends may lie between marks.
 *
 * @param low Finite.
 * @param high Finite, at least `low`; where both are equal there is one mark, at that very number.
 *
 * @example
 * ```ts
 * import { niceTicks } from "./ticks.ts";
 * const { labels } = niceTicks(15.3, 17.9);
 * if (labels.join() !== "15.5,16.0,16.5,17.0,17.5") throw new Error(labels.join());
 * ```
 */
export function niceTicks(
  low: number,
  high: number,
  { intervals = 5, whole = false }: TickOptions = {},
): Ticks {
  if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high)) {
    throw new RangeError(`Cannot mark an axis from ${low} to ${high}: expected low <= high`);
  }
  const step = niceStep(low, high, intervals, whole);
  if (step === undefined) return { values: [low], labels: [Number(low.toPrecision(6)).toString()] };
  const first = Math.ceil(low / step - ROUNDING), last = Math.floor(high / step + ROUNDING);
  // Multiples, not sums: sums would carry rounding from mark to mark. Adding 0 makes 0 of -0.
  const values = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step + 0);
  return { values, labels: values.map((value) => label(value, step)) };
}

/** Share of a step by which a mark may lie outside through rounding. */
const ROUNDING = 1e-9;

/** The step nearest to what is wanted, by ratio; undefined where the range is too narrow for any. */
function niceStep(
  low: number,
  high: number,
  intervals: number,
  whole: boolean,
): number | undefined {
  const raw = (high - low) / intervals;
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  if (!(raw > magnitude * Number.EPSILON * 8)) return undefined; // marks would fall on one another
  const power = 10 ** Math.floor(Math.log10(raw));
  const off = (factor: number) => Math.abs(Math.log(factor * power / raw));
  const factor = STEPS.reduce((best, next) => off(next) < off(best) ? next : best);
  return whole ? Math.max(1, factor * power) : factor * power;
}

function label(value: number, step: number): string {
  const exponent = Math.floor(Math.log10(step) + ROUNDING);
  const largest = value === 0 ? exponent : Math.floor(Math.log10(Math.abs(value)) + ROUNDING);
  if (value === 0) return "0";
  if (exponent < PLAIN_EXPONENTS.least || largest >= PLAIN_EXPONENTS.most) {
    return value.toExponential(Math.max(0, largest - exponent)).replace("e+", "e");
  }
  return value.toFixed(Math.max(0, -exponent));
}
