/** Flags that say how to train. @module */

import type { FitOptions } from "../classifier/options.ts";
import { DEFAULT_BUDGET_SECONDS } from "../classifier/resolve_training.ts";
import { tunesTrunk } from "../classifier/validate_training.ts";
import { FINE_TUNE_DEFAULTS } from "../classifier/fine_tune_options.ts";
import { inWords } from "../classifier/in_words.ts";
import { UsageError } from "../core/errors.ts";
import { checkpointFolder } from "../store/checkpoint.ts";
import { METHOD_OPTIONS } from "../train/method.ts";
import { AUGMENT_FLAGS, augmentOptions } from "./augment_flags.ts";
import { CLASS_WEIGHTS_FLAG } from "./class_weights_flag.ts";
import { durationFlag } from "./duration_flag.ts";
import {
  choiceFlag,
  type FlagTable,
  type FlagValues,
  numberFlag,
  switchFlag,
  textFlag,
} from "./flags.ts";

const { epochs, learningRate, batchSize, layerDecay } = FINE_TUNE_DEFAULTS;

/** Which method, and its settings. */
export const TRAINING_FLAGS = {
  method: choiceFlag(
    METHOD_OPTIONS,
    "probe: logistic regression with cross-validated strength; linear: a linear layer in epochs; finetune: the trunk " +
      "learns, too; lpft: a probe, then fine-tuning from there, saved if that is better; auto: " +
      "lpft if --budget suffices for it, else the probe (default: auto)",
  ),
  budget: durationFlag(
    "auto: time for comparing and fine-tuning; where a few timed steps say that it will not do, neither is tried",
    inWords(DEFAULT_BUDGET_SECONDS),
  ),
  head: choiceFlag(["probe", "linear"], "the same as --method"),
  epochs: numberFlag("N", "passes over the rows; linear and fine-tuning", {
    min: 1,
    whole: true,
    shownDefault: `linear 100, fine-tuning ${epochs}`,
  }),
  lr: numberFlag("RATE", "step size; linear and fine-tuning", {
    min: 0,
    aboveMin: true,
    shownDefault: `linear 0.001, fine-tuning ${learningRate}`,
  }),
  "batch-size": numberFlag("N", "rows per step; linear and fine-tuning", {
    min: 1,
    whole: true,
    shownDefault: `linear 100, fine-tuning ${batchSize}`,
  }),
  "class-weights": CLASS_WEIGHTS_FLAG,
  ...AUGMENT_FLAGS,
  "freeze-to": textFlag(
    "PART",
    "fine-tuning: first part that learns, such as features.5; what lies before stays as it is",
  ),
  "layer-decay": numberFlag("FACTOR", "fine-tuning: learning rate of a block over the next one's", {
    min: 0,
    max: 1,
    aboveMin: true,
    shownDefault: `${layerDecay}`,
  }),
  memory: choiceFlag(
    ["default", "low"],
    "fine-tuning: low computes anew what it would keep, half of the memory for a fifth more time",
  ),
  checkpoint: textFlag("FOLDER", "fine-tuning: keep the run there, to be resumed"),
  resume: switchFlag("fine-tuning: go on with the run that --checkpoint keeps"),
  every: numberFlag(
    "N",
    "fine-tuning: keep the run every N steps, too, not only after each epoch",
    {
      min: 1,
      whole: true,
    },
  ),
} satisfies FlagTable;

type TrainingFlags = FlagValues<typeof TRAINING_FLAGS>;

/** What belongs to fine-tuning alone. */
const FINE_TUNING_ONLY = [
  "freeze-to",
  "layer-decay",
  "memory",
  "checkpoint",
  "resume",
  "every",
] as const;
/** What a probe has no use for, and what would be left unused when auto keeps one. */
const WITH_EPOCHS = ["epochs", "lr", "batch-size"] as const;

/** What the flags say. */
type TrainingOptions = Pick<
  FitOptions,
  | "method"
  | "budgetSeconds"
  | "classWeights"
  | "augment"
  | "epochs"
  | "learningRate"
  | "batchSize"
  | "fineTune"
>;

/**
 * The options of `Classifier.fit` that the flags ask for.
 *
 * @throws {UsageError} For flags that do not belong together.
 */
export function trainingOptions(
  flags: TrainingFlags,
): TrainingOptions {
  const method = flags.method ?? flags.head ?? "auto";
  if (flags.head !== undefined && flags.head !== method) {
    throw new UsageError(`--head ${flags.head} contradicts --method ${method}`);
  }
  const given = <N extends keyof TrainingFlags>(names: readonly N[]) =>
    names.filter((name) => flags[name] !== undefined && flags[name] !== false);
  const refuse = (names: readonly string[], need: string) => {
    if (names.length > 0) throw new UsageError(`--${names.join(" and --")} needs ${need}`);
  };
  if (method === "probe" || method === "auto") {
    refuse(given(WITH_EPOCHS), "--method linear, finetune or lpft");
  }
  if (method !== "auto") refuse(given(["budget"]), "--method auto");
  const tunes = tunesTrunk(method);
  if (!tunes) refuse(given(FINE_TUNING_ONLY), "--method finetune or lpft");
  const { checkpoint, resume, every, memory } = flags;
  if (checkpoint === undefined) refuse(given(["resume", "every"]), "--checkpoint FOLDER");
  const { augment, mix, noViews } = augmentOptions(flags, method);
  return {
    method,
    budgetSeconds: flags.budget,
    classWeights: flags["class-weights"],
    augment,
    epochs: flags.epochs,
    learningRate: flags.lr,
    batchSize: flags["batch-size"],
    fineTune: method === "auto" ? { augmentation: noViews ? null : undefined } : tunes
      ? {
        freezeTo: flags["freeze-to"],
        layerDecay: flags["layer-decay"],
        memory,
        augmentation: noViews ? null : undefined,
        mix,
        checkpoint: checkpoint === undefined
          ? undefined
          : { store: checkpointFolder(checkpoint), every, resume },
      }
      : undefined,
  };
}
