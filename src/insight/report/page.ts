/** A report as one HTML file. @module */

import { VERSION } from "../../core/version.ts";
import { CLASS_BARS_STYLE } from "../../report/class_bars.ts";
import { CONFUSION_STYLE } from "../../report/confusion_table.ts";
import { htmlPage } from "../../report/html_page.ts";
import { INTERVAL_STRIP_STYLE, intervalStrip } from "../../report/interval_strip.ts";
import { escapeMarkup } from "../../report/markup.ts";
import { PICTURE_CARDS_STYLE } from "../../report/picture_cards.ts";
import { makingSection } from "./making_section.ts";
import { mistakeSection, sampleSection, suspectSection } from "./picture_sections.ts";
import type { ReportData } from "./report_data.ts";
import {
  classSection,
  confusionSection,
  mapSection,
  moreDataSection,
  trustSection,
} from "./score_sections.ts";
import type { AbsentSection, ReportSection } from "./section_parts.ts";
import { paragraphs } from "./section_parts.ts";
import { trainingSection } from "./training_section.ts";
import { cautions, leadText, scoreOf } from "./words.ts";

const STYLE = CONFUSION_STYLE + CLASS_BARS_STYLE + PICTURE_CARDS_STYLE + INTERVAL_STRIP_STYLE +
  ".lead{font-size:1.25rem;line-height:1.5;letter-spacing:-.005em}" +
  ".caution{border-left:3px solid var(--wrong);padding-left:.9rem}" +
  ".absent{color:var(--quiet);font-size:.9375rem;padding-left:1.1rem}";

/**
 * A report as ONE HTML file: nothing runs in it and nothing is fetched; light or dark as the reader's system is.
 *
 * It opens with the sentence that matters; sections without data are told with the reason at the end.
 *
 * @example
 * ```ts
 * import { reportPage } from "./page.ts";
 * const run = { epochs: [], finished: false, steps: 3, settings: { batchSize: "32" }, graft: "0.1.0" };
 * const page = reportPage({ name: "run", run });
 * if (!page.includes("3 steps were made")) throw new Error(page);
 * ```
 */
export function reportPage(data: ReportData): string {
  const sections: ReportSection[] = [
    trainingSection(data),
    confusionSection(data),
    classSection(data),
    mistakeSection(data),
    sampleSection(data),
    trustSection(data),
    moreDataSection(data),
    mapSection(data),
    suspectSection(data),
    makingSection(data),
  ];
  const shown = sections.filter((section) => section !== undefined && "html" in section);
  const absent = sections.filter((section) => section !== undefined && "absent" in section);
  return htmlPage(titleOf(data), [
    { html: opening(data) },
    ...shown as { heading: string; html: string }[],
    ...absent.length === 0
      ? []
      : [{ heading: "What is not here", html: absentList(absent as AbsentSection[]) }],
  ], { style: STYLE, contents: true, footer: `Made by graft ${VERSION}.` });
}

/** What the page is called. */
function titleOf({ name, model }: ReportData): string {
  return model === undefined ? `The training run ${name}` : `How good is ${name}?`;
}

function opening(data: ReportData): string {
  const score = scoreOf(data);
  return [
    paragraphs([leadText(data)], "lead"),
    ...score === undefined ? [] : [intervalStrip({
      title: "named rightly",
      share: score.accuracy,
      level: { name: "always guessing the commonest class", value: score.majority },
    })],
    paragraphs(cautions(data), "caution"),
  ].join("\n");
}

/** Reasons, one for all sections that share it. */
function absentList(absent: readonly AbsentSection[]): string {
  const reasons = Map.groupBy(absent, (section) => section.absent);
  const items = [...reasons].map(([why, sections]) =>
    `<li>${escapeMarkup(`${sections.map(({ heading }) => heading).join(" · ")}: ${why}.`)}</li>`
  );
  return `<ul class="absent">\n${items.join("\n")}\n</ul>`;
}
