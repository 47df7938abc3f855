/** Pictures as points on a plane, as SVG. @module */

import { POINT_HUES } from "./chart_style.ts";
import { CHARACTER, round, type Scale, svgChart, svgText } from "./svg_parts.ts";

/** What {@linkcode scatterMap} draws. */
export interface ScatterMapOptions {
  /** What it shows; also what is read aloud. */
  readonly title: string;
  /** Class names, in order. */
  readonly classes: readonly string[];
  /** Place of each point from left to right, in any unit. */
  readonly x: ArrayLike<number>;
  /** Place of each point from below to above, in the same unit. */
  readonly y: ArrayLike<number>;
  /** Class of each point. */
  readonly labels: ArrayLike<number>;
  /** Whether a point stands behind, drawn faint and small. @default none does */
  readonly isFaint?: (point: number) => boolean;
  /** Points with a ring around them. @default none */
  readonly ringed?: Iterable<number>;
}

const WIDTH = 720;
/** Heights of the plot that a map may have: as its points lie, within reason. */
const HEIGHT = { least: 320, most: 620 };
const PLOT = { left: 28, right: 692, top: 52 };
/** Room between the outermost points and the edge. */
const INSET = 12;
const LEGEND = { line: 22, symbol: 18, gap: 22 };

/** Seven shapes of about one area, `r` pixels from their middle. Their number has no factor in common with that of the colours, so that the first 56 classes differ. */
const SHAPES: readonly ((x: number, y: number, r: number) => string)[] = [
  (x, y, r) => `M${round(x - r)} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
  (x, y, r) => polygon(x, y, r * 0.9, [[-1, -1], [1, -1], [1, 1], [-1, 1]]),
  (x, y, r) => polygon(x, y, r * 1.15, [[0, -1.05], [1, 0.75], [-1, 0.75]]),
  (x, y, r) => polygon(x, y, r * 1.25, [[0, -1], [1, 0], [0, 1], [-1, 0]]),
  (x, y, r) => polygon(x, y, r * 1.15, [[0, 1.05], [1, -0.75], [-1, -0.75]]),
  (x, y, r) => polygon(x, y, r * 1.2, PLUS),
  (x, y, r) => polygon(x, y, r * 1.2, PLUS.map(([a, b]) => [(a - b) * 0.71, (a + b) * 0.71])),
];
const ARM = 0.36;
const PLUS: readonly (readonly [number, number])[] = [
  [-ARM, -1],
  [ARM, -1],
  [ARM, -ARM],
  [1, -ARM],
  [1, ARM],
  [ARM, ARM],
  [ARM, 1],
  [-ARM, 1],
  [-ARM, ARM],
  [-1, ARM],
  [-1, -ARM],
  [-ARM, -ARM],
];

/**
 * Draws points by class: each class has a colour and a shape of its own, and its name stands where the middle of its points is, so
 * that no colour has to be told from another. Both directions have one scale; there are no axes, since only what is near what counts.
 *
 * @throws {RangeError} When there are no points, or their numbers differ.
 *
 * @example
 * ```ts
 * import { scatterMap } from "./scatter_map.ts";
 * const classes = ["cat", "dog"];
 * const svg = scatterMap({ title: "Map", classes, x: [0, 1, 5], y: [0, 1, 3], labels: [0, 0, 1] });
 * if (!svg.includes(">cat<") || !svg.includes(">dog<")) throw new Error(svg);
 * ```
 */
export function scatterMap(options: ScatterMapOptions): string {
  const { title, classes, x: xs, y: ys, labels, isFaint = () => false, ringed = [] } = options;
  const points = Array.from(labels, (_, point) => point).filter((point) =>
    Number.isFinite(xs[point]) && Number.isFinite(ys[point])
  );
  if (points.length === 0 || xs.length !== labels.length || ys.length !== labels.length) {
    throw new RangeError(
      `Cannot draw ${
        JSON.stringify(title)
      }: it has ${xs.length}, ${ys.length} and ${labels.length} values of x, y and labels, ` +
        `${points.length} of them points; expected as many of each and at least one point`,
    );
  }
  const { x, y, bottom } = places(points, xs, ys);
  const kinds = classes.map((name, k) => {
    const members = points.filter((point) => labels[point] === k);
    return { name, k, members };
  }).filter(({ members }) => members.length > 0);
  const at = (point: number) => [round(x(xs[point])), round(y(ys[point]))] as const;
  const layer = (style: string, r: number, wanted: (point: number) => boolean) =>
    kinds.flatMap(({ k, members }) => {
      const shape = SHAPES[k % SHAPES.length];
      const d = members.filter(wanted).map((point) => shape(...at(point), r)).join("");
      return d === "" ? [] : [`<path class="${style} hue-${k % POINT_HUES}" d="${d}"/>`];
    });
  const legend = legendOf(kinds, bottom + 30);
  const names = kinds.map(({ name, members }) => `${name} (${members.length})`).join(", ");
  return svgChart({ width: WIDTH, height: legend.bottom + 16 }, {
    title,
    label: `${title}: ${points.length} points by class, ${names}`,
  }, [
    ...layer("faint", 2.6, isFaint),
    ...layer("bold", 3.8, (point) => !isFaint(point)),
    ...[...ringed].map((point) => {
      const [cx, cy] = at(point);
      return `<circle class="ring" cx="${cx}" cy="${cy}" r="8"/>`;
    }),
    ...kinds.map(({ name, members }) => {
      const middle = (of: ArrayLike<number>) => median(members.map((point) => of[point]));
      return svgText(...inside(x(middle(xs)), y(middle(ys)) + 4, name), name, "name");
    }),
    ...legend.parts,
  ]);
}

/** One scale for both directions; the height follows from the points. */
function places(
  points: readonly number[],
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
): { x: Scale; y: Scale; bottom: number } {
  const range = (values: ArrayLike<number>): [number, number] => {
    let low = Infinity, high = -Infinity;
    for (const point of points) {
      [low, high] = [Math.min(low, values[point]), Math.max(high, values[point])];
    }
    return low < high ? [low, high] : [low - 1, high + 1];
  };
  const [[left, right], [low, high]] = [range(xs), range(ys)];
  const room = { width: PLOT.right - PLOT.left - 2 * INSET, height: HEIGHT.most - 2 * INSET };
  const unit = Math.min(room.width / (right - left), room.height / (high - low));
  const height = Math.max(HEIGHT.least, (high - low) * unit + 2 * INSET);
  const centre = { x: (PLOT.left + PLOT.right) / 2, y: PLOT.top + height / 2 };
  return {
    x: (value) => centre.x + (value - (left + right) / 2) * unit,
    y: (value) => centre.y - (value - (low + high) / 2) * unit,
    bottom: PLOT.top + height,
  };
}

/** A name's place, moved in where it would be cut off. */
function inside(x: number, y: number, name: string): [number, number] {
  const half = CHARACTER * name.length / 2 + 4;
  return [Math.min(WIDTH - half, Math.max(half, x)), y];
}

function legendOf(
  kinds: readonly { readonly name: string; readonly k: number }[],
  top: number,
): { parts: string[]; bottom: number } {
  let x = PLOT.left, y = top;
  const parts = kinds.flatMap(({ name, k }) => {
    const width = LEGEND.symbol + CHARACTER * name.length;
    if (x > PLOT.left && x + width > PLOT.right) [x, y] = [PLOT.left, y + LEGEND.line];
    const shape = SHAPES[k % SHAPES.length](x + 6, y - 4, 4.5);
    const entry = [
      `<path class="bold hue-${k % POINT_HUES}" d="${shape}"/>`,
      svgText(x + LEGEND.symbol, y, name),
    ];
    x += width + LEGEND.gap;
    return entry;
  });
  return { parts, bottom: y };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function polygon(
  x: number,
  y: number,
  r: number,
  corners: readonly (readonly [number, number])[],
): string {
  const steps = corners.map(([dx, dy], i) => {
    const [fromX, fromY] = i === 0 ? [0, 0] : corners[i - 1];
    return i === 0
      ? `M${round(x + dx * r)} ${round(y + dy * r)}`
      : `l${round((dx - fromX) * r)} ${round((dy - fromY) * r)}`;
  });
  return `${steps.join("")}z`;
}
