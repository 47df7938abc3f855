/** The curve of a range test of learning rates as SVG. @module */

import { lineChart } from "./line_chart.ts";
import type { Ticks } from "./ticks.ts";

/** What {@linkcode rateChart} draws. */
export interface RateChartOptions {
  /** What it shows. */
  readonly title: string;
  /** Learning rates, ascending by a constant factor, at least two. */
  readonly rates: readonly number[];
  /** Smoothed loss at each, in nats. */
  readonly smoothed: readonly number[];
  /** Rates that are marked, by what they are. @default none */
  readonly marks?: Readonly<Record<string, number>>;
}

/** By how much the curve may rise above where it begins, in parts of by how much it falls, before it is cut off. */
const HEADROOM = 1;

/**
 * Draws the smoothed loss over learning rates, by powers of ten. Where it runs away it is cut off, so that what matters, how it falls,
 * fills the chart. Marks outside of the tested rates are left out.
 *
 * @throws {RangeError} When there are fewer than two rates.
 *
 * @example
 * ```ts
 * import { rateChart } from "./rate_chart.ts";
 * const svg = rateChart({
 *   title: "Range test",
 *   rates: [1e-3, 1e-2, 1e-1],
 *   smoothed: [2, 1.5, 2],
 *   marks: { chosen: 1e-2 },
 * });
 * if (!svg.includes(">0.01<") || !svg.includes(">chosen<")) throw new Error(svg);
 * ```
 */
export function rateChart(options: RateChartOptions): string {
  const { title, rates, smoothed, marks = {} } = options;
  if (rates.length < 2) {
    throw new RangeError(
      `Cannot draw ${JSON.stringify(title)}: it has ${rates.length} learning rates, expected 2`,
    );
  }
  const fall = smoothed[0] - Math.min(...smoothed);
  const ceiling = fall > 0 ? smoothed[0] + HEADROOM * fall : Infinity;
  const placeOf = (rate: number) =>
    1 + (rates.length - 1) * Math.log(rate / rates[0]) / Math.log(rates.at(-1)! / rates[0]);
  return lineChart({
    title,
    xLabel: "learning rate",
    yLabel: "smoothed loss (nats)",
    xTicks: decades(rates[0], rates.at(-1)!, placeOf),
    series: [{ name: "smoothed", values: smoothed.map((one) => one > ceiling ? NaN : one) }],
    marks: Object.entries(marks)
      .map(([name, rate]) => ({ name, at: placeOf(rate) }))
      .filter(({ at }) => at >= 1 && at <= rates.length),
  });
}

/** Powers of ten from the first to the last rate; where there are none, these two. */
function decades(first: number, last: number, placeOf: (rate: number) => number): Ticks {
  const low = Math.ceil(Math.log10(first) - 1e-9), high = Math.floor(Math.log10(last) + 1e-9);
  const rates = low > high
    ? [first, last].map((rate) => Number(rate.toPrecision(2)))
    : Array.from({ length: high - low + 1 }, (_, i) => Number(`1e${low + i}`));
  return { values: rates.map(placeOf), labels: rates.map(label) };
}

/** Small rates are easier to tell apart by their exponents. */
function label(rate: number): string {
  return rate < 1e-3 ? rate.toExponential() : String(rate);
}
