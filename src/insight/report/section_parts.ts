/** What the sections of a report's page are made of. @module */

import type { Section } from "../../report/html_page.ts";
import { escapeMarkup } from "../../report/markup.ts";

/** A section that has nothing to show. */
export interface AbsentSection {
  /** What it would have been. */
  readonly heading: string;
  /** Why it is not there, as the rest of a sentence. */
  readonly absent: string;
}

/** A section of the page, or why there is none; `undefined` where it does not belong to such a report at all. */
export type ReportSection = (Section & { readonly heading: string }) | AbsentSection | undefined;

/** Texts as paragraphs. */
export function paragraphs(texts: readonly string[], kind?: string): string {
  const attributes = kind === undefined ? "" : ` class="${kind}"`;
  return texts.map((text) => `<p${attributes}>${escapeMarkup(text)}</p>`).join("\n");
}

/** A heading within a section. */
export function subheading(text: string): string {
  return `<h3>${escapeMarkup(text)}</h3>`;
}
