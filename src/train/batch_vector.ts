/** Vectors of several problems in one. @module */

/**
 * Vectors of all problems, problem after problem, with their images under the metric of the space:
 * `dot(u, v) = u.coords · v.image`. In ordinary coordinates both fields are the same array.
 */
export interface BatchVector {
  /** Coordinates, `[problems * length]`. */
  readonly coords: Float64Array;
  /** Metric times coordinates, `[problems * length]`; may be the very array of `coords`. */
  readonly image: Float64Array;
}

/** A vector of zeros; with `metric` its image is an array of its own. */
export function createVector(size: number, metric: boolean): BatchVector {
  const coords = new Float64Array(size);
  return { coords, image: metric ? new Float64Array(size) : coords };
}

/** Which numbers {@linkcode gatherRows} takes. */
export interface GatherOptions {
  /** Rows of each problem. */
  readonly rows: number;
  /** Numbers of a row that are taken. */
  readonly width: number;
  /** Numbers from one row to the next. @default the width */
  readonly stride?: number;
}

/**
 * The rows of some problems, `width` of every `stride` numbers, one behind the other.
 *
 * @returns `[problems, rows, width]`.
 */
export function gatherRows(
  problems: readonly number[],
  from: Float64Array,
  { rows, width, stride = width }: GatherOptions,
): Float32Array {
  const to = new Float32Array(problems.length * rows * width);
  let at = 0;
  for (const problem of problems) {
    for (let row = problem * rows; row < (problem + 1) * rows; row++) {
      to.set(from.subarray(row * stride, row * stride + width), at);
      at += width;
    }
  }
  return to;
}
