/** Features beside the pictures that they are of. @module */

import { UserError } from "../core/errors.ts";
import { awaitAdvice, givenKind } from "../core/given_kind.ts";
import type { ImageDataset } from "../data/dataset.ts";
import type { FeatureMatrix } from "../model/heads.ts";

/** @throws {UserError} When there are features of more or fewer pictures, or they are none. */
export function checkRows(
  features: FeatureMatrix,
  { length, source }: Pick<ImageDataset, "length" | "source">,
): void {
  const { rows, data } = (features ?? {}) as Partial<FeatureMatrix>;
  if (!Number.isInteger(rows) || !(data instanceof Float32Array)) {
    throw new UserError(
      `Cannot use the features: they are ${givenKind(features)}, expected what features() gives; ${
        awaitAdvice(features) ?? "write { features: await model.features(data) }"
      }`,
    );
  }
  if (rows === length) return;
  throw new UserError(`Cannot use the features: they have ${rows} rows, ${source} has ${length}`);
}
