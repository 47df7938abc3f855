/** A report as a model card. @module */

import { printable } from "../../core/printable.ts";
import { VERSION } from "../../core/version.ts";
import { hashRows, settingRows } from "./making_section.ts";
import type { ReportData } from "./report_data.ts";
import {
  calibrationText,
  cautions,
  commandText,
  leadText,
  percent,
  trainingText,
} from "./words.ts";

/** Confused pairs that are listed. */
const PAIRS = 10;

/**
 * A report as a model card in Markdown, without pictures: what belongs beside a model that is handed on.
 *
 * @example
 * ```ts
 * import { reportMarkdown } from "./markdown.ts";
 * const run = { epochs: [], finished: false, steps: 3, settings: {}, graft: "0.1.0" };
 * const card = reportMarkdown({ name: "my_run", run });
 * if (!card.startsWith("# my\\_run\n")) throw new Error(card);
 * ```
 */
export function reportMarkdown(data: ReportData): string {
  const { name, model, run, interpretation } = data;
  const parts: string[][] = [
    [`# ${text(name)}`, text(leadText(data)), ...cautions(data).map((line) => `> ${text(line)}`)],
  ];
  if (model?.training) parts.push(["## Training", text(trainingText(model.training).join(" "))]);
  if (run !== undefined) {
    parts.push(["## Training", table(["setting", "value"], Object.entries(run.settings))]);
  }
  if (interpretation !== undefined) parts.push(...scoreParts(interpretation));
  if (model !== undefined) {
    parts.push(["## Probabilities", text(calibrationText(model.calibration).join(" "))]);
    parts.push(["## Settings", table(["what", "value"], settingRows(data))]);
  }
  parts.push(["## Hashes and versions", table(["what", "value"], hashRows(data))]);
  const command = model?.training?.command;
  if (command !== undefined) parts.push(["## To make it again", code(commandText(command))]);
  return [...parts.flat(), `Written by graft ${VERSION}.`].join("\n\n") + "\n";
}

function scoreParts(
  { evaluation, mostConfused, classes, reliability, moreData }: NonNullable<
    ReportData["interpretation"]
  >,
): string[][] {
  const { perClass, macroF1, weightedF1, logLoss } = evaluation;
  const scores = perClass.map(({ name, precision, recall, f1, support }) => [
    name,
    ...[precision, recall, f1].map((score) => score.toFixed(3)),
    String(support),
  ]);
  const pairs = mostConfused.slice(0, PAIRS).map(({ truth, predicted, count, share }) => [
    ...[classes[truth], classes[predicted], String(count), percent(share, 0)],
  ]);
  return [
    ["## Scores", table(["class", "precision", "recall", "F1", "pictures"], scores)],
    [
      `Mean F1 ${macroF1.toFixed(3)}, weighted by pictures ${weightedF1.toFixed(3)}; log loss ${
        logLoss.toFixed(3)
      } nats; expected calibration error ${reliability.ece.toFixed(3)}.`,
    ],
    ...pairs.length === 0
      ? []
      : [["## Most confused", table(["class", "taken for", "times", "share of the class"], pairs)]],
    ...moreData === undefined ? [] : [["## Would more data help?", text(moreData.text)]],
  ];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(text).join(" | ")} |`;
  return [line(header), `|${" --- |".repeat(header.length)}`, ...rows.map(line)].join("\n");
}

/** Text that Markdown takes as it is, on one line. */
function text(words: string): string {
  return printable(words).replace(/\s+/g, " ").replace(/[\\`*_{}[\]<>#|~]/g, "\\$&");
}

/** Text as a block of code, fenced by more backticks than it has in a row. */
function code(words: string): string {
  const longest = Math.max(2, ...(words.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  const lines = words.split("\n").map(printable);
  return `${fence}sh\n${lines.join("\n")}\n${fence}`;
}
