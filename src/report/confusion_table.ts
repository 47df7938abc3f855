/** A confusion matrix as a table whose cells are coloured. @module */

import { escapeMarkup } from "./markup.ts";

/** What {@linkcode confusionTable} shows. */
export interface ConfusionTableOptions {
  /** Class names, in order. */
  readonly classes: readonly string[];
  /** Counts `[true class][predicted class]`. */
  readonly counts: readonly (readonly number[])[];
  /** What it shows, as text. */
  readonly caption: string;
}

/** Colours of one kind of cell, from few to many: ground and ink, each pair at least 4.5:1 apart (WCAG 2, AA), which a test computes. */
export type Ramp = readonly (readonly [ground: string, ink: string])[];

/** Colours of the cells: right answers blue, wrong ones orange, apart for all kinds of eyes. */
export const RAMPS: Readonly<Record<"light" | "dark", { right: Ramp; wrong: Ramp }>> = {
  light: {
    right: [
      ["#eaf3fa", "#1f2328"],
      ["#d0e4f4", "#1f2328"],
      ["#a8cfea", "#1f2328"],
      ["#72b2dc", "#1f2328"],
      ["#1f73ad", "#ffffff"],
      ["#0a4f80", "#ffffff"],
    ],
    wrong: [
      ["#fdf1e7", "#1f2328"],
      ["#fcdfc6", "#1f2328"],
      ["#f8c190", "#1f2328"],
      ["#ee9a55", "#1f2328"],
      ["#b5500f", "#ffffff"],
      ["#863905", "#ffffff"],
    ],
  },
  dark: {
    right: [
      ["#1c2833", "#e2e4e7"],
      ["#1d3850", "#e2e4e7"],
      ["#1d4c71", "#ffffff"],
      ["#206394", "#ffffff"],
      ["#56b4e9", "#101214"],
      ["#9bd6f7", "#101214"],
    ],
    wrong: [
      ["#31261b", "#e2e4e7"],
      ["#4a3218", "#e2e4e7"],
      ["#664113", "#ffffff"],
      ["#84530f", "#ffffff"],
      ["#e0912f", "#101214"],
      ["#f8bd6c", "#101214"],
    ],
  },
};

/** Shares of the true class's pictures from which on a cell has the next colour. Mistakes are few where answers are good: their steps are finer. */
const STEPS = {
  right: [0.25, 0.5, 0.7, 0.85, 0.95],
  wrong: [0.025, 0.05, 0.1, 0.2, 0.4],
} as const;

/** Characters up to which the names of all classes stand across above their columns, not upright. */
const SHORT = 3;
/** From so many classes on, cells are drawn small. */
const COMPACT = 13;

function rules(theme: "light" | "dark"): string {
  return (["right", "wrong"] as const).flatMap((kind) =>
    RAMPS[theme][kind].map(([ground, ink], i) =>
      `.confusion .${kind}-${i}{background:${ground};color:${ink}}`
    )
  ).join("");
}

/** Style of the table, for the page's `<style>` element; every rule is bound to it. */
export const CONFUSION_STYLE: string =
  ".confusion{border-collapse:separate;border-spacing:2px;font-size:.875rem;line-height:1.2}" +
  ".confusion th,.confusion td{border:0;padding:.5rem .4rem;text-align:center}" +
  ".confusion td{min-width:2.6rem;border-radius:3px;color:var(--quiet)}" +
  ".confusion tbody th{text-align:right;white-space:nowrap;padding-right:.6rem;font-weight:400;position:sticky;left:0;background:var(--ground)}" +
  ".confusion thead th{color:var(--ink);font-weight:400;text-align:center;vertical-align:bottom;padding:0 .2rem .4rem}" +
  ".confusion.upright thead th span{writing-mode:vertical-rl;transform:rotate(180deg);text-align:left;white-space:nowrap;max-height:12rem}" +
  ".confusion .axis{font-size:.8125rem;color:var(--quiet);white-space:nowrap;vertical-align:bottom;text-align:right}" +
  ".confusion.compact{font-size:.7rem;border-spacing:1px}.confusion.compact thead th{font-size:inherit}" +
  ".confusion.compact td{padding:.25rem .1rem;min-width:1.55rem;border-radius:2px}.confusion.compact tbody th{padding:0 .4rem 0 0}" +
  ".swatches{display:inline-flex;gap:2px;vertical-align:-.1em;margin:0 .35rem}" +
  ".swatches i{width:.9em;height:.9em;border-radius:2px;display:inline-block}" +
  rules("light").replaceAll(".confusion .", ":is(.confusion,.swatches) .") +
  `@media screen and (prefers-color-scheme:dark){${
    rules("dark").replaceAll(".confusion .", ":is(.confusion,.swatches) .")
  }}` +
  "@media print{.confusion td,.swatches i{print-color-adjust:exact;-webkit-print-color-adjust:exact}" +
  ".confusion tbody th{position:static}}";

/**
 * A confusion matrix as a real table, which can be read aloud cell by cell: a row for each true class, a column for each answer.
 * Cells are coloured by their share of the row, blue for right answers and orange for wrong ones; those without a count are empty.
 *
 * @example
 * ```ts
 * import { confusionTable } from "./confusion_table.ts";
 * const html = confusionTable({ classes: ["cat", "dog"], counts: [[9, 1], [0, 10]], caption: "On 20 pictures" });
 * if (!html.includes('<td class="right-4">9</td>')) throw new Error(html);
 * ```
 */
export function confusionTable({ classes, counts, caption }: ConfusionTableOptions): string {
  const names = classes.map(escapeMarkup);
  const compact = classes.length >= COMPACT ? " compact" : "";
  const upright = classes.some((name) => name.length > SHORT) ? " upright" : "";
  const rows = counts.map((row, truth) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    const cells = row.map((count, answer) => cell(count, total, answer === truth));
    return `<tr><th scope="row">${names[truth]}</th>${cells.join("")}</tr>`;
  });
  return [
    `<div class="wide" tabindex="0"><table class="confusion${compact}${upright}">`,
    `<caption>${escapeMarkup(caption)} ${legend()}</caption>`,
    `<thead><tr><td class="axis">true class ↓ &#160; answer →</td>${
      names.map((name) => `<th scope="col"><span>${name}</span></th>`).join("")
    }</tr></thead>`,
    "<tbody>",
    ...rows,
    "</tbody>",
    "</table></div>",
  ].join("\n");
}

function cell(count: number, total: number, isRight: boolean): string {
  if (count === 0) return `<td>${isRight && total > 0 ? "0" : ""}</td>`;
  const kind = isRight ? "right" : "wrong";
  return `<td class="${kind}-${step(STEPS[kind], count / total)}">${count}</td>`;
}

function step(bounds: readonly number[], share: number): number {
  return bounds.filter((bound) => share >= bound).length;
}

/** What the colours mean. */
function legend(): string {
  const swatches = (kind: "right" | "wrong") =>
    `<span class="swatches" aria-hidden="true">${
      STEPS[kind].map((_, i) => `<i class="${kind}-${i + 1}"></i>`).join("")
    }</span>`;
  return `The deeper the colour, the larger the share of the row: right answers${
    swatches("right")
  }and mistakes${swatches("wrong")}(these from 2.5 % on).`;
}
