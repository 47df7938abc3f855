/** Moving, turning, scaling and shearing. @module */

import { UserError } from "../../core/errors.ts";
import type { Image } from "../image.ts";
import type { PixelSize } from "../resize.ts";

/** How pixels between pixels are found, and what lies beyond the edge. */
export interface LookUpOptions {
  /** The nearest pixel, or a mean of the four around the place. @default {"nearest"} */
  readonly interpolation?: "nearest" | "bilinear";
  /**
   * Value 0 to 255 of what lies beyond the edge, or one for each channel; without it black. With `"bilinear"`, torchvision mixes a
   * fill that is given into the edge a second time, also a black one: so it is here.
   */
  readonly fill?: number | readonly number[];
}

/** Options of {@linkcode affine}. */
export interface AffineOptions extends LookUpOptions {
  /** Degrees, clockwise. @default {0} */
  readonly angle?: number;
  /** How far it moves to the right and downwards, in pixels. @default {[0, 0]} */
  readonly translate?: readonly [right: number, down: number];
  /** How much larger it becomes, above 0. @default {1} */
  readonly scale?: number;
  /** Degrees of the shear, along x and along y. @default {[0, 0]} */
  readonly shear?: readonly [x: number, y: number];
  /** What stays in its place: pixels from the left and the upper edge. @default the middle */
  readonly center?: readonly [x: number, y: number];
}

/** From a place in the result to one in the source, both from the middle: `[a, b, c, d, e, f]` of `x' = a x + b y + c`, `y' = d x + e y + f`. */
export type InverseMatrix = readonly [number, number, number, number, number, number];

/**
 * Moves, turns, scales and shears a picture about a point; torchvision's `affine`.
 *
 * @throws {RangeError} When `scale` is not above 0.
 * @throws {UserError} When `fill` does not fit the picture.
 *
 * @example
 * ```ts
 * import { affine } from "./affine.ts";
 * const image = { data: Uint8Array.of(1, 2, 3), height: 1, width: 3, channels: 1 } as const;
 * const moved = affine(image, { translate: [1, 0], fill: 9 });
 * if (moved.data.join() !== "9,1,2") throw new Error(moved.data.join());
 * ```
 */
export function affine(image: Image, options: AffineOptions): Image {
  return sample(image, inverseMatrix(image, options), image, options);
}

/** The way back of an affine change. */
export function inverseMatrix(
  { height, width }: PixelSize,
  options: Omit<AffineOptions, keyof LookUpOptions>,
): InverseMatrix {
  const { angle = 0, translate = [0, 0], scale = 1, shear = [0, 0], center } = options;
  if (!(scale > 0 && Number.isFinite(scale))) {
    throw new RangeError(`Cannot change the picture: scale is ${scale}, expected a number above 0`);
  }
  const radians = Math.PI / 180;
  const turn = angle * radians;
  const [shearX, shearY] = shear.map((degrees) => degrees * radians);
  // Turned by R(turn) after shears along y and x; the determinant is 1, so the inverse needs no division but that by the scale.
  const a = Math.cos(turn - shearY) / Math.cos(shearY);
  const c = Math.sin(turn - shearY) / Math.cos(shearY);
  const b = -a * Math.tan(shearX) - Math.sin(turn);
  const d = -c * Math.tan(shearX) + Math.cos(turn);
  const [xx, xy, yx, yy] = [d, -b, -c, a].map((value) => value / scale);
  const [x, y] = center ? [center[0] - width * 0.5, center[1] - height * 0.5] : [0, 0];
  const [right, down] = [-x - translate[0], -y - translate[1]];
  return [
    xx,
    xy,
    xx * right + xy * down + x,
    yx,
    yy,
    yx * right + yy * down + y,
  ];
}

/**
 * Draws a picture of size `to` by looking up each of its pixels in `image`.
 *
 * Places are computed in float32 and in the order of PyTorch's matrix product, since the nearest of two pixels that are equally near
 * is a matter of the last bit: right angles and half pixels are such cases.
 */
export function sample(
  image: Image,
  matrix: InverseMatrix,
  to: PixelSize,
  { interpolation = "nearest", fill }: LookUpOptions,
): Image {
  const { height, width, channels } = image;
  const background = fillOf(fill, channels);
  const shape = { height: to.height, width: to.width, channels };
  const lookUp = interpolation === "nearest" ? sampleNearest : sampleBilinear;
  const places = { x: placesOf(matrix, 0, width, to), y: placesOf(matrix, 3, height, to) };
  return { ...shape, data: lookUp(image, places, to, background) };
}

function fillOf(fill: LookUpOptions["fill"], channels: number): readonly number[] | undefined {
  if (fill === undefined) return undefined;
  const values = typeof fill === "number" ? [fill] : fill;
  const fits = values.length === 1 || values.length === channels;
  if (!fits || !values.every((value) => value >= 0 && value <= 255)) {
    throw new UserError(
      `Cannot fill what lies beyond the picture: fill is ${
        JSON.stringify(fill)
      }, expected a value from 0 to 255, ` +
        `or ${channels} for a picture of as many channels`,
    );
  }
  return Array.from({ length: channels }, (_, c) => values.length === 1 ? values[0] : values[c]);
}

