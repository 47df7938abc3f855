/** Numbers and sentences that every form of a report shares. @module */

import type { Proportion } from "../../core/intervals.ts";
import type { CalibrationManifest } from "../../store/manifest.ts";
import type { TrainingManifest } from "../../store/training_manifest.ts";
import type { FoldScores } from "../../evaluate/fold_scores.ts";
import type { ReportData, Standing } from "./report_data.ts";

/** `86.0 %`, which no line end tears apart. */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)}\u00a0%`;
}

/** `1 picture`, `1,200 pictures`. */
export function count(number: number, thing: string): string {
  return `${number.toLocaleString("en-US")} ${thing}${number === 1 ? "" : "s"}`;
}

/** What the model scored, and how many always guessing would. */
export interface Score {
  /** Share of right answers. */
  readonly accuracy: Proportion;
  /** That of always guessing the commonest class. */
  readonly majority: number;
  /** What is known of the pictures. */
  readonly standing: Standing;
}

/** The score that a report opens with: what was seen, else what the model says of itself; undefined without either. */
export function scoreOf({ model, data, interpretation }: ReportData): Score | undefined {
  if (interpretation !== undefined) {
    const { accuracy, majority } = interpretation.evaluation;
    return { accuracy, majority, standing: data?.standing ?? "unknown" };
  }
  return model?.metrics ? { ...model.metrics, standing: "test" } : undefined;
}

/** The one sentence that matters. */
export function leadText(data: ReportData): string {
  const score = scoreOf(data);
  if (score === undefined) return noScoreText(data);
  const { accuracy: { value, low, high, n }, majority, standing } = score;
  const right = Math.round(value * n).toLocaleString("en-US");
  const kind = {
    test: " that it was not trained on",
    other: "",
    unknown: "",
  }[standing];
  return `Of ${count(n, "picture")}${kind}, it names ${right} rightly: ${percent(value)}, ` +
    `with a 95\u00a0% interval from ${percent(low)} to ${percent(high)}. ` +
    `Always guessing the commonest class would name ${percent(majority)} rightly.`;
}

function noScoreText({ run, model }: ReportData): string {
  if (run !== undefined) {
    const over = count(run.epochs.length, "epoch");
    return run.finished
      ? `A training run that is over: ${over}.`
      : `A training run that is not over: ${over} so far. Go on with it by graft train … --checkpoint FOLDER --resume.`;
  }
  return model === undefined
    ? "Nothing is known of it."
    : "How well it does is not known: no pictures were kept apart to score it on. Give graft report labelled pictures that it was not trained on.";
}

/** What makes the score less than it seems; [] where nothing does. */
export function cautions({ model, data, interpretation, notes = [] }: ReportData): string[] {
  const lines: string[] = [...notes];
  const told = model?.metrics?.accuracy;
  if (interpretation !== undefined && data?.standing === "other") {
    lines.push(
      "The pictures come from other data than it was trained on. That none of them was trained on, too, cannot be known from the model.",
    );
  }
  if (interpretation !== undefined && data?.standing === "unknown") {
    lines.push(
      "The model does not tell which data it was trained on. If these pictures are among them, the score says little.",
    );
  }
  const isTest = interpretation === undefined || data?.standing === "test";
  if (isTest && model?.training?.validation?.part === "test") {
    lines.push(
      "The score is optimistic: the same pictures chose the epoch at which training stopped.",
    );
  }
  if (
    interpretation !== undefined && data?.standing === "test" && told &&
    Math.abs(told.value - interpretation.evaluation.accuracy.value) > 1e-9
  ) {
    lines.push(
      `When it was saved, the model scored ${percent(told.value)} on ${
        count(told.n, "picture")
      }: another build of graft, or another number of threads, rounds differently.`,
    );
  }
  return lines;
}

/** What the methods of training are. */
export const METHOD_WORDS: Readonly<Record<TrainingManifest["method"], string>> = {
  probe: "A logistic regression on the features of a frozen trunk",
  linear: "A linear layer on the features of a frozen trunk",
  finetune: "The whole network, fine-tuned",
  lpft: "A logistic regression first, then the whole network, fine-tuned from there",
};

/** How the training went, as sentences. */
export function trainingText(training: TrainingManifest): string[] {
  const { method, epochs, bestEpoch, stoppedEarly, validation, seconds } = training;
  const { choice = training.tuning, crossValidation } = training;
  return [
    `${METHOD_WORDS[method]}, in ${duration(seconds)}.`,
    ...choice === undefined ? [] : [asSentence(choice.reason)],
    ...epochs.length === 0 ? [] : [
      `${stoppedEarly ? "Stopped early after" : "Trained for"} ${count(epochs.length, "epoch")}` +
      (bestEpoch === undefined
        ? "."
        : `; the best was epoch ${bestEpoch}, judged by ${
          validation === null ? "what judged them" : validationWords(validation)
        }.`),
    ],
    ...validation === null && epochs.length > 0 ? ["No pictures judged the epochs."] : [],
    ...crossValidation === undefined ? [] : [`Cross-validated: ${foldText(crossValidation)}.`],
  ];
}

/** What the command line says on a line of its own, among sentences. */
function asSentence(line: string): string {
  return `${line.slice(0, 1).toUpperCase()}${line.slice(1)}.`;
}

function validationWords(
  { rows, part }: NonNullable<TrainingManifest["validation"]>,
): string {
  return part === "validation"
    ? `${count(rows, "picture")} that were neither trained nor tested on`
    : `the ${count(rows, "test picture")}`;
}

/** `87.1 % (95 % interval 85.2 % to 89.0 %) over 5 folds`. */
export function foldText({ mean, low, high, folds, repeats }: FoldScores): string {
  return `${percent(mean)} (95 % interval ${percent(low)} to ${
    percent(high)
  }) over ${folds} folds` +
    (repeats > 1 ? `, ${repeats} times` : "");
}

/** Whether probabilities were adjusted, as sentences. */
export function calibrationText(calibration: CalibrationManifest | null): string[] {
  if (calibration === null) {
    return [
      "The model was saved without calibration: its probabilities are those of the plain softmax.",
    ];
  }
  const { temperature, fittedOn, rows, eceBefore, eceAfter, rejection } = calibration;
  const source = {
    "out-of-fold": `${count(rows, "training picture")}, each by a head that had not learnt from it`,
    validation: `${count(rows, "validation picture")}`,
    unknown: "pictures that the file does not name",
  }[fittedOn];
  return [
    `Logits are divided by a temperature of ${temperature.toFixed(3)} (${
      temperature > 1 ? "less sure than the plain softmax" : "surer than the plain softmax"
    }), fitted on ${source}.`,
    ...eceBefore === undefined || eceAfter === undefined ? [] : [
      `On those, the calibration error went from ${eceBefore.toFixed(3)} to ${
        eceAfter.toFixed(3)
      }.`,
    ],
    rejection === null
      ? "It cannot tell pictures that are like nothing it has learnt from."
      : `What is unlike all it has learnt from, graft predict --reject turns away, by ${rejection.score}.`,
  ];
}

/** `4.2 s`, `3 min 20 s`. */
export function duration(seconds: number): string {
  const tenths = Math.round(10 * seconds) / 10;
  if (tenths < 60) return `${tenths.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A command line that a shell takes as it was. */
export function commandText(command: readonly string[]): string {
  const quoted = command.map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
  );
  return ["graft", ...quoted].join(" ");
}
