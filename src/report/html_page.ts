/** A report as one HTML file. @module */

import { VERSION } from "../core/version.ts";
import { escapeMarkup } from "./markup.ts";

/** One part of a page. */
export interface Section {
  /** Its heading, as text; none for what stands under the title. */
  readonly heading?: string;
  /** Its content, as HTML that is sound already: text in it must have gone through `escapeMarkup`. */
  readonly html: string;
}

/** Options of {@linkcode htmlPage}. */
export interface PageOptions {
  /** Rules of style for what sections hold. @default {""} */
  readonly style?: string;
}

/** What tells graft's pages from others. */
const GENERATOR = '<meta name="generator" content="graft ';

/** Nothing runs and nothing is fetched, whatever a section holds. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

const STYLE = ":root{color-scheme:light dark}" +
  "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;" +
  "background:#fff;color:#222;overflow-wrap:anywhere}" +
  "h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.2rem;margin-top:2rem}" +
  "table{border-collapse:collapse;overflow-wrap:normal;font-variant-numeric:tabular-nums}" +
  "caption{text-align:left;padding-bottom:.4rem}" +
  "th,td{padding:.25rem 1.25rem .25rem 0;text-align:left;border-bottom:1px solid #ddd}" +
  "td.number,th.number{text-align:right}.wide{overflow-x:auto}svg{display:block;margin:1rem 0}" +
  "@media(prefers-color-scheme:dark){body{background:#1b1b1d;color:#ddd}" +
  "th,td{border-color:#444}a{color:#8ab4f8}}";

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
  { style = "" }: PageOptions = {},
): string {
  const name = escapeMarkup(title);
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `${GENERATOR}${VERSION}">`,
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${name}</title>`,
    `<style>${STYLE}${style}</style>`,
    "</head>",
    "<body>",
    `<h1>${name}</h1>`,
    ...sections.map(({ heading, html }) =>
      heading === undefined
        ? html
        : `<section>\n<h2>${escapeMarkup(heading)}</h2>\n${html}\n</section>`
    ),
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

/**
 * A table of text; columns of numbers stand to the right.
 *
 * @param rows Cells by row, all rows alike in length; numbers are written as they are.
 *
 * @example
 * ```ts
 * import { htmlTable } from "./html_page.ts";
 * const html = htmlTable(["class", "rows"], [["a < b", 9]]);
 * if (!html.includes("<th>class</th>") || !html.includes("<td>a &lt; b</td>")) throw new Error(html);
 * ```
 */
export function htmlTable(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const isNumber = header.map((_, column) =>
    rows.length > 0 &&
    rows.every((row) => row[column] === "" || Number.isFinite(Number(row[column])))
  );
  const line = (cells: readonly (string | number)[], tag: "th" | "td") =>
    `<tr>${
      cells.map((cell, column) =>
        `<${tag}${isNumber[column] ? ' class="number"' : ""}>${escapeMarkup(String(cell))}</${tag}>`
      ).join("")
    }</tr>`;
  return [
    '<div class="wide"><table>',
    line(header, "th"),
    ...rows.map((row) => line(row, "td")),
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