/** Parts of one coordinate in the source: `round(round(columns[x] + rows[y]) + shift)` is a share of its side, and -1 to 1 inside. */
interface Places {
  readonly columns: Float32Array;
  /** Not rounded: the products are added with a single rounding, as by the fused multiply-add of PyTorch's matrix product. */
  readonly rows: Float64Array;
  readonly shift: number;
  readonly half: number;
}

function placesOf(
  matrix: InverseMatrix,
  at: number,
  side: number,
  { height, width }: PixelSize,
): Places {
  const half = Math.fround(side * 0.5);
  const [byX, byY, shift] = matrix.slice(at, at + 3).map((value) =>
    Math.fround(Math.fround(value) / half)
  );
  return {
    columns: Float32Array.from({ length: width }, (_, x) => (x - width * 0.5 + 0.5) * byX),
    rows: Float64Array.from({ length: height }, (_, y) => (y - height * 0.5 + 0.5) * byY),
    shift,
    half,
  };
}

/** Place in pixels; the middle of the first pixel is 0. */
function placeAt(
  { columns, rows, shift, half }: Places,
  x: number,
  y: number,
): number {
  const share = Math.fround(addOnce(columns[x], rows[y]) + shift);
  return Math.fround(Math.fround(Math.fround(share + 1) * half) - 0.5);
}

/**
 * The sum, rounded once to float32. JavaScript rounds to a double before, and where that lies halfway between two float32 numbers, what
 * was lost decides: at right angles, whose cosine is 6e-17 and not 0, that is a matter of every second pixel.
 */
function addOnce(a: number, b: number): number {
  const sum = a + b;
  const near = Math.fround(sum);
  const far = 2 * sum - near;
  if (near === sum || Math.fround(far) !== far) return near;
  const part = sum - a;
  const lost = (a - (sum - part)) + (b - part);
  return lost === 0 ? near : lost > 0 ? Math.max(near, far) : Math.min(near, far);
}

/** Added and taken away again, leaves a whole number: float32 has no place for more beside it. Halves go to the even neighbour. */
const ROUNDER = 1.5 * 2 ** 23;

function sampleNearest(
  { data, height, width, channels }: Image,
  { x: acrossAt, y: downAt }: { x: Places; y: Places },
  to: PixelSize,
  background: readonly number[] | undefined,
): Uint8Array {
  const out = new Uint8Array(to.height * to.width * channels);
  const empty = Uint8ClampedArray.from(background ?? Array(channels).fill(0));
  let at = 0;
  for (let row = 0; row < to.height; row++) {
    for (let column = 0; column < to.width; column++, at += channels) {
      const x = Math.fround(placeAt(acrossAt, column, row) + ROUNDER) - ROUNDER;
      const y = Math.fround(placeAt(downAt, column, row) + ROUNDER) - ROUNDER;
      if (x >= 0 && x < width && y >= 0 && y < height) {
        const from = (y * width + x) * channels;
        for (let c = 0; c < channels; c++) out[at + c] = data[from + c];
      } else if (background) { for (let c = 0; c < channels; c++) out[at + c] = empty[c]; }
    }
  }
  return out;
}

function sampleBilinear(
  { data, height, width, channels }: Image,
  { x: acrossAt, y: downAt }: { x: Places; y: Places },
  to: PixelSize,
  background: readonly number[] | undefined,
): Uint8Array {
  const out = new Uint8ClampedArray(to.height * to.width * channels);
  let at = 0;
  for (let row = 0; row < to.height; row++) {
    for (let column = 0; column < to.width; column++, at += channels) {
      const x = placeAt(acrossAt, column, row);
      const y = placeAt(downAt, column, row);
      const left = Math.floor(x), top = Math.floor(y);
      const right = x - left, down = y - top;
      // Neighbours beyond the edge have no weight, and are looked up at a place that there is.
      const inLeft = left >= 0 && left < width, inRight = left >= -1 && left < width - 1;
      const inTop = top >= 0 && top < height, inBottom = top >= -1 && top < height - 1;
      const shareLeft = inLeft ? 1 - right : 0, shareRight = inRight ? right : 0;
      const shareTop = inTop ? 1 - down : 0, shareBottom = inBottom ? down : 0;
      const above = inTop ? top * width : 0, below = inBottom ? (top + 1) * width : 0;
      const before = inLeft ? left : 0, after = inRight ? left + 1 : 0;
      const covered = (shareLeft + shareRight) * (shareTop + shareBottom);
      for (let c = 0; c < channels; c++) {
        const value = shareTop * (shareLeft * data[(above + before) * channels + c] +
              shareRight * data[(above + after) * channels + c]) +
          shareBottom * (shareLeft * data[(below + before) * channels + c] +
              shareRight * data[(below + after) * channels + c]);
        out[at + c] = background ? value * covered + (1 - covered) * background[c] : value;
      }
    }
  }
  return new Uint8Array(out.buffer);
}
