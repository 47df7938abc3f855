/** How far features are from the usual. @module */
import { UserError } from "../core/errors.ts";
import type { FeatureMatrix } from "./feature_matrix.ts";
import type { Head } from "./heads.ts";

/**
 * Root mean square of each row's features as a head sees them, less their mean and brought to scale: how far a picture is from the
 * average one that was trained on.
 *
 * @returns One number a row; undefined for a head that does not bring features to scale, which keeps nothing to measure by.
 * @throws {UserError} When the features are not as wide as the head expects.
 */
export function featureDistances(
  { mean, scale, columns }: Pick<Head, "mean" | "scale" | "columns">,
  features: FeatureMatrix,
): Float64Array | undefined {
  if (mean === undefined || scale === undefined) return undefined;
  if (features.columns !== columns) {
    throw new UserError(
      `Cannot measure distances: there are ${features.columns} features, the head was trained on ${columns}`,
    );
  }
  return Float64Array.from({ length: features.rows }, (_, row) => {
    let sum = 0;
    for (let column = 0, at = row * columns; column < columns; column++, at++) {
      sum += ((features.data[at] - mean[column]) / scale[column]) ** 2;
    }
    return Math.sqrt(sum / columns);
  });
}
