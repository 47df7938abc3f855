/** What a kept model says of itself, in words. @module */

import { count } from "../core/count.ts";
import { printable } from "../core/printable.ts";
import type { CalibrationManifest, Manifest } from "../store/manifest.ts";
import type { TrainingEpoch, TrainingManifest } from "../store/training_manifest.ts";
import { wrap } from "./help.ts";
import { type Page, PLAIN_PAGE } from "./page.ts";
import { accuracyLine, guessLine } from "./reports.ts";
import { sparkline } from "./sparkline.ts";
import { padText, textWidth } from "./text_width.ts";

/** Column in which facts begin. */
const INDENT = 13;
/** Cells of a curve. */
const CURVE_CELLS = 24;

const KINDS: Readonly<Record<Manifest["head"]["kind"], string>> = {
  probe: "logistic regression (probe)",
  linear: "linear layer",
  finetuned: "linear layer, trained with the trunk",
};

/** What the figures of a head are called where their own names are not clear. */
const NAMES: Readonly<Record<string, string>> = {
  cvRows: "rows in cross-validation",
  cvLogLoss: "log loss in cross-validation",
  cvAccuracy: "accuracy in cross-validation",
  gap: "relative gap to the optimum",
  loss: "loss of the last epoch",
  accuracy: "accuracy on the training pictures",
  trainAccuracy: "accuracy on the training pictures",
  startedFrom: "started from SHA-256",
};

/** The manifest of a model for a terminal. */
export function modelText(source: string, given: Manifest, page: Page = PLAIN_PAGE): string {
  const manifest = printableTexts(given);
  const { classes, stages, head, metrics, split, trunk, calibration, training } = manifest;
  const fact = (name: string, ...lines: readonly string[]) =>
    lines.map((line, i) => `${page.faint(padText(i === 0 ? name : "", INDENT))}${line}`);
  return [
    `${source}: model of ${classes.length} classes, kept by graft ${manifest.graft}`,
    "",
    ...fact("classes", ...wrap(classes.join(", "), INDENT).map((line) => line.trimStart())),
    ...fact("pictures", `scaled ${manifest.fit} to ${manifest.imageSize} px`),
    ...fact(
      "trunk",
      `${manifest.backbone}, ${manifest.variant}, ${trunk}${
        trunk === "included" && manifest.dtype !== "f32" ? ` as ${manifest.dtype}` : ""
      }; from ${manifest.weightsSource}`,
      `SHA-256 ${manifest.weightsSha256}`,
    ),
    ...fact(
      "head",
      `${KINDS[head.kind]} on ${head.columns} ${
        head.standardised ? "standardised features" : "features"
      } of stages ${stages.join(", ")}`,
      ...settingLines(head.details),
    ),
    ...training === null ? [] : fact("training", ...trainingLines(training)),
    ...fact("accuracy", metrics === null ? "not measured" : accuracyLine(metrics.accuracy, page)),
    ...metrics === null ? [] : [
      ...fact("", guessLine(metrics.majority)),
      ...fact("", `log loss ${metrics.logLoss.toFixed(3)}, mean F1 ${metrics.macroF1.toFixed(3)}`),
    ],
    ...split === null ? [] : fact(
      "split",
      `${split.train} to train on, ${split.test} apart, random state ${split.randomState}${
        split.stratify ? ", stratified" : ""
      }`,
    ),
    ...fact("trust", calibrationLine(calibration)),
    ...training?.command === undefined
      ? []
      : fact("made by", `graft ${training.command.map(quotedArgument).join(" ")}`),
  ].join("\n");
}

/** A file's texts as they can be shown: a model may be anyone's. */
function printableTexts(manifest: Manifest): Manifest {
  const shown = (_: string, value: unknown) => typeof value === "string" ? printable(value) : value;
  return JSON.parse(JSON.stringify(manifest), shown);
}

/** How far probabilities can be trusted. */
function calibrationLine(calibration: CalibrationManifest | null): string {
  if (calibration === null) return "probabilities are not calibrated";
  const { temperature, fittedOn, rows, eceBefore, eceAfter } = calibration;
  const told = `logits divided by ${temperature.toFixed(3)}`;
  if (eceBefore === undefined || eceAfter === undefined) return told;
  return `${told}, by ${rows} ${
    fittedOn === "validation" ? "pictures of the validation part" : "out-of-fold answers"
  }: ECE ${eceBefore.toFixed(3)}, then ${eceAfter.toFixed(3)}`;
}

/** Figures of a head, one a line, in columns. */
function settingLines(details: Manifest["head"]["details"]): string[] {
  const rows = Object.entries(details).map((
    [name, value],
  ) => [NAMES[name] ?? inWords(printable(name)), figure(value)]);
  const width = Math.max(...rows.map(([name]) => textWidth(name)));
  return rows.map(([name, value]) => `${padText(name, width)}  ${value}`);
}

function trainingLines(training: TrainingManifest): string[] {
  const { method, epochs, bestEpoch, stoppedEarly, validation, crossValidation, seconds } =
    training;
  const { choice = training.tuning } = training;
  const course = [
    `${method}, ${seconds.toFixed(seconds < 10 ? 1 : 0)} s`,
    ...epochs.length === 0
      ? []
      : [`${count(epochs.length, "epoch")}${stoppedEarly ? ", stopped early" : ""}`],
    ...bestEpoch === undefined ? [] : [`the best is number ${bestEpoch}`],
  ].join("; ");
  const judged = validation === null
    ? []
    : validation.part === "test"
    ? [`judged by the ${validation.rows} test pictures: their score is optimistic`]
    : [
      `judged by ${count(validation.rows, "picture")} that ${
        validation.rows === 1 ? "was" : "were"
      } not learnt from`,
    ];
  return [
    course,
    ...judged,
    ...curveLines("loss", epochs, ({ loss }) => loss),
    ...curveLines("validation loss", epochs, ({ validation }) => validation?.loss),
    ...choice === undefined ? [] : [choice.reason],
    ...crossValidation === undefined ? [] : [
      `cross-validation: ${crossValidation.mean.toFixed(3)} (95 % interval ${
        crossValidation.low.toFixed(3)
      } to ${crossValidation.high.toFixed(3)}, ${crossValidation.accuracies.length} folds)`,
    ],
  ];
}

/** `loss █▅▂▁ from 2.31 to 0.41`; of two epochs and more. */
function curveLines(
  name: string,
  epochs: readonly TrainingEpoch[],
  valueOf: (epoch: TrainingEpoch) => number | undefined,
): string[] {
  const values = epochs.map(valueOf).filter((value) => value !== undefined);
  if (values.length < 2) return [];
  const [first, last] = [values[0], values[values.length - 1]].map((value) => value.toFixed(3));
  return [`${name} ${sparkline(values, CURVE_CELLS)} from ${first} to ${last}`];
}

/** `learningRate` -> `learning rate`. */
function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Four digits of a number that is not whole; text as it is. */
function figure(value: number | string): string {
  return typeof value === "string" || Number.isInteger(value)
    ? `${value}`
    : `${Number(value.toPrecision(4))}`;
}

/** As a shell takes it. */
function quotedArgument(argument: string): string {
  return /^[\w./:=,@%+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
