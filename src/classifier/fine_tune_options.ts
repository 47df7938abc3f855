/** What may be set of fine-tuning, and what it does unless told otherwise. @module */

import type { OptionKinds } from "../core/check_options.ts";
import type { Head } from "../model/heads.ts";
import type { NetworkOptions } from "../model/network.ts";
import type { Augmentation } from "../train/augment.ts";
import type { FitNetworkOptions } from "../train/fit_options.ts";
import type { ScheduleOptions } from "../train/schedule.ts";

/** When fine-tuning ends before its epochs are over, and with which weights. Needs validation. */
export interface StoppingOptions {
  /** Which figure says what is best: the loss tells more, where few pictures judge. @default {"loss"} */
  readonly monitor?: "loss" | "accuracy";
  /** Epochs without a new best that are waited for; `Infinity` runs them all. @default {@linkcode STOPPING_DEFAULTS} */
  readonly patience?: number;
  /** By how much a figure has to be better to count. @default {0} */
  readonly minDelta?: number;
  /** Epochs that follow when patience is at its end, see `EarlyStopping`. @default {4} */
  readonly coolDown?: number;
  /** Whether the weights of the best epoch are kept, also when no epoch is left; else the last. @default {true} */
  readonly restoreBest?: boolean;
}

/** Of {@linkcode StoppingOptions}. */
export const STOPPING_KINDS: OptionKinds<StoppingOptions> = {
  monitor: "string",
  patience: "number",
  minDelta: "number",
  coolDown: "number",
  restoreBest: "boolean",
};

/** What `StoppingOptions` are unless told otherwise. */
export const STOPPING_DEFAULTS: Required<StoppingOptions> = {
  monitor: "loss",
  patience: 10,
  minDelta: 0,
  coolDown: 4,
  restoreBest: true,
};

/**
 * Options about fine-tuning alone; the defaults are those of {@linkcode FINE_TUNE_DEFAULTS}, else those of `fitNetwork`. What other
 * methods have, too (`epochs`, `learningRate`, `batchSize`, `randomState`, …), stands beside them.
 */
export interface FineTuneOptions extends
  Pick<
    FitNetworkOptions,
    | "schedule"
    | "optimizer"
    | "weightDecay"
    | "decays"
    | "layerDecay"
    | "maxNorm"
    | "labelSmoothing"
    | "startDecay"
    | "averageDecay"
    | "mix"
    | "shuffle"
    | "dropLast"
    | "maxLoss"
    | "checkpoint"
    | "onStep"
  >,
  Pick<NetworkOptions, "dropout" | "stochasticDepth" | "memory"> {
  /** First part that learns, for instance `"features.5"`; what lies before stays as it is. @default everything learns */
  readonly freezeTo?: string;
  /** Batch norm by its running statistics, which small batches leave in order, or by those of each batch. @default {"running"} */
  readonly batchNorm?: "batch" | "running";
  /** Random views of the scaled pictures; `null` for none. @default flips, small shifts and erased parts; none where there is a `transform` */
  readonly augmentation?: Augmentation | null;
  /**
   * How far the kept weights go from the checkpoint's (0) to the trained ones (1): what lies between is often better than either
   * on pictures that were not trained on (WiSE-FT, Wortsman et al. 2022).
   *
   * @default {0.75} 0.65 with `method: "lpft"`
   */
  readonly keepShare?: number;
  /** Called with the head that training starts from, where there is one. */
  readonly onStart?: (head: Head) => void;
}

/** Options that stand beside those of fine-tuning, since other methods have them, too, and where; for messages. */
export const BESIDE_FINE_TUNE = {
  epochs: "epochs",
  learningRate: "learningRate",
  batchSize: "batchSize",
  randomState: "randomState",
  onEpoch: "onEpoch",
  onProgress: "onProgress",
  signal: "signal",
  stop: "stop",
  classWeights: "classWeights, which holds for every method,",
  transform: "augment",
  validate: "validation",
  monitor: "earlyStopping",
  keep: "earlyStopping",
  earlyStopping: "earlyStopping",
} as const;

/** Kinds of {@linkcode FineTuneOptions}; of the options beside them, so that a message can say where they belong. */
export const FINE_TUNE_KINDS: OptionKinds<FineTuneOptions> = {
  ...Object.fromEntries(Object.keys(BESIDE_FINE_TUNE).map((name) => [name, "any"])),
  freezeTo: "string",
  keepShare: "number",
  schedule: {
    kind: "string",
    warmup: "number",
    warmupFrom: "number",
    end: "number",
    startDivisor: "number",
    endDivisor: "number",
  },
  optimizer: {
    kind: "string",
    beta1: "number",
    beta2: "number",
    epsilon: "number",
    momentum: "number",
    dampening: "number",
    nesterov: "boolean",
  },
  weightDecay: "number",
  decays: "function",
  layerDecay: "number",
  maxNorm: "number",
  labelSmoothing: "number",
  startDecay: "number",
  averageDecay: "number",
  batchNorm: "string",
  dropout: "number",
  stochasticDepth: "number",
  memory: "string",
  mix: { mixup: "number", cutmix: "number", p: "number" },
  augmentation: "any",
  shuffle: "boolean",
  dropLast: "boolean",
  maxLoss: "number",
  checkpoint: { store: "any", every: "number", resume: "boolean", identity: "any" },
  onStart: "function",
  onStep: "function",
};

/** Options of a fine-tuning that have a default of graft's own. */
export interface FineTuneDefaults {
  /** Passes over the images. */
  readonly epochs: number;
  /** Learning rate at the schedule's factor 1. */
  readonly learningRate: number;
  /** Images per step. */
  readonly batchSize: number;
  /** How the learning rate goes over the steps. */
  readonly schedule: ScheduleOptions;
  /** See `FitNetworkOptions.layerDecay`. */
  readonly layerDecay: number;
  /** See `FitNetworkOptions.maxNorm`. */
  readonly maxNorm: number;
  /** See `LossOptions.labelSmoothing`. */
  readonly labelSmoothing: number;
  /** See {@linkcode FineTuneOptions.batchNorm}. */
  readonly batchNorm: "batch" | "running";
  /** See `NetworkOptions.stochasticDepth`. */
  readonly stochasticDepth: number;
  /** See {@linkcode FineTuneOptions.keepShare}. */
  readonly keepShare: number;
}

/** Settings that win on a few hundred small pictures; the measurements behind them are in bench/RESULTS.md. */
export const FINE_TUNE_DEFAULTS: FineTuneDefaults = {
  epochs: 12,
  learningRate: 1e-3,
  batchSize: 32,
  schedule: { kind: "cosine", warmup: 0.1 },
  layerDecay: 1,
  maxNorm: 1,
  labelSmoothing: 0.1,
  batchNorm: "running",
  stochasticDepth: 0.1,
  keepShare: 0.75,
};
