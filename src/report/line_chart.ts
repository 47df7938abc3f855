/** Curves as SVG. @module */

import { CHART_STYLE, DASHES, HUES } from "./chart_style.ts";
import { escapeMarkup } from "./markup.ts";
import { niceTicks, type Ticks } from "./ticks.ts";

/** One curve. */
export interface Series {
  /** Name in the legend. */
  readonly name: string;
  /** Its values, from x = 1 on; what is not finite leaves a gap. */
  readonly values: ArrayLike<number>;
}

/** An upright line across the chart. */
export interface ChartMark {
  /** What stands beside it. */
  readonly name: string;
  /** Where it is; 1 is the place of the first value. */
  readonly at: number;
}

/** What {@linkcode lineChart} draws. */
export interface LineChartOptions {
  /** What it shows; also what is read aloud. */
  readonly title: string;
  /** What the whole numbers along the bottom count, for instance `"epoch"`, or what `xTicks` are. */
  readonly xLabel: string;
  /** What stands along the bottom, where it is not 1, 2, 3 …; 1 is the place of the first value. */
  readonly xTicks?: Ticks;
  /** What the values are, with their unit. */
  readonly yLabel: string;
  /** The curves; they need not be of one length. */
  readonly series: readonly Series[];
  /** Upright lines, within the range of the values. @default none */
  readonly marks?: readonly ChartMark[];
}

/** Size of the drawing, in its own units: pixels unless it is scaled. */
const WIDTH = 720;
const HEIGHT = 380;
/** Room around the curves for what stands there. */
const MARGIN = { top: 50, right: 24, bottom: 52, left: 36 };
/** Place of the legend; `sample` is the width of a piece of curve with the gap behind it. */
const LEGEND = { left: 24, top: 56, line: 20, sample: 36, gap: 24 };
/** About the width of a character of the labels, in pixels. */
const CHARACTER = 7;
/** Share of the values' range that stays free above and below. */
const AIR = 0.04;

/**
 * Draws curves over 1, 2, 3 … as one SVG element that stands alone as a file and inside a page: no script, no font, nothing
 * from elsewhere; light or dark as the reader's system is. Curves differ in colour and in dashes.
 *
 * @throws {RangeError} When there is nothing finite to draw.
 *
 * @example
 * ```ts
 * import { lineChart } from "./line_chart.ts";
 * const svg = lineChart({
 *   title: "Cost of training",
 *   xLabel: "epoch",
 *   yLabel: "cost",
 *   series: [{ name: "training", values: [3, 2, 1.5] }],
 * });
 * if (!svg.startsWith("<svg ") || !svg.includes("Cost of training")) throw new Error(svg);
 * ```
 */
export function lineChart(options: LineChartOptions): string {
  const { title, xLabel, yLabel, series, marks = [] } = options;
  const [low, high] = rangeOf(title, series);
  const longest = Math.max(...series.map(({ values }) => values.length));
  const air = (high - low) * AIR || Math.abs(high) * AIR || 1;
  const yTicks = niceTicks(low - air, high + air, { intervals: 6 });
  const xTicks = options.xTicks ?? niceTicks(1, longest, { intervals: 10, whole: true });
  const left = MARGIN.left + CHARACTER * Math.max(...yTicks.labels.map(({ length }) => length));
  const legend = legendEntries(series);
  const plot = {
    left,
    right: WIDTH - MARGIN.right,
    top: MARGIN.top + (legend.length === 0 ? 0 : LEGEND.line * (legend[legend.length - 1].row + 1)),
    bottom: HEIGHT - MARGIN.bottom,
  };
  // A single value stands in the middle.
  const x = scale(longest === 1 ? [0, 2] : [1, longest], [plot.left, plot.right]);
  const y = scale([low - air, high + air], [plot.bottom, plot.top]);
  const names = series.map(({ name }) => name).join(", ");
  return [
    `<svg class="graft-chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" ` +
    `role="img" aria-label="${escapeMarkup(`${title}: ${yLabel} by ${xLabel} (${names})`)}">`,
    `<style>${CHART_STYLE}</style>`,
    `<rect class="surface" width="${WIDTH}" height="${HEIGHT}"/>`,
    text(24, 30, title, "title"),
    ...legendMarks(legend),
    ...yTicks.values.flatMap((value, i) => [
      `<path class="grid" d="M${plot.left} ${round(y(value))}H${plot.right}"/>`,
      text(plot.left - 8, y(value) + 4, yTicks.labels[i], "end"),
    ]),
    `<path class="axis" d="M${plot.left} ${plot.bottom}H${plot.right}"/>`,
    ...xMarks(xTicks, x, plot.bottom),
    text((plot.left + plot.right) / 2, HEIGHT - 12, xLabel, "middle"),
    `<text class="middle" transform="translate(18 ${(plot.top + plot.bottom) / 2}) rotate(-90)">${
      escapeMarkup(yLabel)
    }</text>`,
    ...uprights(marks, x, plot),
    ...series.flatMap((one, i) => curve(one, i, x, y)),
    "</svg>",
  ].join("\n");
}

