/** What `graft train` found, in words. @module */

import { count } from "../core/count.ts";
import type { FitOptions } from "../classifier/options.ts";
import { FINE_TUNE_DEFAULTS } from "../classifier/fine_tune_options.ts";
import type { FoldScores } from "../evaluate/fold_scores.ts";
import type { Evaluation } from "../evaluate/metrics.ts";
import type { TrainingManifest } from "../store/training_manifest.ts";
import { foldsLine } from "./cross_validation_flags.ts";
import { accuracyLine, guessLine } from "./reports.ts";
import { weakClasses, weakClassLines } from "./weak_classes.ts";

/** Everything that is told of a training. */
export interface ToldTraining {
  /** Pictures that there were to train on. */
  readonly pictures: number;
  /** How it went. */
  readonly training: TrainingManifest;
  /** What was asked for. */
  readonly asked: Pick<FitOptions, "method" | "epochs">;
  /** Scores on the test rows, where there are any. */
  readonly evaluation: Evaluation | undefined;
  /** Scores of what it started from. */
  readonly start: Evaluation | undefined;
  /** Of the same training, where it was asked for. */
  readonly crossValidation: FoldScores | undefined;
  /** The model's file, as it is told. */
  readonly out: string | undefined;
  /** The report's file, as it is told. */
  readonly report: string | undefined;
}

/** A line for each thing that is known. */
export function trainingText(told: ToldTraining): string {
  const { pictures, training, asked, evaluation, start, crossValidation, out, report } = told;
  const optimistic = training.validation?.part === "test"
    ? "; optimistic: these pictures chose the epoch"
    : "";
  return [
    evaluation === undefined
      ? `trained on ${count(pictures, "picture")}, none kept apart for a score`
      : `accuracy  ${accuracyLine(evaluation.accuracy)}${optimistic}`,
    ...evaluation === undefined ? [] : [
      `baseline  ${guessLine(evaluation.majority)}${
        evaluation.accuracy.value <= evaluation.majority
          ? "; the model is not better"
          : evaluation.accuracy.low <= evaluation.majority
          ? "; too few test images to tell whether the model is better"
          : ""
      }`,
      ...weakClassLines(weakClasses(evaluation)).map((line) => `classes   ${line}`),
    ],
    ...start === undefined
      ? []
      : [`before    ${accuracyLine(start.accuracy)}, by the probe that it started from`],
    ...crossValidation === undefined ? [] : [`folds     ${foldsLine(crossValidation)}`],
    ...asked.method === "auto" ? [`method    ${training.method}, chosen by auto`] : [],
    ...epochLine(training, asked.epochs ?? FINE_TUNE_DEFAULTS.epochs),
    ...out === undefined ? [] : [`kept in   ${out}`],
    ...report === undefined ? [] : [`report    ${report}`],
  ].join("\n");
}

/** `epochs    23 of 100; kept is the best, epoch 13, by 90 pictures for validation`; nothing where no epoch was judged. */
function epochLine({ epochs, bestEpoch, validation }: TrainingManifest, asked: number): string[] {
  if (bestEpoch === undefined || validation === null) return [];
  const { rows, part } = validation;
  const judges = `${count(rows, "picture")} ${part === "test" ? "of the score" : "for validation"}`;
  return [`epochs    ${epochs.length} of ${asked}, the best was ${bestEpoch} by ${judges}`];
}
