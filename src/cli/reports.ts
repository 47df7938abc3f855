/** Results in words, shared by the verbs. @module */

import { count } from "../core/count.ts";
import type { BackendReport } from "../backend/mod.ts";
import type { Proportion } from "../core/intervals.ts";
import type { ImageDataset } from "../data/dataset.ts";
import type { Evaluation } from "../evaluate/metrics.ts";
import { confusionLines } from "./confusion_lines.ts";
import { type Page, PLAIN_PAGE } from "./page.ts";
import { tableLines } from "./table.ts";

/** `0.820 (95 % interval 0.733 to 0.883, 100 pictures)`. */
export function accuracyLine(
  { value, low, high, n }: Proportion,
  { strong }: Page = PLAIN_PAGE,
): string {
  return `${strong(value.toFixed(3))} (95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}, ${
    count(n, "picture")
  })`;
}

/** What an accuracy is to be compared with: `always guessing the commonest class: 0.150`. */
export function guessLine(majority: number): string {
  return `always guessing the commonest class: ${majority.toFixed(3)}`;
}

/** Accuracy, losses, scores of each class and the confusion matrix. */
export function evaluationText(evaluation: Evaluation, page: Page = PLAIN_PAGE): string {
  const { accuracy, logLoss, ece, majority, macroF1, weightedF1, perClass } = evaluation;
  const scores = perClass.map(({ name, precision, recall, f1, support }) => [
    name,
    ...[precision, recall, f1].map((score) => score.toFixed(3)),
    support,
  ]);
  return [
    `accuracy  ${accuracyLine(accuracy, page)}; ${guessLine(majority)}`,
    `log loss  ${logLoss.toFixed(3)}`,
    `ECE       ${
      ece.toFixed(3)
    }: how far probabilities are from the share that comes true, on average`,
    "",
    ...tableLines(["class", "precision", "recall", "F1", "pictures"], scores, { page }),
    "",
    `mean F1   ${macroF1.toFixed(3)}, weighted by pictures ${weightedF1.toFixed(3)}`,
    "",
    ...confusionLines(evaluation, page),
  ].join("\n");
}

/** `1000 pictures of 28 x 28, grey, 10 classes`; of differing sizes, the least and the greatest height and width. */
export function datasetLine(data: ImageDataset): string {
  let [height, width, maxHeight, maxWidth] = [Infinity, Infinity, 0, 0];
  const kinds = new Set<string>();
  for (let i = 0; i < data.length; i++) {
    const size = data.size(i);
    [height, width] = [Math.min(height, size.height), Math.min(width, size.width)];
    [maxHeight, maxWidth] = [Math.max(maxHeight, size.height), Math.max(maxWidth, size.width)];
    kinds.add(data.channels(i) === 1 ? "grey" : "colour");
  }
  const least = `${height} x ${width}`;
  const sizes = least === `${maxHeight} x ${maxWidth}`
    ? least
    : `${least} to ${maxHeight} x ${maxWidth}`;
  const classes = data.hasLabels ? `, ${data.classes.length} classes` : ", no labels";
  return `${count(data.length, "picture")} of ${sizes}, ${
    [...kinds].sort().join(" and ")
  }${classes}`;
}

/** What was told last. */
let told: BackendReport | undefined;

/** Says on what the work runs, and complains where it is not what was wanted; nothing where nothing changed since. */
export function reportBackend(
  report: BackendReport | undefined,
  { note, detail }: {
    readonly note: (line: string) => void;
    readonly detail: (line: string) => void;
  },
): void {
  if (report === undefined || report === told) return;
  told = report;
  const { kind, threads, fma, why, fellBack } = report;
  const line = `backend: ${kind}, ${count(threads, "thread")}, ${fma ? "FMA" : "no FMA"} (${why})`;
  if (fellBack) note(`running on one thread only: ${why}`);
  detail(line);
}
