/** What a range test of learning rates found, in words, as a page and as JSON. @module */

import type { LearningRates } from "../train/lr_find.ts";
import { htmlPage, htmlTable } from "../report/html_page.ts";
import { escapeMarkup } from "../report/markup.ts";
import { rateChart } from "../report/rate_chart.ts";
import { wrap } from "./help.ts";
import { type Page, PLAIN_PAGE } from "./page.ts";
import { rateNumber } from "./rate_number.ts";
import { tableLines } from "./table.ts";

/** Everything that is told of one test. */
export interface LrFindResult {
  /** The data's path or address. */
  readonly source: string;
  /** How it is going to be trained. */
  readonly method: string;
  /** Pictures that are going to be trained on. */
  readonly pictures: number;
  /** Mini-batches that were to be made. */
  readonly steps: number;
  /** What was found. */
  readonly found: LearningRates;
}

/** The files of a report. */
export const LR_FIND_FILES = ["lr_find.html", "lr_find.svg"] as const;

/** Rates that the text shows. */
const SHOWN_RATES = 12;

/** The report for a terminal. */
export function lrFindText(result: LrFindResult, page: Page = PLAIN_PAGE): string {
  return [
    ...wrap(courseText(result), 0),
    "",
    ...tableLines(HEADER, rateRows(result.found), { page }),
    "",
    ...suggestionLines(result),
  ].join("\n");
}

/** The report as files, by name. */
export function lrFindFiles(result: LrFindResult): Record<typeof LR_FIND_FILES[number], string> {
  const { found: { suggestion, rates, smoothed } } = result;
  const chart = rates.length < 2 ? "" : rateChart({
    title: `Range test of learning rates for ${result.method}`,
    rates,
    smoothed,
    marks: suggestion === null ? {} : {
      "falls fastest": suggestion.steepest,
      "a tenth of the least": suggestion.tenthOfLeast,
    },
  });
  const paragraph = (text: string) => `<p>${escapeMarkup(text)}</p>`;
  const page = htmlPage(`Which learning rate for ${result.method}?`, [
    { html: [courseText(result), ...suggestionLines(result)].map(paragraph).join("\n") },
    { heading: "Loss by learning rate", html: chart },
    { heading: "Figures", html: htmlTable(HEADER, rateRows(result.found)) },
  ]);
  return { "lr_find.html": page, "lr_find.svg": `${chart}\n` };
}

/** The report for programs. */
export function lrFindJson({ found, ...rest }: LrFindResult): Record<string, unknown> {
  return { ...rest, ...found, suggested: found.suggestion?.tenthOfLeast ?? null };
}

function courseText({ source, method, pictures, steps, found }: LrFindResult): string {
  const { rates, diverged, timedOut } = found;
  const name = source.split(/[\\/]/).at(-1) || source; // where it lay is nobody's business
  const end = diverged
    ? `ended after ${rates.length}, since the loss ran away`
    : timedOut
    ? `ended after ${rates.length} at ${
      rateNumber(rates.at(-1)!)
    }, since the time limit was reached; give it more with --budget`
    : `all made, up to ${rateNumber(rates.at(-1)!)}`;
  return `Range test for ${method} on ${pictures} pictures of ${name}: ${steps} mini-batches with a learning rate that rises, ${end}.`;
}

function suggestionLines({ method, found: { suggestion } }: LrFindResult): string[] {
  if (suggestion === null) return ["no suggestion: the loss never fell"];
  const { steepest, tenthOfLeast } = suggestion;
  return [
    `the loss falls fastest at                 ${rateNumber(steepest)}`,
    `a tenth of the rate where it is least is  ${rateNumber(tenthOfLeast)}`,
    `try --method ${method} --lr ${rateNumber(tenthOfLeast)}`,
  ];
}

const HEADER = ["learning rate", "loss", "smoothed"];

/** A few rates, the first and the last among them. */
function rateRows({ rates, losses, smoothed }: LearningRates): string[][] {
  const last = rates.length - 1;
  const shown = Array.from(
    { length: SHOWN_RATES },
    (_, i) => Math.round(i * last / (SHOWN_RATES - 1)),
  );
  return [...new Set(shown)].filter((i) => i in rates).map((i) => [
    rateNumber(rates[i]),
    losses[i].toFixed(3),
    smoothed[i].toFixed(3),
  ]);
}
