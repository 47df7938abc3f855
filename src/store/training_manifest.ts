/** What a saved model says of its training. @module */
import type { FoldScores } from "../evaluate/fold_scores.ts";
import { type Method, METHODS } from "../train/method.ts";
import type { FieldChecks } from "./field_checks.ts";

/** One epoch of training. */
export interface TrainingEpoch {
  /** Number of the epoch, from 1. */
  readonly epoch: number;
  /** Mean loss over the rows that were trained on, as they were shown, in nats. */
  readonly loss: number;
  /** Share of them that was right. */
  readonly accuracy: number;
  /** Learning rate of the last step. */
  readonly learningRate: number;
  /** Loss in nats and accuracy on rows that were not trained on; absent without validation. */
  readonly validation?: { readonly loss: number; readonly accuracy: number };
}

/** Why a method was chosen. */
export interface MethodChoice {
  /** Seconds that choosing and fine-tuning were given. */
  readonly budgetSeconds: number;
  /** The probe, cross-validated as far as fine-tuning was; absent when that was not tried. */
  readonly probe?: FoldScores;
  /** Fine-tuning on the same folds; absent when it was not tried. */
  readonly fineTuned?: FoldScores;
  /** The reason, a sentence for people. */
  readonly reason: string;
}

/** Fine-tuning beside the probe that it started from, on the same validation images. */
export interface TuningTrial {
  /** Learning rate. */
  readonly learningRate: number;
  /** Epochs that it had; 0 = it broke down, and counts as wrong on every image. */
  readonly epochs: number;
  /** Validation images that the probe classified correctly. */
  readonly probeCorrect: number;
  /** Validation images that the fine-tuned model classified correctly. */
  readonly tunedCorrect: number;
  /** Mean Brier score of the fine-tuned model less that of the probe; below 0 the fine-tuned model is better. */
  readonly difference: number;
  /** Standard error of `difference`, paired by image. */
  readonly standardError: number;
}

/** What LP-FT saved, and why. */
export interface TuningChoice {
  /** Validation images that the models were compared on; 0 = there were none to spare. */
  readonly images: number;
  /** Learning rates in the order that they were tried. */
  readonly trials: readonly TuningTrial[];
  /** The better model: the probe unless fine-tuning was better by more than its standard error. */
  readonly kept: "probe" | "lpft";
  /** The reason, a sentence for people. */
  readonly reason: string;
}

/** What judged the epochs. */
export interface ValidationManifest {
  /** Rows. */
  readonly rows: number;
  /** `"test"`: the test rows chose the epoch, so that their score is optimistic. */
  readonly part: "validation" | "test";
}

/** How a model was trained. */
export interface TrainingManifest {
  /** What was done in the end. */
  readonly method: Method;
  /** The course of it; none for a probe, which has no epochs. */
  readonly epochs: readonly TrainingEpoch[];
  /** Epoch whose weights were best on the validation rows, from 1; absent without validation. */
  readonly bestEpoch?: number;
  /** Whether training ended before all epochs were over. */
  readonly stoppedEarly: boolean;
  /** What judged the epochs; `null` = nothing did. */
  readonly validation: ValidationManifest | null;
  /** Why this method, where it was not the user's choice. */
  readonly choice?: MethodChoice;
  /** What fine-tuning was compared with before it was saved, or why the probe was; absent where nothing was compared. */
  readonly tuning?: TuningChoice;
  /** Scores of a cross-validation that was asked for. */
  readonly crossValidation?: FoldScores;
  /** Time of the training, features included where they were computed for it. */
  readonly seconds: number;
  /** Arguments of the command line that made the model. */
  readonly command?: readonly string[];
}

/** Reads the manifest's `training`; a file that was saved before there was one has none. */
export function parseTraining(check: FieldChecks, value: unknown): TrainingManifest | null {
  if (value === null || value === undefined) return null;
  const fields = check.object("training", value);
  const { bestEpoch, validation, choice, tuning, crossValidation, command } = fields;
  const epochs = check.list("training.epochs", fields.epochs)
    .map((epoch, i) => parseEpoch(check, epoch, i + 1));
  return {
    method: check.oneOf("training.method", fields.method, METHODS),
    epochs,
    ...bestEpoch !== undefined && {
      bestEpoch: check.whole("training.bestEpoch", bestEpoch, 1),
    },
    stoppedEarly: check.flag("training.stoppedEarly", fields.stoppedEarly),
    validation: validation === null ? null : parseValidation(check, validation),
    ...choice !== undefined && { choice: parseChoice(check, choice) },
    ...tuning !== undefined && { tuning: parseTuning(check, tuning) },
    ...crossValidation !== undefined && {
      crossValidation: parseFolds(check, "training.crossValidation", crossValidation),
    },
    seconds: check.number("training.seconds", fields.seconds, { least: 0 }),
    ...command !== undefined && {
      command: check.list("training.command", command).map((word, i) => {
        // An argument may be empty.
        return typeof word === "string" ? word : check.text(`training.command[${i}]`, word);
      }),
    },
  };
}

