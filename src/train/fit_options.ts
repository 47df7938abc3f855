/** Options of a training run, their defaults and their checks. @module */
import { DEFAULT_RANDOM_STATE } from "../core/random.ts";
import { listKnown, UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { type BatchMix, checkMix } from "../data/transforms/mix_batch.ts";
import type { Network, NetworkEntry } from "../model/network.ts";
import type { NetworkEpoch, StepReport, Validation } from "./fit_reports.ts";
import { decaysWeights } from "./layer_decay.ts";
import type { LossOptions } from "./loss.ts";
import type { RegulariseOptions } from "./regularise.ts";
import type { ScheduleOptions } from "./schedule.ts";
import type { CheckpointOptions } from "./training_state.ts";

/** An optimizer by name; definitions and defaults of `torch.optim`. */
export type OptimizerOptions = AdamFamilyOptions | MomentumOptions;

/** Adam and AdamW. */
export interface AdamFamilyOptions {
  /** `"adamw"`: weight decay multiplies the weights and does not pass through the moments. */
  readonly kind: "adam" | "adamw";
  /** Decay of the running mean of gradients. @default {0.9} */
  readonly beta1?: number;
  /** Decay of the running mean of squared gradients. @default {0.999} */
  readonly beta2?: number;
  /** Added to the root. @default {1e-8} */
  readonly epsilon?: number;
}

/** Stochastic gradient descent. */
export interface MomentumOptions {
  /** Which optimizer. */
  readonly kind: "sgd";
  /** Share of the last direction that is kept. @default {0.9} */
  readonly momentum?: number;
  /** Share of the gradient that momentum leaves out. @default {0} */
  readonly dampening?: number;
  /** Looks ahead along the momentum. @default {false} */
  readonly nesterov?: boolean;
}

/** When to stop before the epochs run out. */
export interface EarlyStopping {
  /** Epochs without a new best that are waited for, 1 or more; `Infinity` waits for all. */
  readonly patience: number;
  /** By how much a score has to be better to count. @default {0} */
  readonly minDelta?: number;
  /**
   * Epochs that follow when patience is at its end: from the best weights so far, where they are kept, with a rate that falls from what
   * it is to 0 by half a cosine. Weights at a high rate jitter about better ones, and a schedule over more epochs than there come to be
   * never gets low.
   *
   * @default {0}
   */
  readonly coolDown?: number;
}

/** Options of `fitNetwork`. */
export interface FitNetworkOptions
  extends
    ProgressOptions,
    RegulariseOptions,
    Pick<LossOptions, "labelSmoothing" | "classWeights" | "softmaxFirst"> {
  /** Passes over the pictures. */
  readonly epochs: number;
  /** Step size at the schedule's factor 1. */
  readonly learningRate: number;
  /** How it goes over the steps. @default {{ kind: "constant" }} */
  readonly schedule?: ScheduleOptions;
  /** How gradients become steps. @default {{ kind: "adamw" }} */
  readonly optimizer?: OptimizerOptions;
  /** Weight decay. @default {0.01} with AdamW, else {0}: PyTorch's */
  readonly weightDecay?: number;
  /** Which entries decay. @default all but batch norm and biases; PyTorch's own way is `() => true` */
  readonly decays?: (entry: NetworkEntry) => boolean;
  /** Factor of the learning rate from one part to the part before it, see `layerDecay`. @default {1} */
  readonly layerDecay?: number;
  /** Gradients of a larger norm are scaled down to this one, as by `torch.nn.utils.clip_grad_norm_`. @default no clipping */
  readonly maxNorm?: number;
  /** Pictures per step. @default as many as the network takes */
  readonly batchSize?: number;
  /** Whether each epoch takes the pictures in a new random order. @default {true} */
  readonly shuffle?: boolean;
  /** Whether a last batch that is not full is left out. @default {false} */
  readonly dropLast?: boolean;
  /** How pictures of a batch are mixed, and their classes with them; `accuracy` then goes by the class of the largest share. @default not at all */
  readonly mix?: BatchMix;
  /** Seed of order, mixing, dropout and stochastic depth. @default {5} */
  readonly randomState?: number;
  /** Names of the classes, for messages. */
  readonly classNames?: readonly string[];
  /** Called after each epoch, with the average in place where one is kept. Its figures go into the history and decide what is best. */
  readonly validate?: (network: Network, epoch: number) => Validation | Promise<Validation>;
  /** Which figure of `validate` says what is best. @default {"loss"} */
  readonly monitor?: "loss" | "accuracy";
  /** Which weights the run ends with: those of the best epoch by `monitor`, or of the last. @default "best" with `earlyStopping`, else "last" */
  readonly keep?: "best" | "last";
  /** When to stop early; needs `validate`. @default never */
  readonly earlyStopping?: EarlyStopping;
  /** A larger mean loss of a batch ends the run as broken down, in nats. @default {1e4} */
  readonly maxLoss?: number;
  /** Called after each step. */
  readonly onStep?: (report: StepReport) => void;
  /** Called after each epoch, once a checkpoint of it is written. */
  readonly onEpoch?: (report: NetworkEpoch) => void;
  /**
   * Ends the run after the step that is being made when it is aborted, as if its epochs were over: with the weights that `keep` says,
   * and kept to be resumed where there is a checkpoint. `signal` breaks it off instead.
   */
  readonly stop?: AbortSignal;
  /** Where the run is kept, so that it can be resumed. @default nowhere */
  readonly checkpoint?: CheckpointOptions;
}

/** Options that have a value once defaults are applied. */
type Defaulted =
  | "schedule"
  | "optimizer"
  | "weightDecay"
  | "decays"
  | "layerDecay"
  | "labelSmoothing"
  | "softmaxFirst"
  | "startDecay"
  | "averageDecay"
  | "batchSize"
  | "shuffle"
  | "dropLast"
  | "randomState"
  | "monitor"
  | "keep"
  | "maxLoss";

/** Options with defaults applied. */
export type FitSettings = FitNetworkOptions & Required<Pick<FitNetworkOptions, Defaulted>>;

/**
 * Applies defaults and checks.
 *
 * @throws {UserError} For numbers out of range and for options that do not go together.
 */
export function fitSettings(network: Network, options: FitNetworkOptions): FitSettings {
  const { optimizer = { kind: "adamw" } } = options;
  const settings: FitSettings = {
    ...options,
    schedule: options.schedule ?? { kind: "constant" },
    optimizer,
    weightDecay: options.weightDecay ?? (optimizer.kind === "adamw" ? 0.01 : 0),
    decays: options.decays ?? decaysWeights,
    layerDecay: options.layerDecay ?? 1,
    labelSmoothing: options.labelSmoothing ?? 0,
    softmaxFirst: options.softmaxFirst ?? false,
    startDecay: options.startDecay ?? 0,
    averageDecay: options.averageDecay ?? 0,
    batchSize: options.batchSize ?? network.batchSize,
    shuffle: options.shuffle ?? true,
    dropLast: options.dropLast ?? false,
    randomState: options.randomState ?? DEFAULT_RANDOM_STATE,
    monitor: options.monitor ?? "loss",
    keep: options.keep ?? (options.earlyStopping ? "best" : "last"),
    maxLoss: options.maxLoss ?? 1e4,
  };
  checkSettings(network, settings);
  return settings;
}

function checkSettings(network: Network, settings: FitSettings): void {
  const refuse = (what: string, value: unknown, expected: string) => {
    const found = typeof value === "string" ? JSON.stringify(value) : value;
    throw new UserError(`Cannot train the network: ${what} is ${found}, expected ${expected}`);
  };
  const whole = (what: string, value: number, least: number, most = Infinity) => {
    if (Number.isInteger(value) && value >= least && value <= most) return;
    const bound = most === Infinity ? `from ${least}` : `from ${least} to ${most}`;
    refuse(what, value, `a whole number ${bound}`);
  };
  const above = (what: string, value: number) => {
    if (!(value > 0 && value < Infinity)) refuse(what, value, "a number above 0");
  };
  const share = (what: string, value: number) => {
    if (!(value >= 0 && value < 1)) refuse(what, value, "0 or more and less than 1");
  };
  const notNegative = (what: string, value: number) => {
    if (!(value >= 0 && value < Infinity)) refuse(what, value, "a number from 0");
  };
  const oneOf = (what: string, value: string, known: readonly string[]) => {
    if (!known.includes(value)) refuse(what, value, listKnown(known));
  };
  whole("epochs", settings.epochs, 1);
  above("learningRate", settings.learningRate);
  whole("batchSize", settings.batchSize, 1, network.batchSize);
  whole("randomState", settings.randomState, 0, 0xffffffff);
  notNegative("weightDecay", settings.weightDecay);
  notNegative("startDecay", settings.startDecay);
  share("averageDecay", settings.averageDecay);
  if (!(settings.labelSmoothing >= 0 && settings.labelSmoothing <= 1)) {
    refuse("labelSmoothing", settings.labelSmoothing, "a number from 0 to 1");
  }
  if (settings.mix !== undefined) checkMix(settings.mix);
  if (settings.maxNorm !== undefined) above("maxNorm", settings.maxNorm);
  above("maxLoss", settings.maxLoss);
  const { optimizer } = settings;
  oneOf("the optimizer", optimizer.kind, ["adam", "adamw", "sgd"]);
  if (optimizer.kind === "sgd") {
    share("momentum", optimizer.momentum ?? 0);
    share("dampening", optimizer.dampening ?? 0);
  } else {
    share("beta1", optimizer.beta1 ?? 0);
    share("beta2", optimizer.beta2 ?? 0);
    above("epsilon", optimizer.epsilon ?? 1);
  }
  const weights = settings.classWeights;
  if (weights !== undefined) {
    if (weights.length !== network.classes) {
      refuse("the number of classWeights", weights.length, `${network.classes}, one per class`);
    }
    Array.from(weights).forEach((weight, k) => above(`the weight of class ${k}`, weight));
  }
  oneOf("monitor", settings.monitor, ["loss", "accuracy"]);
  oneOf("keep", settings.keep, ["best", "last"]);
  if (settings.earlyStopping) {
    const { patience } = settings.earlyStopping;
    if (patience !== Infinity) whole("patience", patience, 1);
    notNegative("minDelta", settings.earlyStopping.minDelta ?? 0);
    whole("coolDown", settings.earlyStopping.coolDown ?? 0, 0);
  }
  if (settings.validate === undefined && (settings.earlyStopping || settings.keep === "best")) {
    throw new UserError(
      "Cannot train the network: nothing says which epoch is best; give `validate`, or leave out `earlyStopping` and `keep`",
    );
  }
  if (settings.checkpoint?.every !== undefined) {
    whole("the checkpoint's every", settings.checkpoint.every, 1);
  }
}
