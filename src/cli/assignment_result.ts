/** What the lab's assignment came to, in words and as JSON. @module */

import { shownSource } from "../core/shown_source.ts";
import type {
  AssignmentPhase,
  AssignmentReport,
} from "../classifier/assignment/assignment_report.ts";
import { compareTrainings, readValidation } from "../classifier/assignment/comparison.ts";
import { decisions } from "../classifier/assignment/decisions.ts";
import { wrap } from "./help.ts";
import { type Page, PLAIN_PAGE } from "./page.ts";
import { rateNumber } from "./rate_number.ts";
import { accuracyLine } from "./reports.ts";
import { tableLines } from "./table.ts";

/** Everything that is told of one run. */
export interface AssignmentResult {
  /** The data's path or address. */
  readonly source: string;
  /** What was found. */
  readonly assignment: AssignmentReport;
  /** Which checkpoint it began with. */
  readonly weights: {
    readonly source: string;
    readonly sha256: string;
    readonly variant: string;
  };
}

/** Headings of the parts, by the lab's letters. */
export const PARTS = {
  A: "The network and the data",
  B: "Random views",
  C: "Feature extraction",
  D: "Accuracy of feature extraction",
  E: "Fine-tuning",
  F: "Accuracy of fine-tuning, beside feature extraction",
  G: "Validation cost",
} as const;

/** Epochs of each training that the text shows. */
const SHOWN_EPOCHS = 8;

/** The report for a terminal. */
export function assignmentText(result: AssignmentResult, page: Page = PLAIN_PAGE): string {
  const { assignment } = result;
  const { extraction, fineTuning } = assignment;
  const part = (letter: keyof typeof PARTS, lines: readonly string[]) => [
    `${letter}. ${PARTS[letter]}`,
    ...lines,
    "",
  ];
  return [
    ...part("A", [
      ...wrap(introduction(result), 0),
      ...tableLines(CLASS_HEADER, classRows(assignment), { page }),
    ]),
    ...part("B", wrap(VIEWS_TEXT, 0)),
    ...part("C", trainingLines(extraction, page)),
    ...part("D", accuracyLines(extraction, page)),
    ...part("E", trainingLines(fineTuning, page)),
    ...part("F", [...accuracyLines(fineTuning, page), ...wrap(compareTrainings(assignment), 0)]),
    ...part("G", validationReadings(assignment).flatMap((line) => wrap(line, 0))),
    "How it was done:",
    ...decisions(assignment).flatMap(({ name, text }) =>
      wrap(`${name}: ${text}`, 2).map((line, i) => i === 0 ? line.replace("  ", "- ") : line)
    ),
  ].join("\n");
}

/** The report for programs. */
export function assignmentJson(result: AssignmentResult): Record<string, unknown> {
  const { assignment } = result;
  return {
    ...result,
    comparison: compareTrainings(assignment),
    validation: validationReadings(assignment),
    decisions: decisions(assignment),
  };
}

/** Part A in words. */
export function introduction({ source, assignment, weights }: AssignmentResult): string {
  const { train, test, batchSize, batches, imageSize, pictureSizes, seed } = assignment;
  return `EfficientNet-B0 with the weights of ${
    fileName(weights.source)
  } and a new last layer for ${assignment.classes.length} classes (seed ${seed}). ${
    fileName(source)
  }: ${train.pictures} pictures to train on and ${test.pictures} kept apart (random state 5), ` +
    `${
      sizeText(pictureSizes)
    }, scaled to ${imageSize} x ${imageSize}, in batches of ${batchSize}: ${batches} in an epoch.`;
}

/** Part B in words. */
export const VIEWS_TEXT =
  "Gaussian blur (kernel 5 x 5, sigma 0.1 to 5), horizontal flip (probability 0.5), rotation by 0 to 180 degrees; drawn " +
  "anew for each picture in each epoch.";

/** Header of {@linkcode classRows}. */
export const CLASS_HEADER = ["class", "train", "test"];

/** Pictures of each class in both parts. */
export function classRows({ classes, train, test }: AssignmentReport): (string | number)[][] {
  return [
    ...classes.map((name, k) => [name, train.classCounts[k], test.classCounts[k]]),
    ["all", train.pictures, test.pictures],
  ];
}

/** How the learning rate came about. */
export function rateText({ rates, learningRate, seconds }: AssignmentPhase): string {
  if (rates === null) return `Learning rate ${rateNumber(learningRate)}, as given.`;
  const { steepest, tenthOfLeast } = rates.suggestion!;
  return `Learning rate ${rateNumber(learningRate)}, found in ${rates.rates.length} mini-batches (${
    seconds.rates.toFixed(1)
  } s): the cost falls fastest at ${rateNumber(steepest)}, a tenth of where it is least is ${
    rateNumber(tenthOfLeast)
  }.`;
}

/** How long training took. */
export function trainingText({ costs, parameters, seconds }: AssignmentPhase): string {
  return `${parameters} numbers learn. ${costs.length} ${
    costs.length === 1 ? "epoch" : "epochs"
  } in ${seconds.training.toFixed(1)} s; the cost of an epoch goes from ${costs[0].toFixed(3)} to ${
    costs.at(-1)!.toFixed(3)
  }.`;
}

/** Header of {@linkcode accuracyRows}. */
export const ACCURACY_HEADER = ["pictures", "accuracy", "95 % interval", "number", "cost"];

/** Scores of a training. */
export function accuracyRows({ train, test }: AssignmentPhase): string[][] {
  return ([["train", train], ["test", test]] as const).map(([name, { accuracy, cost }]) => [
    name,
    accuracy.value.toFixed(3),
    `${accuracy.low.toFixed(3)} to ${accuracy.high.toFixed(3)}`,
    String(accuracy.n),
    cost.toFixed(3),
  ]);
}

/** What the validation curves say. */
export function validationReadings({ extraction, fineTuning }: AssignmentReport): string[] {
  return [
    readValidation("Feature extraction", extraction),
    readValidation("Fine-tuning", fineTuning),
  ];
}

/** Where a file lay is nobody's business but its maker's. */
export function fileName(source: string): string {
  return shownSource(source).split(/[\\/]/).at(-1) || source;
}

function trainingLines(phase: AssignmentPhase, page: Page): string[] {
  const { costs, validationCosts, validationAccuracies } = phase;
  const ends = Array.from(
    { length: SHOWN_EPOCHS },
    (_, i) => Math.round((i + 1) * costs.length / SHOWN_EPOCHS),
  );
  const shown = [...new Set([1, ...ends.filter((epoch) => epoch > 0)])];
  return [
    ...wrap(rateText(phase), 0),
    ...wrap(trainingText(phase), 0),
    ...tableLines(
      ["epoch", "cost", "validation cost", "validation accuracy"],
      shown.map((epoch) => [
        epoch,
        ...[costs, validationCosts, validationAccuracies].map((of) => of[epoch - 1].toFixed(3)),
      ]),
      { page },
    ),
  ];
}

function accuracyLines({ train, test }: AssignmentPhase, page: Page): string[] {
  return [
    `train  ${accuracyLine(train.accuracy, page)}`,
    `test   ${accuracyLine(test.accuracy, page)}`,
  ];
}

function sizeText({ height, width }: AssignmentReport["pictureSizes"]): string {
  const range = ([least, greatest]: readonly [number, number]) =>
    least === greatest ? String(least) : `${least} to ${greatest}`;
  return `${range(height)} x ${range(width)} pixels`;
}
