/** Which type an export has. @module */
import { UserError } from "../../core/errors.ts";
import type { WeightDType } from "../../weights/quantise.ts";
import type { Manifest } from "../manifest.ts";

/**
 * The type that was asked for, else the one that the weights have. What was rounded once is not rounded again, and never told to be
 * more than it is.
 *
 * @param kept How the model keeps the weights that are to be exported.
 * @throws {UserError} When they were rounded to another type.
 */
export function chooseDType(kept: WeightDType, wanted: WeightDType = kept): WeightDType {
  if (kept === "f32" || wanted === kept) return wanted;
  throw new UserError(
    `Cannot export the model as ${wanted}: its weights were rounded to ${kept} before; export the model that it was made from`,
  );
}

/** The type of a model's network: of its own trunk, or that of a checkpoint, which is as it was. */
export function networkDType({ trunk, dtype }: Pick<Manifest, "trunk" | "dtype">): WeightDType {
  return trunk === "included" ? dtype : "f32";
}
