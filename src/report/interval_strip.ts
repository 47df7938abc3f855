/** One share with its interval, as a strip. @module */

import type { Proportion } from "../core/intervals.ts";
import { escapeMarkup } from "./markup.ts";

/** What {@linkcode intervalStrip} draws. */
export interface IntervalStripOptions {
  /** What the share is, as text. */
  readonly title: string;
  /** The share. */
  readonly share: Pick<Proportion, "value" | "low" | "high">;
  /** A share to compare with. @default none */
  readonly level?: { readonly name: string; readonly value: number };
}

/** Style of the strip, for the page's `<style>` element; every rule is bound to it. */
export const INTERVAL_STRIP_STYLE: string = ".strip{margin:1.5rem 0 1rem;max-width:42rem}" +
  ".strip .track{position:relative;height:.85rem;border-radius:.425rem;background:var(--line)}" +
  ".strip .track>*{position:absolute;top:0;bottom:0}.strip .value{left:0;background:var(--right);border-radius:.425rem 0 0 .425rem}" +
  ".strip .interval{border:solid var(--ink);border-width:0 2px;top:-.3rem;bottom:-.3rem}" +
  ".strip .interval::before{content:'';position:absolute;left:0;right:0;top:calc(50% - 1px);height:2px;background:var(--ink)}" +
  ".strip .level{border-left:2px dashed var(--ink);top:-.3rem;bottom:-.3rem;opacity:.75}" +
  ".strip ul{list-style:none;display:flex;flex-wrap:wrap;gap:.15rem 1.5rem;padding:0;margin:.8rem 0 0;font-size:.8125rem;color:var(--quiet)}" +
  ".strip li{display:flex;align-items:center;gap:.5rem}.strip li i{flex:none;display:inline-block}" +
  ".strip li .bar{width:1rem;height:.6rem;background:var(--right);border-radius:2px}" +
  ".strip li .whisker{width:1rem;height:.6rem;border:solid var(--ink);border-width:0 2px;background:linear-gradient(var(--ink),var(--ink)) center/100% 2px no-repeat}" +
  ".strip li .dash{height:.9rem;border-left:2px dashed var(--ink);opacity:.75}" +
  "@media print{.strip *{print-color-adjust:exact;-webkit-print-color-adjust:exact}}";

/**
 * A share on the way from 0 to 100 % as HTML: a bar up to it, its interval as a whisker, and what it is to be compared with as a
 * dashed line; below, what each of them is.
 *
 * @example
 * ```ts
 * import { intervalStrip } from "./interval_strip.ts";
 * const html = intervalStrip({ title: "Right", share: { value: 0.8, low: 0.7, high: 0.9 } });
 * if (!html.includes("Right: 80.0 %")) throw new Error(html);
 * ```
 */
export function intervalStrip({ title, share, level }: IntervalStripOptions): string {
  const { value, low, high } = share;
  const at = (share: number) => `${Math.round(1000 * share) / 10}%`;
  const entries = [
    `<li><i class="bar"></i>${escapeMarkup(title)}: ${percent(value)}</li>`,
    `<li><i class="whisker"></i>95 % interval: ${percent(low)} to ${percent(high)}</li>`,
    ...level === undefined
      ? []
      : [`<li><i class="dash"></i>${escapeMarkup(level.name)}: ${percent(level.value)}</li>`],
  ];
  return [
    '<div class="strip"><div class="track" aria-hidden="true">' +
    `<span class="value" style="width:${at(value)}"></span>` +
    `<span class="interval" style="left:${at(low)};right:${at(1 - high)}"></span>` +
    (level === undefined ? "" : `<span class="level" style="left:${at(level.value)}"></span>`) +
    "</div>",
    `<ul>${entries.join("")}</ul></div>`,
  ].join("\n");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
