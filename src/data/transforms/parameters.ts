/** Parameters of transforms: their ranges, and how they are drawn. @module */

import { UserError } from "../../core/errors.ts";
import type { RandomState } from "../../core/random.ts";

/** From where to where a parameter is drawn, both included. */
export type Range = readonly [low: number, high: number];

/** What a parameter may be. */
export interface RangeBounds {
  /** What it belongs to, for messages: `blur`. */
  readonly action: string;
  /** What it is called: `sigma`. */
  readonly name: string;
  /** Least that it may be. @default {-Infinity} */
  readonly min?: number;
  /** Most that it may be. @default {Infinity} */
  readonly max?: number;
  /** Whether `min` itself is refused. @default {false} */
  readonly aboveMin?: boolean;
}

/**
 * Returns the range when it makes sense.
 *
 * @throws {UserError} When it is no pair of finite numbers in order and within bounds.
 */
export function checkRange(range: Range, bounds: RangeBounds): Range {
  const { action, name, min = -Infinity, max = Infinity, aboveMin = false } = bounds;
  // Programs without types may give anything.
  const areNumbers = Array.isArray(range) && range.every((end) => typeof end === "number");
  const [low, high] = areNumbers ? range : [NaN, NaN];
  const inside = aboveMin ? low > min : low >= min;
  if (
    areNumbers && range.length === 2 && inside && low <= high && high <= max && isFinite(low + high)
  ) {
    return [low, high];
  }
  const least = min === -Infinity ? "" : `${aboveMin ? " above" : " from"} ${min}`;
  const most = max === Infinity ? "" : `${min === -Infinity ? "" : ","} up to ${max}`;
  throw new UserError(
    `Cannot ${action}: ${name} is ${
      JSON.stringify(range)
    }, expected two numbers in order${least}${most}`,
  );
}

/**
 * Returns the probability when it is one.
 *
 * @throws {UserError} When it is none.
 */
export function checkProbability(p: number, action: string): number {
  if (p >= 0 && p <= 1) return p;
  throw new UserError(`Cannot ${action}: p is ${p}, expected a probability from 0 to 1`);
}

/** A float32 number between the ends of a range, by one `random.randomDouble()`; it is drawn, too, where the ends are equal. */
export function uniform(random: RandomState, [low, high]: Range): number {
  return Math.fround(low + (high - low) * random.randomDouble());
}

/** Python's `round`: halves go to the even neighbour. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + Math.abs(floor % 2) : Math.round(value);
}
