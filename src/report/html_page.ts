/** A report as one HTML file. @module */

import { VERSION } from "../core/version.ts";
import { escapeMarkup } from "./markup.ts";
import { PAGE_STYLE } from "./page_style.ts";

/** One part of a page. */
export interface Section {
  /** Its heading, as text; without one it stands under the title, above those that have one. */
  readonly heading?: string;
  /** Its content, as HTML that is sound already: text in it must have gone through `escapeMarkup`. */
  readonly html: string;
}

/** Options of {@linkcode htmlPage}. */
export interface PageOptions {
  /** Rules of style for what sections hold. @default {""} */
  readonly style?: string;
  /** Whether a list of the headings, as links, stands above the sections that have one. @default {false} */
  readonly contents?: boolean;
  /** What stands at the end, as text. @default nothing */
  readonly footer?: string;
}

/** What tells graft's pages from others. */
const GENERATOR = '<meta name="generator" content="graft ';

/** Nothing runs and nothing is fetched, whatever a section holds. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/**
 * A page that stands alone: no script, nothing from the network (a policy in it forbids both), light or dark as the reader's
 * system is.
 *
 * @param title As text.
 *
 * @example
 * ```ts
 * import { htmlPage } from "./html_page.ts";
 * const page = htmlPage("Cats & dogs", [{ heading: "Result", html: "<p>0.97</p>" }]);
 * if (!page.includes("<h1>Cats &amp; dogs</h1>")) throw new Error(page);
 * ```
 */
export function htmlPage(
  title: string,
  sections: readonly Section[],
  { style = "", contents = false, footer }: PageOptions = {},
): string {
  const name = escapeMarkup(title);
  const opening = sections.filter(({ heading }) => heading === undefined);
  const headed = sections.filter(({ heading }) => heading !== undefined);
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `${GENERATOR}${VERSION}">`,
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${name}</title>`,
    `<style>${PAGE_STYLE}${style}</style>`,
    "</head>",
    "<body>",
    "<header>",
    `<h1>${name}</h1>`,
    ...opening.map(({ html }) => html),
    ...contents && headed.length > 1 ? [contentsList(headed)] : [],
    "</header>",
    "<main>",
    ...headed.map(({ heading, html }, i) =>
      `<section id="part-${i + 1}">\n<h2>${escapeMarkup(heading!)}</h2>\n${html}\n</section>`
    ),
    "</main>",
    ...footer === undefined ? [] : [`<footer>${escapeMarkup(footer)}</footer>`],
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

function contentsList(headed: readonly Section[]): string {
  const items = headed.map(({ heading }, i) =>
    `<li><a href="#part-${i + 1}">${escapeMarkup(heading!)}</a></li>`
  );
  return `<nav aria-label="Contents"><ul>${items.join("")}</ul></nav>`;
}

/** Options of {@linkcode htmlTable}. */
export interface TableOptions {
  /** What the table shows, as text. @default none */
  readonly caption?: string;
  /** Whether the first cell of a row names it. @default {false} */
  readonly rowNames?: boolean;
  /** Columns, from the first on, that hold names: they are none of numbers, whatever the names are. @default {0} */
  readonly names?: number;
}

/**
 * A table of text; columns of numbers stand to the right. Where it is wider than the page, it is moved by itself, by the keyboard, too.
 *
 * @param rows Cells by row, all rows alike in length; numbers are written as they are.
 *
 * @example
 * ```ts
 * import { htmlTable } from "./html_page.ts";
 * const html = htmlTable(["class", "rows"], [["a < b", 9]]);
 * if (!html.includes("class</th>") || !html.includes("<td>a &lt; b</td>")) throw new Error(html);
 * ```
 */
export function htmlTable(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  { caption, rowNames = false, names = 0 }: TableOptions = {},
): string {
  const isNumber = header.map((_, column) =>
    column >= names && rows.length > 0 &&
    rows.every((row) => row[column] === "" || Number.isFinite(Number(row[column])))
  );
  const cell = (content: string | number, column: number, scope?: "col" | "row") => {
    const tag = scope === undefined ? "td" : "th";
    const attributes = (scope === undefined ? "" : ` scope="${scope}"`) +
      (isNumber[column] ? ' class="number"' : "");
    return `<${tag}${attributes}>${escapeMarkup(String(content))}</${tag}>`;
  };
  return [
    `<div class="wide" tabindex="0"><table${rowNames ? ' class="facts"' : ""}>`,
    ...caption === undefined ? [] : [`<caption>${escapeMarkup(caption)}</caption>`],
    `<thead><tr>${
      header.map((name, column) => name === "" ? "<td></td>" : cell(name, column, "col")).join("")
    }</tr></thead>`,
    "<tbody>",
    ...rows.map((row) =>
      `<tr>${
        row.map((content, i) => cell(content, i, rowNames && i === 0 ? "row" : undefined)).join("")
      }</tr>`
    ),
    "</tbody>",
    "</table></div>",
  ].join("\n");
}

/**
 * Whether a file begins as a page of {@linkcode htmlPage} or a chart of `lineChart` does, and may therefore be written anew.
 *
 * @param start The first few hundred characters.
 */
export function isReport(start: string): boolean {
  return start.startsWith('<svg class="graft-chart"') ||
    start.startsWith("<!doctype html>") && start.includes(GENERATOR);
}