function parseEpoch(check: FieldChecks, value: unknown, epoch: number): TrainingEpoch {
  const path = `training.epochs[${epoch - 1}]`;
  const fields = check.object(path, value);
  if (fields.epoch !== epoch) throw check.expected(`${path}.epoch`, fields.epoch, String(epoch));
  const scores = (at: string, { loss, accuracy }: Readonly<Record<string, unknown>>) => ({
    loss: check.number(`${at}.loss`, loss),
    accuracy: check.number(`${at}.accuracy`, accuracy, { least: 0, most: 1 }),
  });
  return {
    epoch,
    ...scores(path, fields),
    learningRate: check.number(`${path}.learningRate`, fields.learningRate, { least: 0 }),
    ...fields.validation !== undefined && {
      validation: scores(
        `${path}.validation`,
        check.object(`${path}.validation`, fields.validation),
      ),
    },
  };
}

function parseValidation(check: FieldChecks, value: unknown): ValidationManifest {
  const { rows, part } = check.object("training.validation", value);
  return {
    rows: check.whole("training.validation.rows", rows, 1),
    part: check.oneOf("training.validation.part", part, ["validation", "test"]),
  };
}

function parseChoice(check: FieldChecks, value: unknown): MethodChoice {
  const path = "training.choice";
  const { budgetSeconds, probe, fineTuned, reason } = check.object(path, value);
  return {
    budgetSeconds: check.number(`${path}.budgetSeconds`, budgetSeconds, { least: 0 }),
    ...probe !== undefined && { probe: parseFolds(check, `${path}.probe`, probe) },
    ...fineTuned !== undefined && { fineTuned: parseFolds(check, `${path}.fineTuned`, fineTuned) },
    reason: check.text(`${path}.reason`, reason),
  };
}

function parseTuning(check: FieldChecks, value: unknown): TuningChoice {
  const path = "training.tuning";
  const { images, trials, kept, reason } = check.object(path, value);
  return {
    images: check.whole(`${path}.images`, images, 0),
    trials: parseTrials(check, `${path}.trials`, trials),
    kept: check.oneOf(`${path}.kept`, kept, ["probe", "lpft"]),
    reason: check.text(`${path}.reason`, reason),
  };
}

/** Reads trials, checking every field. */
export function parseTrials(check: FieldChecks, path: string, value: unknown): TuningTrial[] {
  return check.list(path, value).map((trial, i) => {
    const at = `${path}[${i}]`;
    const fields = check.object(at, trial);
    const number = (name: string, least?: number) =>
      check.number(`${at}.${name}`, fields[name], { least });
    return {
      learningRate: number("learningRate", 0),
      epochs: check.whole(`${at}.epochs`, fields.epochs, 0),
      probeCorrect: check.whole(`${at}.probeCorrect`, fields.probeCorrect, 0),
      tunedCorrect: check.whole(`${at}.tunedCorrect`, fields.tunedCorrect, 0),
      difference: number("difference"),
      standardError: number("standardError", 0),
    };
  });
}

function parseFolds(check: FieldChecks, path: string, value: unknown): FoldScores {
  const fields = check.object(path, value);
  const share = (name: string, item: unknown) =>
    check.number(`${path}.${name}`, item, { least: 0, most: 1 });
  return {
    folds: check.whole(`${path}.folds`, fields.folds, 1),
    repeats: check.whole(`${path}.repeats`, fields.repeats, 1),
    accuracies: check.list(`${path}.accuracies`, fields.accuracies)
      .map((item, i) => share(`accuracies[${i}]`, item)),
    mean: share("mean", fields.mean),
    standardError: share("standardError", fields.standardError),
    low: share("low", fields.low),
    high: share("high", fields.high),
  };
}
