/** A chart on a page. @module */

import { escapeMarkup } from "./markup.ts";

/** What stands around a chart. */
export interface ChartFigureOptions {
  /** What to see in it, as text. */
  readonly caption: string;
  /** Whether it stays small where there is room. @default {false} */
  readonly narrow?: boolean;
}

/**
 * A chart with its caption as HTML. Where the page is narrow the chart keeps a size at which it can be read and is moved by itself.
 *
 * @param svg As the charts of this room are.
 *
 * @example
 * ```ts
 * import { chartFigure } from "./chart_figure.ts";
 * const html = chartFigure("<svg></svg>", { caption: "a < b" });
 * if (!html.includes("<figcaption>a &lt; b</figcaption>")) throw new Error(html);
 * ```
 */
export function chartFigure(svg: string, { caption, narrow = false }: ChartFigureOptions): string {
  return `<figure><div class="chart${narrow ? " narrow" : ""}" tabindex="0">\n${svg}\n</div>` +
    `<figcaption>${escapeMarkup(caption)}</figcaption></figure>`;
}
