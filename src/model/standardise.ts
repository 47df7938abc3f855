/** Columns brought to mean 0 and variance 1. @module */
import type { FeatureMatrix } from "./heads.ts";

/** What was subtracted from and divided out of each column. */
export interface Standardisation {
  /** Mean of each column. */
  readonly mean: Float32Array;
  /** Population standard deviation of each column; 1 where a column does not vary. */
  readonly scale: Float32Array;
}

/**
 * Means and standard deviations of the columns, in double precision and two passes. A column that is constant up to
 * rounding gets scale 1, by the rule of scikit-learn's `StandardScaler`, so it becomes 0 rather than noise.
 */
export function measureColumns(features: FeatureMatrix): Standardisation {
  const { data, rows, columns } = features;
  const sums = new Float64Array(columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) sums[column] += data[at++];
  }
  const means = sums.map((sum) => sum / rows);
  const squares = new Float64Array(columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const distance = data[at++] - means[column];
      squares[column] += distance * distance;
    }
  }
  const scale = Float32Array.from(squares, (square, column) => {
    const variance = square / rows;
    const rounding = rows * Number.EPSILON * variance +
      (rows * means[column] * Number.EPSILON) ** 2;
    return variance <= rounding ? 1 : Math.sqrt(variance);
  });
  return { mean: Float32Array.from(means), scale };
}

/** Rows `start` to `end` of `features`, standardised: a new array `[end - start, columns]`. */
export function standardise(
  features: FeatureMatrix,
  { mean, scale }: Standardisation,
  start = 0,
  end: number = features.rows,
): Float32Array {
  const { data, columns } = features;
  const out = new Float32Array((end - start) * columns);
  for (let row = start, at = 0, from = start * columns; row < end; row++) {
    for (let column = 0; column < columns; column++) {
      out[at++] = (data[from++] - mean[column]) / scale[column];
    }
  }
  return out;
}
