/** Options of a training, checked and resolved once: below this nobody fills in a default. @module */

import type { ProgressOptions } from "../core/progress.ts";
import { DEFAULT_RANDOM_STATE } from "../core/random.ts";
import type { ImageDataset } from "../data/dataset.ts";
import type { Transform } from "../data/transforms/transform.ts";
import { LINEAR_DEFAULTS } from "../train/linear.ts";
import { checkTrainable } from "./check_trainable.ts";
import {
  FINE_TUNE_DEFAULTS,
  type FineTuneDefaults,
  type FineTuneOptions,
  STOPPING_DEFAULTS,
  type StoppingOptions,
} from "./fine_tune_options.ts";
import type { FitOptions } from "./options.ts";
import { validateTraining } from "./validate_training.ts";
import type { ValidationOptions } from "./validation_part.ts";
import { checkKeepShare } from "./wise_ft.ts";

/** Augmented views of each image that a head learns from, where no number is given. */
export const DEFAULT_VIEWS = 4;

/** Seconds for choosing and fine-tuning where nothing is said: what comes unasked must not keep people waiting. */
export const DEFAULT_BUDGET_SECONDS = 60;

/**
 * Learning rates that LP-FT tries where none is given, the first one first. What was tried on five data sets is in bench/RESULTS.md:
 * 0.001 adapts the backbone to small grey images, and harms it on few photos.
 */
const LPFT_LEARNING_RATES: readonly number[] = [FINE_TUNE_DEFAULTS.learningRate, 3e-4];

/**
 * How far LP-FT's saved weights are from the probe's network (0) to the fine-tuned one (1). Mean of three seeds on 3,000 images of small
 * grey clothes that nothing was learnt from: accuracy 0.885 and log loss 0.366 at 0.65, 0.884 and 0.377 at 0.75.
 */
const LPFT_KEEP_SHARE = 0.65;

/**
 * Epochs of the first trial, of the second one, and of the training on all images after each, over those of a training: together they
 * take at most one and a half times as long as one, whichever wins. Shorter trials (a third of the epochs, or three fifths of the images)
 * did not show what a high rate gains once it has recovered from its first steps.
 */
const TRIAL_EPOCHS = { trials: [3 / 4, 5 / 12], after: [2 / 3, 1 / 3] } as const;

/** With more epochs than these a validation set chooses the epoch; with fewer the schedule has them end with the best. */
const MOST_EPOCHS_BY_TRIALS = 24;

/** What any training goes by. */
interface ResolvedCommon extends ProgressOptions {
  /** Seed of all that is random. */
  readonly randomState: number;
  /** Weight of each class, in order; undefined: all 1. */
  readonly classWeights: Float64Array | undefined;
  /** Ends fine-tuning gently, see `FitOptions.stop`; breaks off the training of a head. */
  readonly stop?: AbortSignal;
}

/** Augmented views of each image beside the image itself. */
export interface ResolvedViews {
  readonly transform: Transform;
  readonly views: number;
}

/** A training by `"probe"`. */
export interface ResolvedProbe extends ResolvedCommon {
  readonly kind: "probe";
  readonly views: ResolvedViews | undefined;
}

/** A training by `"linear"`. */
export interface ResolvedLinear extends ResolvedCommon {
  readonly kind: "linear";
  readonly views: ResolvedViews | undefined;
  readonly epochs: number;
  readonly learningRate: number;
  readonly batchSize: number;
  readonly onEpoch: FitOptions["onEpoch"];
}

/** A learning rate that LP-FT tries. */
export interface ResolvedTrial {
  readonly learningRate: number;
  /** Epochs of the trial on four fifths of the images. */
  readonly epochs: number;
  /** Epochs that follow on all images if it wins. */
  readonly epochsAfter: number;
}

/** A training by `"finetune"` or `"lpft"`. */
export type ResolvedFinetune = ResolvedCommon & FineTuneOptions & FineTuneDefaults & {
  readonly kind: "finetune";
  /** Where the head starts. */
  readonly init: "zeros" | "probe";
  /** By which images fine-tuning is compared with the probe that it starts from; `"none"`: it is saved in any case. */
  readonly comparison: "none" | "validation" | "trials";
  /** With `comparison: "trials"`: what is tried, in turn, until one is better than the probe. */
  readonly trials: readonly ResolvedTrial[];
  /** The probe that is saved where fine-tuning is not better. */
  readonly probe: ResolvedProbe;
  /** Whether nobody asked for fine-tuning: it then has to be better than the probe by a standard error at the least. */
  readonly isAutomatic: boolean;
  readonly validation: ValidationOptions;
  readonly stopping: Required<StoppingOptions>;
  /** Augmented views of the decoded images, before they are scaled. */
  readonly transform: Transform | undefined;
  readonly onEpoch: FitOptions["onEpoch"];
  readonly onNote: FitOptions["onNote"];
};

