/** Figures of each class as a table with bars. @module */

import { escapeMarkup } from "./markup.ts";

/** Figures of one class. */
export interface ClassRow {
  /** Its name. */
  readonly name: string;
  /** Shares, 0 to 1, one for each column of bars. */
  readonly shares: readonly number[];
  /** Pictures. */
  readonly count: number;
}

/** What {@linkcode classBars} shows. */
export interface ClassBarsOptions {
  /** Names of the columns of bars. */
  readonly header: readonly string[];
  /** A row for each class. */
  readonly rows: readonly ClassRow[];
  /** What it shows, as text. */
  readonly caption: string;
}

/** Style of the table, for the page's `<style>` element; every rule is bound to it. */
export const CLASS_BARS_STYLE: string =
  ".class-bars td.share{min-width:8.5rem;white-space:nowrap}.class-bars .track{display:inline-block;width:5rem;height:.6rem;" +
  "margin-right:.6rem;border-radius:.3rem;background:var(--line);overflow:hidden}" +
  ".class-bars .track i{display:block;height:100%;background:var(--right)}.class-bars tbody th{font-weight:400}" +
  "@media print{.class-bars .track,.class-bars .track i{print-color-adjust:exact;-webkit-print-color-adjust:exact}}";

/**
 * A table of shares by class, each with a bar beside its figure.
 *
 * @example
 * ```ts
 * import { classBars } from "./class_bars.ts";
 * const rows = [{ name: "cat", shares: [0.5], count: 9 }];
 * const html = classBars({ header: ["recall"], rows, caption: "By class" });
 * if (!html.includes("width:50%") || !html.includes("0.500")) throw new Error(html);
 * ```
 */
export function classBars({ header, rows, caption }: ClassBarsOptions): string {
  const columns = ["class", ...header].map((name) => `<th scope="col">${escapeMarkup(name)}</th>`);
  return [
    '<div class="wide" tabindex="0"><table class="class-bars">',
    `<caption>${escapeMarkup(caption)}</caption>`,
    `<thead><tr>${columns.join("")}<th scope="col" class="number">pictures</th></tr></thead>`,
    "<tbody>",
    ...rows.map(({ name, shares, count }) =>
      `<tr><th scope="row">${escapeMarkup(name)}</th>${
        shares.map((share) =>
          `<td class="share"><span class="track" aria-hidden="true"><i style="width:${
            Math.round(1000 * share) / 10
          }%"></i></span>${share.toFixed(3)}</td>`
        ).join("")
      }<td class="number">${count}</td></tr>`
    ),
    "</tbody>",
    "</table></div>",
  ].join("\n");
}
