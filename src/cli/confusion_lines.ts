/** The confusion matrix in words that fit. @module */

import type { Evaluation } from "../evaluate/metrics.ts";
import type { Page } from "./page.ts";
import { tableFits, tableLines } from "./table.ts";

/** Pairs that are told where the matrix does not fit. */
const SHOWN_PAIRS = 12;

/**
 * The confusion matrix: whole with the names of the classes; where that is too wide, with numbers for the names; and
 * where that is too wide, the pairs that are most often confused.
 */
export function confusionLines(
  { confusion, classes }: Pick<Evaluation, "confusion" | "classes">,
  page: Page,
): string[] {
  const named = confusion.map((row, truth) => [classes[truth], ...row]);
  // What is right stands out, and what never happens stands behind.
  const emphasis = (first: number) => (row: number, column: number) =>
    column < first
      ? undefined
      : column - first === row
      ? "strong" as const
      : confusion[row][column - first] === 0
      ? "faint" as const
      : undefined;
  if (tableFits(["", ...classes], named, page.width)) {
    return [
      "confusion (rows: true class, columns: predicted)",
      ...tableLines(["", ...classes], named, { page, emphasis: emphasis(1) }),
    ];
  }
  const numbers = classes.map((_, i) => `${i + 1}`);
  const numbered = confusion.map((row, truth) => [numbers[truth], classes[truth], ...row]);
  // Names may be shortened, numbers may not.
  const narrowest = numbered.map(([number, , ...row]) => [number, "", ...row]);
  if (tableFits(["", "", ...numbers], narrowest, page.width - NAME_ROOM)) {
    return [
      "confusion (rows: true class, columns: predicted, numbered as the rows)",
      ...tableLines(["", "", ...numbers], numbered, { page, emphasis: emphasis(2) }),
    ];
  }
  return pairLines({ confusion, classes }, page);
}

/** Columns that the names of the classes need at least. */
const NAME_ROOM = 8;

function pairLines(
  { confusion, classes }: Pick<Evaluation, "confusion" | "classes">,
  page: Page,
): string[] {
  const pairs = confusion.flatMap((row, truth) => {
    const rows = row.reduce((sum, count) => sum + count, 0);
    return row.flatMap((count, predicted) =>
      count > 0 && predicted !== truth ? [{ truth, predicted, count, rows }] : []
    );
  }).sort((a, b) => b.count - a.count || a.truth - b.truth || a.predicted - b.predicted);
  const hint = `the whole matrix of ${classes.length} classes: --json, or into a file`;
  if (pairs.length === 0) return ["no class was taken for another", hint];
  const shown = pairs.slice(0, SHOWN_PAIRS).map(({ truth, predicted, count, rows }) => [
    classes[truth],
    classes[predicted],
    count,
    `${Math.round(100 * count / rows)} %`,
  ]);
  const more = pairs.length - shown.length;
  return [
    "most often confused",
    ...tableLines(["true class", "predicted", "pictures", "of the class"], shown, { page }),
    ...more === 0 ? [] : [`and ${more} more ${more === 1 ? "pair" : "pairs"}`],
    hint,
  ];
}
