/** How far held-out pictures are from the usual. @module */
import { featureDistances } from "../model/feature_distance.ts";
import { type FeatureMatrix, takeRows } from "../model/feature_matrix.ts";
import { measureColumns, type Scaling } from "../model/standardise.ts";

/**
 * Distances of rows as `featureDistances` tells them, each by mean and scale of the rows of other folds: by those that it is itself among
 * a row is nearer than a new picture would be. With 100 rows, 7 % of new pictures lay beyond what 5 % of the rows did.
 *
 * @param rows The rows that are measured, each of them in a fold.
 * @param options `foldOfRow`: fold of each row of the features, -1 = none; `scaling`: how columns are brought to scale.
 */
export function heldOutDistances(
  features: FeatureMatrix,
  rows: Int32Array,
  { foldOfRow, scaling }: { readonly foldOfRow: Int32Array; readonly scaling: Scaling },
): Float64Array {
  const distances = new Float64Array(rows.length);
  const all = Int32Array.from(foldOfRow.keys());
  for (const fold of new Set(rows.map((row) => foldOfRow[row]))) {
    const rest = takeRows(features, all.filter((row) => foldOfRow[row] !== fold));
    const places = Int32Array.from(rows.keys()).filter((i) => foldOfRow[rows[i]] === fold);
    const own = takeRows(features, places.map((i) => rows[i]));
    const known = { ...measureColumns(rest, scaling), columns: features.columns };
    featureDistances(known, own)!.forEach((distance, i) => distances[places[i]] = distance);
  }
  return distances;
}
