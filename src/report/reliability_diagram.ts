/** How far probabilities can be believed, as SVG. @module */

import { wilson } from "../core/intervals.ts";
import {
  axisNames,
  bottomAxis,
  leftAxis,
  type Plot,
  round,
  type Scale,
  scale,
  svgChart,
  svgText,
} from "./svg_parts.ts";
import { niceTicks } from "./ticks.ts";

/** Answers of about one probability. */
export interface DiagramBin {
  /** Lower end of the bin, 0 to 1. */
  readonly low: number;
  /** Upper end of the bin. */
  readonly high: number;
  /** Answers in it. */
  readonly count: number;
  /** Mean of their probabilities; not looked at where there are none. */
  readonly confidence: number;
  /** Share of them that are right; not looked at where there are none. */
  readonly accuracy: number;
}

/** What {@linkcode reliabilityDiagram} draws. */
export interface ReliabilityDiagramOptions {
  /** What it shows; also what is read aloud. */
  readonly title: string;
  /** The bins, ascending. */
  readonly bins: readonly DiagramBin[];
}

const SIZE = { width: 480, height: 500 };
const PLOT: Plot = { left: 64, right: 456, top: 52, bottom: 356 };
/** Heights of the bars that count the answers. */
const COUNTS = { top: 374, bottom: 434 };
/** Radii of the points: the more answers, the larger. */
const RADIUS = { least: 2.5, most: 6 };

/**
 * Draws a reliability diagram: what share of the answers is right, over the probability that they were given with. On the diagonal
 * probabilities mean what they say; whiskers are Wilson's 95 % intervals; bars below count the answers.
 *
 * @throws {RangeError} When there is no answer in any bin.
 *
 * @example
 * ```ts
 * import { reliabilityDiagram } from "./reliability_diagram.ts";
 * const bins = [{ low: 0.5, high: 1, count: 20, confidence: 0.9, accuracy: 0.7 }];
 * const svg = reliabilityDiagram({ title: "Reliability", bins });
 * if (!svg.includes("70 % of 20 right at 90 %")) throw new Error(svg);
 * ```
 */
export function reliabilityDiagram({ title, bins }: ReliabilityDiagramOptions): string {
  const filled = bins.filter(({ count }) => count > 0);
  if (filled.length === 0) {
    throw new RangeError(`Cannot draw ${JSON.stringify(title)}: there is no answer in any bin`);
  }
  const x = scale([0, 1], [PLOT.left, PLOT.right]);
  const y = scale([0, 1], [PLOT.bottom, PLOT.top]);
  const ticks = niceTicks(0, 1, { intervals: 5 });
  const most = Math.max(...filled.map(({ count }) => count));
  const figures = filled.map(({ count, confidence, accuracy }) =>
    `${percent(accuracy)} of ${count} right at ${percent(confidence)}`
  );
  return svgChart(SIZE, { title, label: `${title}: ${figures.join("; ")}` }, [
    ...leftAxis(ticks, y, PLOT),
    `<path class="mark" d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}"/>`,
    ...filled.flatMap((bin) => gap(bin, x, y)),
    ...filled.map(({ count, confidence, accuracy }) =>
      `<circle class="dot hue-0" cx="${round(x(confidence))}" cy="${round(y(accuracy))}" r="${
        round(RADIUS.least + (RADIUS.most - RADIUS.least) * Math.sqrt(count / most))
      }"/>`
    ),
    ...bottomAxis(ticks, x, { ...PLOT, bottom: COUNTS.bottom }),
    ...axisNames("probability of the answer", "share that is right", {
      ...PLOT,
      bottom: COUNTS.bottom,
    }),
    ...countBars(filled, most, x),
  ]);
}

/** From what was said to what came true, and how sure that is. */
function gap({ count, confidence, accuracy }: DiagramBin, x: Scale, y: Scale): string[] {
  const { low, high } = wilson(Math.round(accuracy * count), count);
  const at = round(x(confidence));
  return [
    `<path class="gap hue-1" d="M${at} ${round(y(confidence))}V${round(y(accuracy))}"/>`,
    `<path class="whisker hue-0" d="M${at} ${round(y(low))}V${round(y(high))}"/>`,
  ];
}

function countBars(bins: readonly DiagramBin[], most: number, x: Scale): string[] {
  const height = scale([0, most], [0, COUNTS.bottom - COUNTS.top]);
  return [
    ...bins.map(({ low, high, count }) => {
      const [left, right, tall] = [x(low) + 1, x(high) - 1, Math.max(1, height(count))];
      return `<path class="bar hue-0" d="M${round(left)} ${COUNTS.bottom}V${
        round(COUNTS.bottom - tall)
      }H${round(right)}V${COUNTS.bottom}Z"/>`;
    }),
    svgText(PLOT.left - 8, COUNTS.top + 10, String(most), "end"),
  ];
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
