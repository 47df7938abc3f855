/** Whether what options hand over has the parts that training calls. @module */

import { UserError } from "../core/errors.ts";
import { givenKind } from "../core/given_kind.ts";
import { checkDataset } from "./check_arguments.ts";
import type { FitOptions } from "./options.ts";

/**
 * Refuses a text where a transform, a store or a data set is expected, before minutes go into features.
 *
 * @throws {UserError} With what it is, and what to write.
 */
export function checkParts({ augment, fineTune, validation }: FitOptions): void {
  if (augment !== undefined && !has(augment.transform, "apply")) {
    throw new UserError(
      `Cannot train: augment.transform is ${
        givenKind(augment.transform)
      }, expected a transform; write { transform: randomHorizontalFlip() }, or parseTransform("flip")`,
    );
  }
  const augmentation = fineTune?.augmentation ?? undefined; // null: none
  if (augmentation !== undefined && !has(augmentation, "apply")) {
    throw new UserError(
      `Cannot train: fineTune.augmentation is ${
        givenKind(augmentation)
      }, expected an augmentation, for instance flipAndShift(), or null for none`,
    );
  }
  const checkpoint = fineTune?.checkpoint;
  if (checkpoint !== undefined && !has(checkpoint.store, "occupied")) {
    throw new UserError(
      `Cannot train: fineTune.checkpoint.store is ${
        givenKind(checkpoint.store)
      }, expected where to keep the run; write { store: checkpointFolder("run") }`,
    );
  }
  if (validation?.data !== undefined) checkDataset(validation.data, "train", "validation.data");
  const part = validation?.part;
  if (part !== undefined && part !== "validation" && part !== "test") {
    throw new UserError(
      `Cannot train: validation.part is ${JSON.stringify(part)}, expected "validation" or "test"`,
    );
  }
}

/** Whether a value has a method. */
function has(value: unknown, method: string): boolean {
  return typeof value === "object" && value !== null &&
    typeof (value as Record<string, unknown>)[method] === "function";
}
