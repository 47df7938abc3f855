/** Whether options of a training belong together. @module */

import { listKnown, UserError } from "../core/errors.ts";
import { givenKind } from "../core/given_kind.ts";
import { METHOD_OPTIONS, type MethodOption } from "../train/method.ts";
import { checkDataset } from "./check_arguments.ts";
import { BESIDE_FINE_TUNE } from "./fine_tune_options.ts";
import { refuseLinearOnly } from "./fit_head.ts";
import type { FitOptions } from "./options.ts";

/**
 * Refuses options that do not belong together, before minutes go into features.
 *
 * @throws {UserError} For an unknown method, and an option that the method does not take or that contradicts another one.
 */
export function validateTraining(options: FitOptions): void {
  const { method = "probe", fineTune, augment, validation, earlyStopping } = options;
  const { budgetSeconds, onNote } = options;
  const refuse = (what: string) => {
    throw new UserError(`Cannot train by method ${JSON.stringify(method)}: ${what}`);
  };
  if (!METHOD_OPTIONS.includes(method)) {
    throw new UserError(
      `Cannot train: method is ${JSON.stringify(method)}, expected ${listKnown(METHOD_OPTIONS)}`,
    );
  }
  checkParts(options);
  if (augment?.views !== undefined && tunesTrunk(method)) {
    refuse(`views belongs to "probe" and "linear"; fine-tuning sees another view in each epoch`);
  }
  if (fineTune?.mix !== undefined && !mayTune(method)) {
    refuse(
      `mixed pictures belong to two classes at once, which only "finetune" and "lpft" learn from; leave mixup and cutmix out, or fine-tune`,
    );
  }
  if (!mayTune(method)) {
    const misplaced = Object.entries({ fineTune, validation, earlyStopping })
      .find(([, value]) => value !== undefined)?.[0];
    if (misplaced !== undefined) refuse(`${misplaced} belongs to "finetune", "lpft" and "auto"`);
  }
  if (method === "probe") refuseLinearOnly(options);
  if (method !== "auto" && budgetSeconds !== undefined) {
    refuse(`budgetSeconds belongs to "auto"`);
  }
  if (method !== "auto" && method !== "lpft" && onNote !== undefined) {
    refuse(`onNote belongs to "lpft" and "auto", which choose between models`);
  }
  if (budgetSeconds !== undefined && !(budgetSeconds >= 0)) {
    throw new UserError(
      `Cannot train: budgetSeconds is ${budgetSeconds}, expected 0 or more; 0 leaves no time for fine-tuning`,
    );
  }
  if (method === "auto" && fineTune?.checkpoint !== undefined) {
    refuse('a checkpoint belongs to a single run; take "finetune" or "lpft"');
  }
  const beside = (Object.keys(BESIDE_FINE_TUNE) as (keyof typeof BESIDE_FINE_TUNE)[])
    .find((name) => fineTune !== undefined && name in fineTune);
  if (beside !== undefined) {
    throw new UserError(
      `Cannot train: ${beside} is among the options of fineTune; give ${
        BESIDE_FINE_TUNE[beside]
      } beside them`,
    );
  }
  if (earlyStopping !== undefined && validation?.size === 0) {
    throw new UserError(
      "Cannot stop early: validation has size 0, so that nothing judges the epochs; leave out earlyStopping, or validate",
    );
  }
  if (validation?.data !== undefined && validation.size !== undefined) {
    throw new UserError(
      "Cannot validate: there are both data and a size of validation; give one of them",
    );
  }
}

/** Refuses a text where a transform, a store or a data set is expected. */
function checkParts({ augment, fineTune, validation }: FitOptions): void {
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

/** Whether a method trains the backbone, or may do so. */
export function mayTune(method: MethodOption | undefined): boolean {
  return method === "auto" || tunesTrunk(method);
}

/** Whether a method trains the backbone, too. */
export function tunesTrunk(method: MethodOption | undefined): boolean {
  return method === "finetune" || method === "lpft";
}
