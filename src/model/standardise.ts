/** Columns brought to mean 0 and to like scale. @module */
import type { FeatureMatrix } from "./feature_matrix.ts";

/** What was subtracted from and divided out of each column. */
export interface Standardisation {
  /** Mean of each column. */
  readonly mean: Float32Array;
  /** What each column is divided by; 1 where a column does not vary. */
  readonly scale: Float32Array;
}

/**
 * How columns are brought to scale.
 *
 * - `"standard"`: divided by their standard deviation, as scikit-learn's `StandardScaler` does;
 * - `"pareto"`: divided by its square root only (times the square root of the columns' geometric mean deviation, so that the
 *   unit does not matter): columns that vary much keep some of their weight (van den Berg et al. 2006).
 */
export type Scaling = "standard" | "pareto";

/**
 * Means and scales of the columns, in double precision and two passes. A column that is constant up to rounding gets
 * scale 1, by the rule of scikit-learn's `StandardScaler`, so it becomes 0 rather than noise.
 */
export function measureColumns(features: FeatureMatrix, scaling: Scaling): Standardisation {
  const means = columnMeans(features);
  const deviations = columnDeviations(features, means);
  return {
    mean: Float32Array.from(means),
    scale: Float32Array.from(scaling === "pareto" ? paretoScales(deviations) : deviations)
      .map((scale) => scale === 0 ? 1 : scale),
  };
}

function columnMeans({ data, rows, columns }: FeatureMatrix): Float64Array {
  const sums = new Float64Array(columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) sums[column] += data[at++];
  }
  return sums.map((sum) => sum / rows);
}

/** Population standard deviations; exactly 0 for a column that is constant up to rounding. */
function columnDeviations(
  { data, rows, columns }: FeatureMatrix,
  means: Float64Array,
): Float64Array {
  const squares = new Float64Array(columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const distance = data[at++] - means[column];
      squares[column] += distance * distance;
    }
  }
  return squares.map((square, column) => {
    const variance = square / rows;
    const rounding = rows * Number.EPSILON * variance +
      (rows * means[column] * Number.EPSILON) ** 2;
    return variance <= rounding ? 0 : Math.sqrt(variance);
  });
}

function paretoScales(deviations: Float64Array): Float64Array {
  const varying = deviations.filter((deviation) => deviation > 0);
  const logs = varying.reduce((sum, deviation) => sum + Math.log(deviation), 0);
  const typical = varying.length > 0 ? Math.exp(logs / varying.length) : 1;
  return deviations.map((deviation) => Math.sqrt(deviation * typical));
}

/** Rows `start` to `end` of `features`, less the mean and divided by the scale: a new array `[end - start, columns]`. */
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
