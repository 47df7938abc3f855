/** Training by any of the methods. @module */

import { listKnown, UserError } from "../core/errors.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { mixName } from "../data/transforms/mix_batch.ts";
import type { FeatureMatrix, Head } from "../model/heads.ts";
import { measureColumns } from "../model/standardise.ts";
import { weightsText } from "../train/class_weights.ts";
import { METHODS } from "../train/method.ts";
import { viewRows } from "../train/view_rows.ts";
import type { LoadedWeights } from "../weights/load.ts";
import { fineTune } from "./fine_tune.ts";
import { DEFAULT_RANDOM_STATE, fitHead } from "./fit_head.ts";
import type { FeatureRecipe, FitOptions } from "./options.ts";
import { courseOfHead, courseOfTuning, type TrainingCourse } from "./training_course.ts";

/** What is trained, and on what. */
export interface TrainingInputs {
  /** Weights of the trunk. */
  readonly weights: LoadedWeights;
  /** Its features of `data`, and of views of it where there are more rows than pictures. */
  readonly features: FeatureMatrix;
  /** Pictures with their labels. */
  readonly data: ImageDataset;
  /** How pictures become features. */
  readonly recipe: FeatureRecipe;
}

/** What training comes to. */
export interface Trained {
  /** The head. */
  readonly head: Head;
  /** The trunk, where it learnt, too. */
  readonly weights?: LoadedWeights;
  /** How it went. */
  readonly course: TrainingCourse;
}

/**
 * Refuses what does not belong together, before minutes go into features.
 *
 * @throws {UserError} For an unknown method, for options of fine-tuning with one that does not fine-tune, for class weights
 * among those, which belong to all methods, and for a number of views with one that makes them anew.
 */
export function checkMethod({ method = "probe", fineTune: tuning, augment }: FitOptions): void {
  if (!METHODS.includes(method)) {
    throw new UserError(
      `Cannot train: method is ${JSON.stringify(method)}, expected ${listKnown(METHODS)}`,
    );
  }
  if (augment?.views !== undefined && tunesTrunk(method)) {
    throw new UserError(
      `Cannot train by method ${
        JSON.stringify(method)
      }: views belongs to "probe" and "linear"; fine-tuning sees another view in each epoch`,
    );
  }
  if (tuning?.mix !== undefined && !tunesTrunk(method)) {
    throw new UserError(
      `Cannot train by method ${
        JSON.stringify(method)
      }: mixed pictures belong to two classes at once, which only "finetune" and "lpft" learn from; leave mixup and cutmix out, or fine-tune`,
    );
  }
  if (tuning !== undefined && !tunesTrunk(method)) {
    throw new UserError(
      `Cannot train by method ${JSON.stringify(method)}: fineTune belongs to "finetune" and "lpft"`,
    );
  }
  if (tuning !== undefined && "classWeights" in tuning) {
    throw new UserError(
      "Cannot train: classWeights is among the options of fineTune; give it beside them, so that it holds for all that learns",
    );
  }
}

/** Whether a method trains the trunk, too. */
export function tunesTrunk(method: FitOptions["method"]): boolean {
  return method === "finetune" || method === "lpft";
}

/** Views of each picture where no number is given. */
export const DEFAULT_VIEWS = 4;

/** Options of {@linkcode fitByMethod}. */
export interface MethodOptions
  extends Omit<FitOptions, "features" | "featuresCache" | "classWeights"> {
  /** Weight of each class, in order. @default all 1 */
  readonly classWeights?: ArrayLike<number>;
}

/** Trains by `options.method`. */
export async function fitByMethod(
  { weights, features, data, recipe }: TrainingInputs,
  options: MethodOptions,
): Promise<Trained> {
  const { method = "probe", fineTune: tuning, augment, ...rest } = options;
  const augmentation = augment && { augmentation: augment.transform.name };
  if (method === "probe" || method === "linear") {
    const { labels, groups } = viewRows(data.labels, features.rows);
    const head = await fitHead(features, labels, data.classes, { ...rest, method, groups });
    const course = courseOfHead(method, head);
    if (augment === undefined) return { head, course };
    const { views = DEFAULT_VIEWS } = augment;
    return { head: { ...head, details: { ...head.details, ...augmentation, views } }, course };
  }
  const { randomState = DEFAULT_RANDOM_STATE, classWeights, onProgress, signal } = rest;
  const probe = { randomState, classWeights, onProgress, signal };
  const start = method === "lpft"
    ? { head: await fitHead(features, data.labels, data.classes, probe) }
    : { standardisation: measureColumns(features, "standard") };
  const tuned = await fineTune({ weights, recipe, ...start }, data, {
    ...tuning,
    ...rest,
    transform: augment?.transform,
    randomState,
  });
  const { head } = tuned;
  return {
    weights: tuned.weights,
    course: courseOfTuning(method, tuned),
    head: {
      ...head,
      details: {
        method,
        ...head.details,
        ...augmentation,
        ...tuning?.mix && { mix: mixName(tuning.mix) },
        ...classWeights && { classWeights: weightsText(classWeights) },
      },
    },
  };
}
