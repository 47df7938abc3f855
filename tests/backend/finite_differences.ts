/** Gradients against differences of the function itself. @module */
import assert from "node:assert/strict";
import type { RandomState } from "../../src/core/random.ts";
import type { Numbers } from "./reference.ts";

/** A variable of a function, with the gradient that is claimed for it. */
export interface Variable {
  /** Where the gradient is taken. */
  readonly at: Numbers;
  /** Of the same length. */
  readonly gradient: Numbers;
}

/** Options of {@linkcode checkGradients}. */
export interface DifferenceOptions {
  /** Draws the directions. */
  readonly random: RandomState;
  /** Half of the distance of the two places, along numbers of -1 or 1. @default 1e-4 */
  readonly step?: number;
  /** Largest difference, as a part of the gradient's norm, which is what a random direction meets. @default 1e-7 */
  readonly tolerance?: number;
  /** Directions of each variable. @default 3 */
  readonly directions?: number;
}

/**
 * Compares gradients with central differences of `loss` along random directions, one variable at a time. A single wrong
 * element of a gradient of n elements is off by its size / sqrt(n), so that small variables are the sharper test.
 *
 * @throws {assert.AssertionError} Where they differ, or a gradient is all zeros.
 */
export function checkGradients<Name extends string>(
  what: string,
  variables: Readonly<Record<Name, Variable>>,
  loss: (at: Record<Name, Float64Array>) => number,
  { random, step = 1e-4, tolerance = 1e-7, directions = 3 }: DifferenceOptions,
): void {
  const names = Object.keys(variables) as Name[];
  const start = Object.fromEntries(
    names.map((name) => [name, Float64Array.from(variables[name].at)]),
  ) as Record<Name, Float64Array>;
  for (const name of names) {
    const { gradient } = variables[name];
    assert.equal(gradient.length, start[name].length, `${what}: gradient of ${name}`);
    const norm = Math.hypot(...Array.from(gradient));
    assert.ok(norm > 0, `${what}: the gradient of ${name} is 0`);
    for (let i = 0; i < directions; i++) {
      const direction = start[name].map(() => random.randomDouble() < 0.5 ? -1 : 1);
      const along = (sign: number) =>
        loss({
          ...start,
          [name]: start[name].map((value, j) => value + sign * step * direction[j]),
        });
      const measured = (along(1) - along(-1)) / (2 * step);
      const claimed = direction.reduce((sum, value, j) => sum + value * gradient[j], 0);
      const error = Math.abs(measured - claimed) / norm;
      assert.ok(
        error <= tolerance,
        `${what}, by ${name}: ${claimed} claimed, ${measured} measured (${error} of its norm)`,
      );
    }
  }
}

/** Sum of products: a loss whose gradient by `values` is `weights`. */
export function weighted(values: Numbers, weights: Numbers): number {
  assert.equal(values.length, weights.length);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * weights[i];
  return sum;
}