/** Least and greatest finite value of all curves. */
function rangeOf(title: string, series: readonly Series[]): [low: number, high: number] {
  let low = Infinity, high = -Infinity;
  for (const { values } of series) {
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) continue;
      low = Math.min(low, values[i]);
      high = Math.max(high, values[i]);
    }
  }
  if (low <= high) return [low, high];
  throw new RangeError(`Cannot draw ${JSON.stringify(title)}: it has no finite value`);
}

/** From a range of numbers to one of pixels. */
function scale(
  [from, to]: readonly [number, number],
  [start, end]: readonly [number, number],
): (value: number) => number {
  return (value) => start + (value - from) / (to - from) * (end - start);
}

/** A line through each run of finite values; a value between two gaps becomes a dot. */
function curve(
  { values }: Series,
  index: number,
  x: (value: number) => number,
  y: (value: number) => number,
): string[] {
  const lines: string[] = [], dots: string[] = [];
  const finite = (i: number) => i >= 0 && i < values.length && Number.isFinite(values[i]);
  for (let i = 0; i < values.length; i++) {
    if (!finite(i)) continue;
    const [cx, cy] = [round(x(i + 1)), round(y(values[i]))];
    if (finite(i - 1) || finite(i + 1)) lines.push(`${finite(i - 1) ? "L" : "M"}${cx} ${cy}`);
    else dots.push(`<circle class="curve hue-${index % HUES}" cx="${cx}" cy="${cy}" r="1"/>`);
  }
  return lines.length === 0 ? dots : [`<path ${look(index)} d="${lines.join("")}"/>`, ...dots];
}

/** A sample of a curve with its name. */
interface LegendEntry {
  readonly name: string;
  readonly x: number;
  readonly row: number;
}

/** Where the names of the curves stand: from left to right, in as many rows as it takes. A single curve is named by its axis. */
function legendEntries(series: readonly Series[]): LegendEntry[] {
  if (series.length < 2) return [];
  let x = LEGEND.left, row = 0;
  return series.map(({ name }) => {
    const width = LEGEND.sample + CHARACTER * name.length;
    if (x > LEGEND.left && x + width > WIDTH - MARGIN.right) [x, row] = [LEGEND.left, row + 1];
    const entry = { name, x, row };
    x += width + LEGEND.gap;
    return entry;
  });
}

function legendMarks(entries: readonly LegendEntry[]): string[] {
  return entries.flatMap(({ name, x, row }, i) => {
    const y = LEGEND.top + LEGEND.line * row;
    return [`<path ${look(i)} d="M${x} ${y - 4}h28"/>`, text(x + LEGEND.sample, y, name)];
  });
}

function xMarks({ values, labels }: Ticks, x: (value: number) => number, bottom: number): string[] {
  return values.flatMap((value, i) => [
    `<path class="axis" d="M${round(x(value))} ${bottom}v5"/>`,
    text(x(value), bottom + 20, labels[i], "middle"),
  ]);
}

/** Marks with their names: those of the left ones on their left, those of the right ones on their right, where there is room. */
function uprights(
  marks: readonly ChartMark[],
  x: (value: number) => number,
  { left, right, top, bottom }: Record<"left" | "right" | "top" | "bottom", number>,
): string[] {
  const inOrder = [...marks].sort((a, b) => a.at - b.at);
  return inOrder.flatMap(({ name, at }, i) => {
    const width = 6 + CHARACTER * name.length;
    const fits = { left: x(at) - width >= left, right: x(at) + width <= right };
    const onTheLeft = i < inOrder.length / 2 ? fits.left || !fits.right : !fits.right;
    const y = top + 14 + LEGEND.line * i;
    return [
      `<path class="mark" d="M${round(x(at))} ${top}V${bottom}"/>`,
      onTheLeft ? text(x(at) - 6, y, name, "end") : text(x(at) + 6, y, name),
    ];
  });
}

function text(x: number, y: number, words: string, kind?: string): string {
  const style = kind === undefined ? "" : ` class="${kind}"`;
  return `<text${style} x="${round(x)}" y="${round(y)}">${escapeMarkup(words)}</text>`;
}

/** There is one pattern more than there are colours, so that no two of the first twenty curves look alike. */
function look(index: number): string {
  return `class="curve hue-${index % HUES}" stroke-dasharray="${DASHES[index % DASHES.length]}"`;
}

/** Hundredths of a pixel are more than anyone sees. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
