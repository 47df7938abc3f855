/** Features at the scale at which a head sees them. @module */

import { UserError } from "../core/errors.ts";
import type { FeatureMatrix, Head } from "../model/heads.ts";
import { standardise } from "../model/standardise.ts";

/**
 * The features less the head's means and divided by its scales, so that distances weigh columns as the head does; as they are for
 * a head that has neither.
 *
 * @throws {UserError} When the features are not as wide as the head expects.
 */
export function scaledLikeHead(
  { mean, scale, columns }: Pick<Head, "mean" | "scale" | "columns">,
  features: FeatureMatrix,
): FeatureMatrix {
  if (features.columns !== columns) {
    throw new UserError(
      `Cannot scale the features: there are ${features.columns} of each picture, the head was trained on ${columns}`,
    );
  }
  if (mean === undefined || scale === undefined) return features;
  return { ...features, data: standardise(features, { mean, scale }) };
}
