/** What a classifier is made of and asked for. @module */

import { type OptionKinds, PROGRESS_KINDS } from "../core/check_options.ts";
import type { UserError } from "../core/errors.ts";
import type { Preprocessing } from "../core/preprocessing.ts";
import type { ProgressOptions } from "../core/progress.ts";
import type { Transform } from "../data/transforms/transform.ts";
import type { CalibrationManifest } from "../evaluate/calibration.ts";
import type { FoldScores } from "../evaluate/fold_scores.ts";
import type { Evaluation } from "../evaluate/metrics.ts";
import type { FeatureMatrix, Head } from "../model/heads.ts";
import type { Trunk } from "../model/trunk.ts";
import type { ClassWeights } from "../train/class_weights.ts";
import type { NetworkEpoch } from "../train/fit_reports.ts";
import type { EpochReport } from "../train/linear.ts";
import type { MethodOption } from "../train/method.ts";
import type { MetricsManifest, SplitManifest } from "../store/manifest.ts";
import type { TrainingManifest } from "../store/training_manifest.ts";
import type { WeightDType } from "../weights/quantise.ts";
import {
  FINE_TUNE_KINDS,
  type FineTuneOptions,
  STOPPING_KINDS,
  type StoppingOptions,
} from "./fine_tune_options.ts";
import { VALIDATION_KINDS, type ValidationOptions } from "./validation_part.ts";

/** What a {@linkcode Classifier} is made of. */
export interface ClassifierParts {
  /** The pretrained network; the classifier owns it from now on. */
  readonly trunk: Trunk;
  /** Class names, where they are fixed beforehand. */
  readonly classes?: readonly string[];
  /** Side of the network's input, where it is fixed beforehand. */
  readonly imageSize?: number;
  /** Stages whose features are used. @default {@linkcode DEFAULT_STAGES} */
  readonly stages?: readonly number[];
  /** How pictures are prepared. @default that of the checkpoint's family */
  readonly preprocessing?: Preprocessing;
  /** Whether pictures are scaled whole or cropped. @default {"whole"} */
  readonly fit?: "whole" | "crop";
  /** A head that was trained before; it needs `classes` and `imageSize`. */
  readonly trained?: TrainedHead;
}

/** A head and how it came about. */
export interface TrainedHead {
  /** The head. */
  readonly head: Head;
  /** Seed of its training. */
  readonly seed: number;
  /** How the data was divided; `null` = not told. */
  readonly split: SplitManifest | null;
  /** Scores on the test rows; `null` = not measured. */
  readonly metrics: MetricsManifest | null;
  /** How it was trained; `null` = not told. */
  readonly training: TrainingManifest | null;
  /** How logits become probabilities; `null` = not calibrated. */
  readonly calibration: CalibrationManifest | null;
}

/** How pictures become features. */
export interface FeatureRecipe {
  /** Side of the network's input, in pixels. */
  readonly size: number;
  /** Stages whose pooled outputs are concatenated, ascending. */
  readonly stages: readonly number[];
  /** How pictures are prepared. */
  readonly preprocessing: Preprocessing;
  /** Whether pictures are scaled whole or cropped. */
  readonly fit: "whole" | "crop";
}

/** Options of {@linkcode Classifier.features}. */
export interface FeaturesOptions extends ProgressOptions {
  /** File that keeps the features for the next time; refused if it belongs to other data or settings. */
  readonly cache?: string | URL;
  /**
   * Takes what is wrong with a picture that cannot be decoded, and its place; its features mean nothing then. Not with a cache.
   *
   * @default the first one is thrown
   */
  readonly onUnreadable?: (index: number, error: UserError) => void;
}

/** Of {@linkcode FeaturesOptions}. */
export const FEATURES_KINDS: OptionKinds<FeaturesOptions> = {
  ...PROGRESS_KINDS,
  cache: "any",
  onUnreadable: "function",
};

/** Features that were computed before, row for row those of the data set. */
export interface WithFeatures {
  /** From {@linkcode Classifier.features}. @default computed now */
  readonly features?: FeatureMatrix;
}

/** Of what `Classifier.evaluate` and `Classifier.probabilities` take. */
export const SCORING_KINDS: OptionKinds<ProgressOptions & WithFeatures> = {
  ...PROGRESS_KINDS,
  features: "any",
};

/** Random views of the pictures that are trained on. No others are ever changed: scores and answers are those of the pictures themselves. */
export interface AugmentOptions {
  /** What makes a view of a picture, before it is scaled to the network's input. */
  readonly transform: Transform;
  /**
   * Views of each picture that a head learns from besides the picture itself; their features are computed once. With `"probe"` and
   * `"linear"` only: fine-tuning sees another view in each epoch.
   *
   * @default {4}
   */
  readonly views?: number;
}

