/** What L-BFGS remembers of the steps behind it. @module */

import type { BatchVector } from "./batch_vector.ts";

/** Sizes of a {@linkcode StepMemory}. */
export interface StepMemoryOptions {
  /** Number of independent problems. */
  readonly problems: number;
  /** Numbers per problem. */
  readonly length: number;
  /** Whether vectors have an image of their own. */
  readonly metric: boolean;
  /** Pairs that are kept. */
  readonly pairs: number;
}

/** Vectors of all problems as they are kept: half as many bytes to fetch, and exact enough for a direction. */
interface KeptVector {
  readonly coords: Float32Array;
  readonly image: Float32Array;
}

/** A step of each problem and the change of its gradient over it. */
interface Pair {
  readonly step: KeptVector;
  readonly change: KeptVector;
  /** 1 / (step · change) of each problem; 0 where that is no use. */
  readonly inverse: Float64Array;
  /** change · change of each problem. */
  readonly square: Float64Array;
}

/**
 * The last steps of several problems and the changes of their gradients, from which a direction is made.
 *
 * Fetching these numbers is most of what an iteration costs beside the function itself. So they are kept in float32, a pass over
 * the direction does the step of one pair and the inner product for the next, and the direction's image, which no inner product here
 * needs, is put together at the end, two vectors in a pass.
 */
export class StepMemory {
  readonly #options: StepMemoryOptions;
  readonly #pairs: Pair[] = [];

  /** Remembers nothing yet. */
  constructor(options: StepMemoryOptions) {
    this.#options = options;
  }

  /** Begins a pair for all problems; the oldest makes room where there are enough. */
  open(): void {
    const { problems, pairs } = this.#options;
    this.#pairs.push(
      this.#pairs.length < pairs
        ? {
          step: this.#vector(),
          change: this.#vector(),
          inverse: new Float64Array(problems),
          square: new Float64Array(problems),
        }
        : this.#pairs.shift()!,
    );
  }

  /**
   * Takes the newest pair of a problem.
   *
   * @param factor How far it went along `direction`.
   * @param before Its gradient where it came from.
   * @param after Its gradient where it is now.
   */
  remember(
    problem: number,
    factor: number,
    { direction, before, after }: Readonly<Record<"direction" | "before" | "after", BatchVector>>,
  ): void {
    const { length, metric } = this.#options;
    const { step, change, inverse, square } = this.#pairs[this.#pairs.length - 1];
    const start = problem * length, end = start + length;
    scaleInto(step.coords, factor, direction.coords, start, end);
    subtractInto(change.coords, after.coords, before.coords, start, end);
    if (metric) {
      scaleInto(step.image, factor, direction.image, start, end);
      subtractInto(change.image, after.image, before.image, start, end);
    }
    const curvature = dotKept(step.coords, change.image, start, end);
    inverse[problem] = curvature > 0 ? 1 / curvature : 0;
    square[problem] = dotKept(change.coords, change.image, start, end);
  }

  /**
   * Writes -(inverse Hessian) * gradient of a problem into `out`, by its `count` newest pairs, or as many as there are (Nocedal and
   * Wright 2006, algorithm 7.4).
   */
  direct(problem: number, count: number, gradient: BatchVector, out: BatchVector): void {
    const { length, metric } = this.#options;
    const start = problem * length, end = start + length;
    const { coords } = out;
    const usable = this.#pairs.slice(Math.max(0, this.#pairs.length - count))
      .filter(({ inverse }) => inverse[problem] !== 0);
    for (let i = start; i < end; i++) coords[i] = -gradient.coords[i];
    const alphas = new Float64Array(usable.length), factors = new Float64Array(usable.length);
    let scale = 1;
    if (usable.length > 0) {
      const newest = usable[usable.length - 1];
      scale = 1 / (newest.inverse[problem] * newest.square[problem]);
      let product = dot(coords, newest.step.image, start, end);
      for (let i = usable.length - 1; i >= 0; i--) {
        const { change, inverse } = usable[i];
        alphas[i] = inverse[problem] * product;
        if (i > 0) {
          const next = usable[i - 1].step.image;
          product = addThenDot(coords, -alphas[i], change.coords, next, start, end);
        } else {
          add(coords, -alphas[i], change.coords, start, end);
        }
      }
      for (let i = start; i < end; i++) coords[i] *= scale;
      product = dot(coords, usable[0].change.image, start, end);
      for (let i = 0; i < usable.length; i++) {
        const { step, inverse } = usable[i];
        factors[i] = alphas[i] - inverse[problem] * product;
        if (i + 1 < usable.length) {
          const next = usable[i + 1].change.image;
          product = addThenDot(coords, factors[i], step.coords, next, start, end);
        } else {
          add(coords, factors[i], step.coords, start, end);
        }
      }
    }
    if (!metric) return;
    const { image } = out;
    for (let i = start; i < end; i++) image[i] = -scale * gradient.image[i];
    usable.forEach(({ change, step }, i) =>
      addBoth(image, -scale * alphas[i], change.image, factors[i], step.image, start, end)
    );
  }

  #vector(): KeptVector {
    const { problems, length, metric } = this.#options;
    const coords = new Float32Array(problems * length);
    return { coords, image: metric ? new Float32Array(problems * length) : coords };
  }
}