/** A choice between a probe and LP-FT. */
export interface ResolvedAuto {
  readonly kind: "auto";
  readonly budgetSeconds: number;
  readonly probe: ResolvedProbe;
  readonly finetune: ResolvedFinetune;
}

/** All that a training goes by. */
export type ResolvedTraining = ResolvedProbe | ResolvedLinear | ResolvedFinetune | ResolvedAuto;

/** The head that a training trains, or begins with. */
export function headOf(training: ResolvedTraining): ResolvedProbe | ResolvedLinear {
  return "probe" in training ? training.probe : training;
}

/** The seed of a training. */
export function seedOf(training: ResolvedTraining): number {
  return headOf(training).randomState;
}

/**
 * Checks the options of a training against each other and against the data, and fills in every default.
 *
 * @throws {UserError} For options that do not belong to the method or contradict each other, a value out of range, class weights that are
 * not those of the data, and data that nothing can be learnt from.
 */
export function resolveTraining(options: FitOptions, data: ImageDataset): ResolvedTraining {
  validateTraining(options);
  const { method = "probe", randomState = DEFAULT_RANDOM_STATE, augment } = options;
  const { onProgress, signal, stop, onEpoch } = options;
  const classWeights = checkTrainable(data, options.classWeights);
  const common: ResolvedCommon = { randomState, classWeights, onProgress, signal, stop };
  const views = augment && { transform: augment.transform, views: augment.views ?? DEFAULT_VIEWS };
  if (method === "probe") return { kind: "probe", ...common, views };
  if (method === "linear") {
    const { epochs, learningRate, batchSize } = withDefaults(LINEAR_DEFAULTS, options);
    return { kind: "linear", ...common, views, epochs, learningRate, batchSize, onEpoch };
  }
  // Fine-tuning makes other views of its own in each epoch: its probe learns from the images themselves.
  const probe: ResolvedProbe = {
    ...{ kind: "probe", ...common },
    views: method === "auto" ? views : undefined,
  };
  const finetune = resolveFinetune(options, probe);
  if (method !== "auto") return finetune;
  const { budgetSeconds = DEFAULT_BUDGET_SECONDS } = options;
  return { kind: "auto", budgetSeconds, probe, finetune };
}

function resolveFinetune(options: FitOptions, probe: ResolvedProbe): ResolvedFinetune {
  const { method, augment, earlyStopping, onEpoch, onNote } = options;
  const isAutomatic = method === "auto";
  // Without validation images an automatic choice would have nothing to go by.
  const validation = isAutomatic && options.validation?.size === 0 ? undefined : options.validation;
  const init = method === "finetune" ? "zeros" : "probe";
  const { randomState, classWeights, onProgress, signal, stop } = probe;
  const defaults = init === "probe"
    ? { ...FINE_TUNE_DEFAULTS, keepShare: LPFT_KEEP_SHARE }
    : FINE_TUNE_DEFAULTS;
  const { epochs, learningRate, batchSize } = withDefaults(defaults, options);
  const settings = withDefaults(defaults, options.fineTune ?? {});
  checkKeepShare(settings.keepShare);
  const isValidated = validation !== undefined || earlyStopping !== undefined ||
    epochs > MOST_EPOCHS_BY_TRIALS;
  const isCompared = init === "probe" && validation?.size !== 0;
  const rates = options.learningRate === undefined ? LPFT_LEARNING_RATES : [options.learningRate];
  return {
    ...settings,
    ...{ epochs, learningRate, batchSize, randomState, classWeights, onProgress, signal, stop },
    ...{ kind: "finetune", init },
    comparison: !isCompared ? "none" : isValidated ? "validation" : "trials",
    trials: rates.map((learningRate, i) => ({
      learningRate,
      epochs: Math.ceil(TRIAL_EPOCHS.trials[i] * epochs),
      epochsAfter: options.epochs ?? Math.ceil(TRIAL_EPOCHS.after[i] * epochs),
    })),
    probe,
    isAutomatic,
    validation: validation ?? {},
    stopping: withDefaults(STOPPING_DEFAULTS, earlyStopping ?? {}),
    transform: augment?.transform,
    onEpoch,
    onNote,
  };
}

/** The options that have a value. */
function given<T extends object>(options: T): Partial<T> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}

function withDefaults<D extends object, T extends object>(defaults: D, options: T): D & T {
  return { ...defaults, ...given(options) } as D & T;
}
