/** Which type an export has. @module */
import { UserError } from "../../core/errors.ts";
import type { WeightDType } from "../../weights/quantise.ts";
import type { Manifest } from "../manifest.ts";

/**
 * The type that was asked for, else the model's own. What was rounded once is not rounded again, and never told to be more than it
 * is.
 *
 * @throws {UserError} When the model's trunk was rounded to another type.
 */
export function chooseDType(
  { dtype, trunk }: Pick<Manifest, "dtype" | "trunk">,
  wanted?: WeightDType,
): WeightDType {
  if (trunk === "absent") return wanted ?? "f32"; // the checkpoint is as it was
  if (dtype === "f32" || wanted === undefined || wanted === dtype) return wanted ?? dtype;
  throw new UserError(
    `Cannot export the model as ${wanted}: its weights were rounded to ${dtype} before; export the model that it was made from`,
  );
}
