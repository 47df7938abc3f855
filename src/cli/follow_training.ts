/** What is said and done while a training goes on. @module */

import { mayTune } from "../classifier/validate_training.ts";
import type { Classifier } from "../classifier/classifier.ts";
import { crossValidate, type CrossValidateOptions } from "../classifier/cross_validate.ts";
import type { FitOptions } from "../classifier/options.ts";
import type { ImageDataset } from "../data/dataset.ts";
import type { FoldScores } from "../evaluate/fold_scores.ts";
import type { Method } from "../train/method.ts";
import type { Context } from "./verb.ts";

/** What is used of a verb's context. */
type Told = Pick<
  Context<Record<never, never>>,
  "note" | "event" | "whenStopped" | "onProgress" | "signal"
>;

/** Tells of epochs and of what is chosen, and what Ctrl-C leaves from then on. */
export function following(
  { note, event, whenStopped, signal }: Told,
  method: FitOptions["method"],
): Pick<FitOptions, "onEpoch" | "onNote"> {
  return {
    ...(method === "linear" || mayTune(method)) && {
      onEpoch: (report) => {
        const { epoch, loss, accuracy, validation } = report;
        const judged = validation
          ? `, validation ${validation.loss.toFixed(4)}, right ${validation.accuracy.toFixed(3)}`
          : "";
        event(
          "epoch",
          { ...report },
          `epoch ${epoch}: loss ${loss.toFixed(4)}, right ${accuracy.toFixed(3)}${judged}`,
        );
        if (mayTune(method)) {
          whenStopped(
            method === "finetune"
              ? "the best epoch so far is kept"
              : "the best so far is saved: an epoch, or the probe",
          );
        }
      },
    },
    ...(method === "auto" || method === "lpft") && {
      onNote: (line, about) => {
        note(about === "comparing" ? `${line}; --method probe leaves it out` : line);
        if (about === "untried" && !signal.aborted) {
          note(
            "give fine-tuning more time with --budget, or leave the question out with --method probe",
          );
        }
        if (method === "auto") whenStopped("the probe is saved");
      },
    },
  };
}

/** What {@linkcode crossValidateTraining} goes by. */
export interface FoldsOfTraining {
  /** Of the verb. */
  readonly context: Told;
  /** How many, and how often. */
  readonly folds: { readonly folds: number; readonly repeats: number };
  /** Options of the training. */
  readonly training: FitOptions;
}

/**
 * Cross-validates what was trained, by the method that was chosen.
 *
 * @returns Undefined when it was stopped meanwhile: the model is worth keeping without.
 */
export async function crossValidateTraining(
  model: Classifier,
  train: ImageDataset,
  { context: { note, onProgress, signal }, folds, training }: FoldsOfTraining,
): Promise<FoldScores | undefined> {
  if (signal.aborted) return undefined;
  try {
    const options = { ...optionsOf(training, model.training!.method), ...folds };
    const scores = await crossValidate(model, train, { ...options, onProgress, signal });
    if (scores.folds < folds.folds) {
      note(
        `the rarest class has ${scores.folds} pictures: ${scores.folds} folds instead of ${folds.folds}`,
      );
    }
    return scores;
  } catch (error) {
    if (!signal.aborted) throw error;
    note("cross-validation was stopped: its scores are left out");
    return undefined;
  }
}

/** What belongs to a method of the options that a choice among them was made with. */
function optionsOf(training: FitOptions, method: Method): CrossValidateOptions {
  const { augment, classWeights, randomState, features, earlyStopping, validation } = training;
  const { epochs, learningRate, batchSize } = training;
  const options = { method, augment, classWeights, randomState, features };
  if (method === "probe") return options;
  const inEpochs = { ...options, epochs, learningRate, batchSize };
  if (method === "linear") return inEpochs;
  return {
    ...inEpochs,
    augment: augment && { transform: augment.transform },
    fineTune: { ...training.fineTune, checkpoint: undefined },
    earlyStopping,
    // Pictures of their own that judge may be those of the score: each fold keeps some of its own instead.
    validation: validation?.data ? undefined : validation,
  };
}