// Each of these meets one kind of arrays only, twins on purpose: an inner product that meets all three pairs of kinds takes twice as long.

/** `to = factor * from`, from `start` to `end`. */
function scaleInto(
  to: Float32Array,
  factor: number,
  from: Float64Array,
  start: number,
  end: number,
): void {
  for (let i = start; i < end; i++) to[i] = factor * from[i];
}

/** `to = from - less`. */
function subtractInto(
  to: Float32Array,
  from: Float64Array,
  less: Float64Array,
  start: number,
  end: number,
): void {
  for (let i = start; i < end; i++) to[i] = from[i] - less[i];
}

/** `to += factor * kept`. */
function add(
  to: Float64Array,
  factor: number,
  kept: Float32Array,
  start: number,
  end: number,
): void {
  for (let i = start; i < end; i++) to[i] += factor * kept[i];
}

/** `to += factor * kept + otherFactor * other`. */
function addBoth(
  to: Float64Array,
  factor: number,
  kept: Float32Array,
  otherFactor: number,
  other: Float32Array,
  start: number,
  end: number,
): void {
  for (let i = start; i < end; i++) to[i] += factor * kept[i] + otherFactor * other[i];
}

/** `to += factor * kept`. @returns The inner product of what `to` now is and `other`. */
function addThenDot(
  to: Float64Array,
  factor: number,
  kept: Float32Array,
  other: Float32Array,
  start: number,
  end: number,
): number {
  let sum0 = 0, sum1 = 0, i = start;
  for (; i + 1 < end; i += 2) { // one sum would have each addition wait for the one before
    const value0 = to[i] + factor * kept[i], value1 = to[i + 1] + factor * kept[i + 1];
    to[i] = value0;
    to[i + 1] = value1;
    sum0 += value0 * other[i];
    sum1 += value1 * other[i + 1];
  }
  if (i === end) return sum0 + sum1;
  to[i] += factor * kept[i];
  return sum0 + sum1 + to[i] * other[i];
}

/** Inner product with what is kept. */
function dot(left: Float64Array, right: Float32Array, start: number, end: number): number {
  let sum0 = 0, sum1 = 0, i = start;
  for (; i + 1 < end; i += 2) {
    sum0 += left[i] * right[i];
    sum1 += left[i + 1] * right[i + 1];
  }
  return i < end ? sum0 + sum1 + left[i] * right[i] : sum0 + sum1;
}

/** Inner product of what is kept. */
function dotKept(left: Float32Array, right: Float32Array, start: number, end: number): number {
  let sum0 = 0, sum1 = 0, i = start;
  for (; i + 1 < end; i += 2) {
    sum0 += left[i] * right[i];
    sum1 += left[i + 1] * right[i + 1];
  }
  return i < end ? sum0 + sum1 + left[i] * right[i] : sum0 + sum1;
}
