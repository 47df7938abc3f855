/** Where a network looked, over the picture that it looked at. @module */

import { checkedImage, type Image } from "../data/image.ts";

/** How strongly each part of a picture counted. */
export interface HeatMap {
  /** Rows; they need not be those of the picture. */
  readonly height: number;
  /** Columns. */
  readonly width: number;
  /** `[height, width]`, 0 to 1. */
  readonly values: ArrayLike<number>;
}

/** From nothing to much: the colours of "inferno" (Smith and van der Walt 2015), equal steps of lightness, readable without colours. */
const COLOURS: readonly (readonly [number, number, number])[] = [
  [20, 11, 53],
  [87, 16, 110],
  [163, 44, 96],
  [212, 72, 66],
  [245, 125, 21],
  [250, 193, 39],
  [252, 255, 164],
];
/** Share of the colour where the map is 0 and where it is 1: the picture stays visible everywhere. */
const OPACITY = [0.28, 0.62] as const;
/** Shares of red, green and blue in lightness (ITU-R BT.601). */
const LUMA = [0.299, 0.587, 0.114] as const;

/**
 * A picture with a heat map over it. The picture turns grey, so that every colour is the map's; the map is brought to the picture's
 * size by linear interpolation between the middles of its cells.
 *
 * @param heat Of the whole picture.
 * @returns In colour, of the picture's size.
 * @throws {RangeError} When the map's values do not have its size.
 *
 * @example
 * ```ts
 * import { heatOverlay } from "./heat_overlay.ts";
 * const grey = { data: Uint8Array.of(100, 100), height: 1, width: 2, channels: 1 } as const;
 * const { data } = heatOverlay(grey, { height: 1, width: 2, values: [0, 1] });
 * if (!(data[3] > data[0])) throw new Error(`${data}`);
 * ```
 */
export function heatOverlay(image: Image, heat: HeatMap): Image {
  checkedImage(image);
  if (heat.values.length !== heat.height * heat.width || heat.values.length === 0) {
    throw new RangeError(
      `Cannot draw the heat map: it has ${heat.values.length} values, expected ${heat.height} x ${heat.width}, at least one`,
    );
  }
  const { data, height, width, channels } = image;
  const out = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const grey = channels === 1
        ? data[at]
        : LUMA.reduce((sum, share, c) => sum + share * data[at * 3 + c], 0);
      const value = valueAt(heat, (y + 0.5) / height, (x + 0.5) / width);
      const opacity = OPACITY[0] + (OPACITY[1] - OPACITY[0]) * value;
      const colour = colourOf(value);
      for (let c = 0; c < 3; c++) {
        out[at * 3 + c] = Math.round(grey * (1 - opacity) + colour[c] * opacity);
      }
    }
  }
  return { data: out, height, width, channels: 3 };
}

/** The map at a place, both from 0 to 1, between the four cells around it. */
function valueAt({ height, width, values }: HeatMap, down: number, right: number): number {
  const [y, x] = [along(down, height), along(right, width)];
  const value = (row: number, column: number) => values[row * width + column];
  const upper = value(y.from, x.from) * (1 - x.part) + value(y.from, x.to) * x.part;
  const lower = value(y.to, x.from) * (1 - x.part) + value(y.to, x.to) * x.part;
  return Math.min(1, Math.max(0, upper * (1 - y.part) + lower * y.part));
}

function along(share: number, cells: number): { from: number; to: number; part: number } {
  const place = Math.min(cells - 1, Math.max(0, share * cells - 0.5));
  const from = Math.floor(place);
  return { from, to: Math.min(cells - 1, from + 1), part: place - from };
}

function colourOf(value: number): readonly [number, number, number] {
  const place = value * (COLOURS.length - 1);
  const from = Math.min(COLOURS.length - 2, Math.floor(place));
  const part = place - from;
  const mix = (c: 0 | 1 | 2) => COLOURS[from][c] * (1 - part) + COLOURS[from + 1][c] * part;
  return [mix(0), mix(1), mix(2)];
}
