/** Curves as SVG. @module */

import { DASHES, HUES } from "./chart_style.ts";
import {
  axisNames,
  bottomAxis,
  CHARACTER,
  leftAxis,
  type Plot,
  round,
  type Scale,
  scale,
  svgChart,
  svgText,
} from "./svg_parts.ts";
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
  const label = `${title}: ${yLabel} by ${xLabel} (${names})`;
  return svgChart({ width: WIDTH, height: HEIGHT }, { title, label }, [
    ...legendMarks(legend),
    ...leftAxis(yTicks, y, plot),
    ...bottomAxis(xTicks, x, plot),
    ...axisNames(xLabel, yLabel, plot),
    ...uprights(marks, x, plot),
    ...series.flatMap((one, i) => curve(one, i, x, y)),
  ]);
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

/** A line through each run of finite values; a value between two gaps becomes a dot. */
function curve(
  { values }: Series,
  index: number,
  x: Scale,
  y: Scale,
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
    return [`<path ${look(i)} d="M${x} ${y - 4}h28"/>`, svgText(x + LEGEND.sample, y, name)];
  });
}

/** Marks with their names: those of the left ones on their left, those of the right ones on their right, where there is room. */
function uprights(
  marks: readonly ChartMark[],
  x: Scale,
  { left, right, top, bottom }: Plot,
): string[] {
  const inOrder = [...marks].sort((a, b) => a.at - b.at);
  return inOrder.flatMap(({ name, at }, i) => {
    const width = 6 + CHARACTER * name.length;
    const fits = { left: x(at) - width >= left, right: x(at) + width <= right };
    const onTheLeft = i < inOrder.length / 2 ? fits.left || !fits.right : !fits.right;
    const y = top + 14 + LEGEND.line * i;
    return [
      `<path class="mark" d="M${round(x(at))} ${top}V${bottom}"/>`,
      onTheLeft ? svgText(x(at) - 6, y, name, "end") : svgText(x(at) + 6, y, name),
    ];
  });
}

/** There is one pattern more than there are colours, so that no two of the first twenty curves look alike. */
function look(index: number): string {
  return `class="curve hue-${index % HUES}" stroke-dasharray="${DASHES[index % DASHES.length]}"`;
}