/** Options of {@linkcode Classifier.fit}. */
export interface FitOptions extends ProgressOptions, WithFeatures {
  /**
   * What learns, and how: the head alone, or the trunk with it. `"auto"` compares, and depends on how fast the machine is.
   *
   * @default {"probe"}
   */
  readonly method?: MethodOption;
  /** Seed of all that is random: folds, first weights, order, augmented views. @default {5} */
  readonly randomState?: number;
  /** Passes over the images; not with `"probe"`, which runs until it converges. @default {100} with `"linear"`, else {12} */
  readonly epochs?: number;
  /** Learning rate; not with `"probe"`. @default {0.001}; `"lpft"` and `"auto"` also try 0.0003 where that is not better than the probe */
  readonly learningRate?: number;
  /** Images per step; not with `"probe"`. @default {100} with `"linear"`, else {32} */
  readonly batchSize?: number;
  /**
   * Seconds that `"auto"` may take to compare and fine-tune, beyond features and probe. Where a few timed steps say that they will not
   * do, fine-tuning is not tried.
   *
   * @default {60}
   */
  readonly budgetSeconds?: number;
  /** Called with a sentence on what `"auto"` is going to compare, and on what `"lpft"` or `"auto"` chose and why. */
  readonly onNote?: (
    line: string,
    about: "comparing" | "untried" | "impossible" | "chosen",
  ) => void;
  /** How much the pictures of each class count, by all methods: `"balanced"`, or weights by name. @default all alike */
  readonly classWeights?: ClassWeights;
  /** Random views to learn from. @default none; when fine-tuning, flips, small shifts and erased parts */
  readonly augment?: AugmentOptions;
  /** More on fine-tuning; `"finetune"`, `"lpft"` and `"auto"` only. */
  readonly fineTune?: FineTuneOptions;
  /** Called after each epoch; not with `"probe"`. */
  readonly onEpoch?: (report: EpochReport & Pick<NetworkEpoch, "validation">) => void;
  /** What judges fine-tuning: its epochs, and whether it is better than the probe that `"lpft"` starts from. @default see `ValidationOptions.size` */
  readonly validation?: ValidationOptions;
  /** When fine-tuning stops, and which weights it keeps; see {@linkcode STOPPING_DEFAULTS}. */
  readonly earlyStopping?: StoppingOptions;
  /**
   * Ends fine-tuning gently when it is aborted: with what was best so far, as if its epochs were over. Before the first epoch is over
   * there is nothing to keep, and the signal's reason is thrown. `signal` always breaks off.
   */
  readonly stop?: AbortSignal;
  /** See {@linkcode FeaturesOptions.cache}. */
  readonly featuresCache?: string | URL;
}

/** Of {@linkcode FitOptions}. */
export const FIT_KINDS: OptionKinds<FitOptions> = {
  ...SCORING_KINDS,
  method: "string",
  epochs: "number",
  learningRate: "number",
  batchSize: "number",
  randomState: "number",
  budgetSeconds: "number",
  onNote: "function",
  classWeights: "any",
  augment: { transform: "any", views: "number" },
  fineTune: FINE_TUNE_KINDS,
  onEpoch: "function",
  validation: VALIDATION_KINDS,
  earlyStopping: STOPPING_KINDS,
  stop: "signal",
  featuresCache: "any",
};

/** Options of {@linkcode Classifier.predict}. */
export interface PredictOptions extends ProgressOptions, WithFeatures {
  /** How many classes to name for each picture, at least 1; all of them where there are no more. @default {3} */
  readonly top?: number;
  /**
   * Answers `UNKNOWN` where a picture is like nothing that was learnt from, and with it for about this share of the pictures that are;
   * above 0, up to 0.5. For models that are calibrated.
   *
   * @default no picture is turned away
   */
  readonly reject?: number;
}

/** Of {@linkcode PredictOptions}. */
export const PREDICT_KINDS: OptionKinds<PredictOptions> = {
  ...SCORING_KINDS,
  top: "number",
  reject: "number",
};

/** Options of {@linkcode Classifier.save}: what the file tells of its making. */
export interface SaveOptions {
  /** How the data was divided. */
  readonly split?: SplitManifest;
  /** Scores on rows that were kept apart. */
  readonly evaluation?: Evaluation;
  /** Scores of a cross-validation of the same training. */
  readonly crossValidation?: FoldScores;
  /** Arguments of the command line that made the model, so that it can be made again. */
  readonly command?: readonly string[];
  /** `"included"`: the file is complete (about 17 MB); `"absent"`: it needs the checkpoint beside it. @default {"included"} */
  readonly trunk?: "included" | "absent";
  /**
   * How kernels and matrices are kept: `"f16"` halves the file and hardly changes an answer, `"int8"` quarters it.
   *
   * @default {"f32"}
   */
  readonly dtype?: WeightDType;
}

/** Of {@linkcode SaveOptions}. */
export const SAVE_KINDS: OptionKinds<SaveOptions> = {
  split: "any",
  evaluation: "any",
  crossValidation: "any",
  command: "list",
  trunk: "string",
  dtype: "string",
};
