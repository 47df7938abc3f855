/** Whether options of training belong together. @module */

import { listKnown, UserError } from "../core/errors.ts";
import { METHOD_OPTIONS } from "../train/method.ts";
import { checkParts } from "./check_parts.ts";
import type { FitOptions } from "./options.ts";

/** Options of fine-tuning that have their place beside them, and its name. */
const TOLD_AS = {
  classWeights: "classWeights, so that it holds for all that learns,",
  transform: "augment",
  validate: "validation",
  monitor: "earlyStopping",
  keep: "earlyStopping",
  earlyStopping: "earlyStopping",
  stop: "stop",
} as const;
const TOLD_BESIDE = Object.keys(TOLD_AS) as (keyof typeof TOLD_AS)[];

/**
 * Refuses what does not belong together, before minutes go into features.
 *
 * @throws {UserError} For an unknown method, for options of fine-tuning with one that does not fine-tune, for class weights
 * among those, which belong to all methods, and for a number of views with one that makes them anew.
 */
export function checkMethod(options: FitOptions): void {
  const { method = "probe", fineTune: tuning, augment, validation, earlyStopping } = options;
  const { budgetSeconds, onNote } = options;
  if (!METHOD_OPTIONS.includes(method)) {
    throw new UserError(
      `Cannot train: method is ${JSON.stringify(method)}, expected ${listKnown(METHOD_OPTIONS)}`,
    );
  }
  checkParts(options);
  if (augment?.views !== undefined && tunesTrunk(method)) {
    throw new UserError(
      `Cannot train by method ${
        JSON.stringify(method)
      }: views belongs to "probe" and "linear"; fine-tuning sees another view in each epoch`,
    );
  }
  if (tuning?.mix !== undefined && !mayTune(method)) {
    throw new UserError(
      `Cannot train by method ${
        JSON.stringify(method)
      }: mixed pictures belong to two classes at once, which only "finetune" and "lpft" learn from; leave mixup and cutmix out, or fine-tune`,
    );
  }
  const misplaced = mayTune(method)
    ? undefined
    : Object.entries({ fineTune: tuning, validation, earlyStopping })
      .find(([, value]) => value !== undefined)?.[0];
  if (misplaced !== undefined) {
    throw new UserError(
      `Cannot train by method ${
        JSON.stringify(method)
      }: ${misplaced} belongs to "finetune", "lpft" and "auto"`,
    );
  }
  if (method !== "auto" && budgetSeconds !== undefined) {
    throw new UserError(
      `Cannot train by method ${JSON.stringify(method)}: budgetSeconds belongs to "auto"`,
    );
  }
  if (method !== "auto" && method !== "lpft" && onNote !== undefined) {
    throw new UserError(
      `Cannot train by method ${
        JSON.stringify(method)
      }: onNote belongs to "lpft" and "auto", which choose between models`,
    );
  }
  if (budgetSeconds !== undefined && !(budgetSeconds >= 0)) {
    throw new UserError(
      `Cannot train: budgetSeconds is ${budgetSeconds}, expected 0 or more; 0 leaves no time for fine-tuning`,
    );
  }
  if (method === "auto" && tuning?.checkpoint !== undefined) {
    throw new UserError(
      'Cannot train by method "auto": a checkpoint belongs to a single run; take "finetune" or "lpft"',
    );
  }
  const beside = TOLD_BESIDE.find((name) => tuning !== undefined && name in tuning);
  if (beside !== undefined) {
    throw new UserError(
      `Cannot train: ${beside} is among the options of fineTune; give ${
        TOLD_AS[beside]
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

/** Whether a method trains the trunk, or may do so. */
export function mayTune(method: FitOptions["method"]): boolean {
  return method === "auto" || tunesTrunk(method);
}

/** Whether a method trains the trunk, too. */
export function tunesTrunk(method: FitOptions["method"]): boolean {
  return method === "finetune" || method === "lpft";
}
