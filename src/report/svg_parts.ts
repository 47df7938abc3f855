/** What charts are made of. @module */

import { CHART_STYLE } from "./chart_style.ts";
import { escapeMarkup } from "./markup.ts";
import type { Ticks } from "./ticks.ts";

/** Where a chart's values lie, in its own pixels. */
export interface Plot {
  /** Left edge. */
  readonly left: number;
  /** Right edge. */
  readonly right: number;
  /** Upper edge. */
  readonly top: number;
  /** Lower edge. */
  readonly bottom: number;
}

/** About the width of a character of the labels, in pixels. */
export const CHARACTER = 7;

/** Where titles begin. */
const TITLE = { x: 24, y: 30 };

/**
 * A chart as one SVG element that stands alone as a file and inside a page: no script, no font, nothing from elsewhere.
 *
 * @param size In pixels, unless it is scaled.
 * @param label What is read aloud in its place.
 * @param parts Markup of what is drawn.
 */
export function svgChart(
  { width, height }: { readonly width: number; readonly height: number },
  { title, label }: { readonly title: string; readonly label: string },
  parts: readonly string[],
): string {
  return [
    `<svg class="graft-chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
    `role="img" aria-label="${escapeMarkup(label)}">`,
    `<style>${CHART_STYLE}</style>`,
    `<rect class="surface" width="${width}" height="${height}"/>`,
    svgText(TITLE.x, TITLE.y, title, "title"),
    ...parts,
    "</svg>",
  ].join("\n");
}

/** Words in a chart. @param kind Their class. */
export function svgText(x: number, y: number, words: string, kind?: string): string {
  const style = kind === undefined ? "" : ` class="${kind}"`;
  return `<text${style} x="${round(x)}" y="${round(y)}">${escapeMarkup(words)}</text>`;
}

/** Lines across the plot with the numbers of an axis at its left. */
export function leftAxis({ values, labels }: Ticks, y: Scale, { left, right }: Plot): string[] {
  return values.flatMap((value, i) => [
    `<path class="grid" d="M${left} ${round(y(value))}H${right}"/>`,
    svgText(left - 8, y(value) + 4, labels[i], "end"),
  ]);
}

/** The line along the bottom of the plot with its marks. */
export function bottomAxis(
  { values, labels }: Ticks,
  x: Scale,
  { left, right, bottom }: Plot,
): string[] {
  return [
    `<path class="axis" d="M${left} ${bottom}H${right}"/>`,
    ...values.flatMap((value, i) => [
      `<path class="axis" d="M${round(x(value))} ${bottom}v5"/>`,
      svgText(x(value), bottom + 20, labels[i], "middle"),
    ]),
  ];
}

/** What both axes show: one name below the plot, one upright at the left of the chart. */
export function axisNames(xLabel: string, yLabel: string, plot: Plot): string[] {
  const { left, right, top, bottom } = plot;
  return [
    svgText((left + right) / 2, bottom + 40, xLabel, "middle"),
    `<text class="middle" transform="translate(18 ${round((top + bottom) / 2)}) rotate(-90)">${
      escapeMarkup(yLabel)
    }</text>`,
  ];
}

/** From a number to its place. */
export type Scale = (value: number) => number;

/** From a range of numbers to one of pixels. */
export function scale(
  [from, to]: readonly [number, number],
  [start, end]: readonly [number, number],
): Scale {
  return (value) => start + (value - from) / (to - from) * (end - start);
}

/** Hundredths of a pixel are more than anyone sees. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
