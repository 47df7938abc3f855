/** Features beside the pictures that they are of. @module */

import type { ImageDataset } from "../data/dataset.ts";
import type { FeatureMatrix } from "../model/heads.ts";

/** @throws {RangeError} When there are features of more or fewer pictures. */
export function checkRows(
  { rows }: Pick<FeatureMatrix, "rows">,
  { length, source }: Pick<ImageDataset, "length" | "source">,
): void {
  if (rows === length) return;
  throw new RangeError(`Cannot use the features: they have ${rows} rows, ${source} has ${length}`);
}
