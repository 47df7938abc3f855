/** Rows of features as directions, for cosine distances. @module */

import { createMatrix, createTransposed, type Matrix } from "../backend/matrix.ts";
import type { FeatureMatrix } from "../model/feature_matrix.ts";

/** Which part of the features is taken. */
export interface UnitRowsOptions {
  /** First row. @default {0} */
  readonly start?: number;
  /** Row after the last. @default all of them */
  readonly end?: number;
  /** First column. @default {0} */
  readonly firstColumn?: number;
  /** Whether rows become columns, as the right side of a product takes them. @default {false} */
  readonly transposed?: boolean;
}

/**
 * Rows of features at length 1, in the backend's memory; rows of zeros stay zeros.
 *
 * @returns `[end - start, columns - firstColumn]`, or that transposed.
 */
export function unitRows(
  { data, columns, rows }: FeatureMatrix,
  { start = 0, end = rows, firstColumn = 0, transposed = false }: UnitRowsOptions = {},
): Matrix {
  const width = columns - firstColumn;
  const unit = new Float32Array((end - start) * width);
  for (let row = start, to = 0; row < end; row++, to += width) {
    const from = row * columns + firstColumn;
    let square = 0;
    for (let k = 0; k < width; k++) square += data[from + k] * data[from + k];
    const factor = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let k = 0; k < width; k++) unit[to + k] = data[from + k] * factor;
  }
  return (transposed ? createTransposed : createMatrix)(unit, end - start, width);
}
