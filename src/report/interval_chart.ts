/** Estimates with their intervals as SVG. @module */

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

/** An estimate. */
export interface IntervalPoint {
  /** Where it stands along the bottom; above 0. */
  readonly x: number;
  /** The estimate. */
  readonly value: number;
  /** Lower end of its interval. */
  readonly low: number;
  /** Upper end of its interval. */
  readonly high: number;
}

/** What {@linkcode intervalChart} draws. */
export interface IntervalChartOptions {
  /** What it shows; also what is read aloud. */
  readonly title: string;
  /** What stands along the bottom. */
  readonly xLabel: string;
  /** What the estimates are. */
  readonly yLabel: string;
  /** The estimates, ascending by `x`. */
  readonly points: readonly IntervalPoint[];
  /** A level to compare with, drawn across. @default none */
  readonly level?: { readonly name: string; readonly value: number };
}

const SIZE = { width: 720, height: 360 };
const MARGIN = { top: 56, right: 32, bottom: 52, left: 36 };
/** Room at each side of the first and last estimate, in pixels. */
const INSET = 24;

/**
 * Draws estimates with their intervals as whiskers, joined by a line in a band, over a bottom line by factors (logarithms): doubling
 * what stands there is the same step everywhere. One SVG element that stands alone, as `lineChart` draws it.
 *
 * @throws {RangeError} When there is no estimate, or one is not finite or not above 0 along the bottom.
 *
 * @example
 * ```ts
 * import { intervalChart } from "./interval_chart.ts";
 * const points = [{ x: 10, value: 0.6, low: 0.5, high: 0.7 }, { x: 100, value: 0.8, low: 0.75, high: 0.84 }];
 * const svg = intervalChart({ title: "Learning curve", xLabel: "pictures", yLabel: "accuracy", points });
 * if (!svg.includes(">100<")) throw new Error(svg);
 * ```
 */
export function intervalChart(options: IntervalChartOptions): string {
  const { title, xLabel, yLabel, points, level } = options;
  check(title, points);
  const values = points.flatMap(({ low, high }) => [low, high]);
  if (level !== undefined) values.push(level.value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const air = (high - low) * 0.06 || 0.05;
  const yTicks = niceTicks(low - air, high + air, { intervals: 5 });
  const plot: Plot = {
    left: MARGIN.left + CHARACTER * Math.max(...yTicks.labels.map(({ length }) => length)),
    right: SIZE.width - MARGIN.right,
    top: MARGIN.top,
    bottom: SIZE.height - MARGIN.bottom,
  };
  const y = scale([low - air, high + air], [plot.bottom, plot.top]);
  const [first, last] = [Math.log(points[0].x), Math.log(points.at(-1)!.x)];
  const place = scale(
    first === last ? [first - 1, first + 1] : [first, last],
    [plot.left + INSET, plot.right - INSET],
  );
  const x: Scale = (value) => place(Math.log(value));
  return svgChart(SIZE, { title, label: spoken(options) }, [
    ...leftAxis(yTicks, y, plot),
    ...bottomAxis(ticksAt(points, x), x, plot),
    ...axisNames(xLabel, yLabel, plot),
    ...level === undefined ? [] : levelLine(level, y, plot),
    ...band(points, x, y),
    ...points.flatMap((point) => whisker(point, x, y)),
  ]);
}

function check(title: string, points: readonly IntervalPoint[]): void {
  const bad = points.find((point) =>
    !(point.x > 0 && Object.values(point).every((value) => Number.isFinite(value)))
  );
  if (points.length > 0 && bad === undefined) return;
  const found = bad === undefined ? "has no estimate" : `has the estimate ${JSON.stringify(bad)}`;
  throw new RangeError(
    `Cannot draw ${JSON.stringify(title)}: it ${found}; expected finite numbers, x above 0`,
  );
}

/** The chart in words: its figures are few enough to be read out. */
function spoken({ title, xLabel, yLabel, points }: IntervalChartOptions): string {
  const figures = points.map(({ x, value, low, high }) =>
    `${x}: ${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`
  );
  return `${title}: ${yLabel} by ${xLabel}. ${figures.join("; ")}`;
}

/** Each estimate's own number, from the right, where it does not touch its neighbour's. */
function ticksAt(points: readonly IntervalPoint[], x: Scale): Ticks {
  const shown: number[] = [];
  let free = Infinity;
  for (const { x: value } of points.toReversed()) {
    const half = CHARACTER * (String(value).length + 1) / 2;
    if (x(value) + half > free) continue;
    shown.unshift(value);
    free = x(value) - half;
  }
  return { values: shown, labels: shown.map(String) };
}

function levelLine(
  { name, value }: { readonly name: string; readonly value: number },
  y: Scale,
  { left, right }: Plot,
): string[] {
  return [
    `<path class="mark" d="M${left} ${round(y(value))}H${right}"/>`,
    svgText(right, y(value) - 6, name, "end"),
  ];
}

function band(points: readonly IntervalPoint[], x: Scale, y: Scale): string[] {
  const line = (of: (point: IntervalPoint) => number, along = points) =>
    along.map((point) => `${round(x(point.x))} ${round(y(of(point)))}`).join("L");
  const upper = line(({ high }) => high), lower = line(({ low }) => low, points.toReversed());
  return [
    `<path class="band hue-0" d="M${upper}L${lower}Z"/>`,
    `<path class="curve hue-0" d="M${line(({ value }) => value)}"/>`,
  ];
}

function whisker({ x: at, value, low, high }: IntervalPoint, x: Scale, y: Scale): string[] {
  const [left, top, bottom] = [round(x(at)), round(y(high)), round(y(low))];
  return [
    `<path class="whisker hue-0" d="M${left} ${top}V${bottom}M${left - 4} ${top}h8M${
      left - 4
    } ${bottom}h8"/>`,
    `<circle class="dot hue-0" cx="${left}" cy="${round(y(value))}" r="4"/>`,
  ];
}
