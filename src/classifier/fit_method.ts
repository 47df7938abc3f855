/** Training by any of the methods. @module */

import type { ImageDataset } from "../data/dataset.ts";
import { mixName } from "../data/transforms/mix_batch.ts";
import { type FeatureMatrix, type Head, takeRows } from "../model/heads.ts";
import { measureColumns } from "../model/standardise.ts";
import { weightsText } from "../train/class_weights.ts";
import type { Method } from "../train/method.ts";
import type { HeldOutPictures, ProbeHead } from "../train/probe.ts";
import { viewRows } from "../train/view_rows.ts";
import type { LoadedWeights } from "../weights/load.ts";
import { eitherSignal } from "./either_signal.ts";
import { fineTune } from "./fine_tune.ts";
import { DEFAULT_RANDOM_STATE, fitHead } from "./fit_head.ts";
import type { FeatureRecipe, FitOptions } from "./options.ts";
import { type ValidationOptions, validationRows } from "./validation_part.ts";
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
  /** What judged it and was not learnt from, where anything did. */
  readonly validation?: ImageDataset;
  /** What its like say of pictures that they have not learnt from: rows of the features. */
  readonly heldOut?: HeldOutPictures;
  /** How it went. */
  readonly course: TrainingCourse;
}

/** Views of each picture where no number is given. */
export const DEFAULT_VIEWS = 4;

/** Options of {@linkcode fitByMethod}. */
export interface MethodOptions extends
  Omit<
    FitOptions,
    "method" | "features" | "featuresCache" | "classWeights" | "budgetSeconds" | "onNote"
  > {
  /** What learns. @default {"probe"} */
  readonly method?: Method;
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
    const { classWeights, randomState, epochs, learningRate, batchSize, onProgress, onEpoch } =
      rest;
    const fitted = await fitHead(features, labels, data.classes, {
      ...{
        method,
        classWeights,
        randomState,
        epochs,
        learningRate,
        batchSize,
        onProgress,
        onEpoch,
      },
      groups,
      signal: eitherSignal(rest),
      holdOut: true,
    });
    const { heldOut, ...head }: Head & Pick<ProbeHead, "heldOut"> = fitted;
    const course = courseOfHead(method, fitted);
    if (augment === undefined) return { head, heldOut, course };
    const { views = DEFAULT_VIEWS } = augment;
    const details = { ...head.details, ...augmentation, views };
    return { head: { ...head, details }, heldOut, course };
  }
  const { validation, earlyStopping, randomState = DEFAULT_RANDOM_STATE, ...others } = rest;
  const { classWeights, onProgress } = rest;
  const judged = divide(data, { ...validation, randomState });
  // Fine-tuning makes views of its own: what it starts from is told of the pictures themselves.
  const rows = judged.rows ?? Int32Array.from(data.labels.keys());
  const learnt = rows.length === features.rows ? features : takeRows(features, rows);
  const probe = { randomState, classWeights, onProgress, signal: eitherSignal(rest) };
  const start = method === "lpft"
    ? { head: await fitHead(learnt, judged.train.labels, data.classes, probe) }
    : { standardisation: measureColumns(learnt, "standard") };
  const tuned = await fineTune({ weights, recipe, ...start }, judged.train, {
    ...tuning,
    ...others,
    validation: judged.validation,
    stopping: earlyStopping,
    transform: augment?.transform,
    randomState,
  });
  const { head } = tuned;
  return {
    weights: tuned.weights,
    validation: judged.validation,
    course: courseOfTuning(
      method,
      tuned,
      judged.validation && {
        rows: judged.validation.length,
        part: validation?.part ?? "validation",
      },
    ),
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

/** Pictures to learn from and those that judge. */
interface Divided {
  readonly train: ImageDataset;
  readonly validation?: ImageDataset;
  /** Rows of those to learn from, where they are not all. */
  readonly rows?: Int32Array;
}

function divide(
  data: ImageDataset,
  { size, data: own, randomState }: ValidationOptions & { readonly randomState: number },
): Divided {
  if (own !== undefined) return { train: data, validation: own.withClasses(data.classes) };
  const rows = validationRows(data, { size, randomState });
  if (rows === undefined) return { train: data };
  return {
    train: data.subset(rows.train),
    validation: data.subset(rows.validation),
    rows: rows.train,
  };
}
