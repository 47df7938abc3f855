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
 * @throws {UserError} When `scale` is not above 0.
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
    throw new UserError(`Cannot change the picture: scale is ${scale}, expected a number above 0`);
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
  const places = { across: placesOf(matrix, 0, width, to), down: placesOf(matrix, 3, height, to) };
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

/**
 * One coordinate in the source, of which PyTorch computes `round(round(columns[x] + rows[y]) + shift)` in float32 (-1 to 1 from edge to
 * edge), and from it the place in pixels.
 */
interface Places {
  readonly columns: Float32Array;
  /** Not rounded: the products are added with a single rounding, as by the fused multiply-add of PyTorch's matrix product. */
  readonly rows: Float64Array;
  readonly shift: number;
  readonly half: number;
  /** By how much the place moves from one column to the next. */
  readonly step: number;
  /** How far apart, at most, float32 and double precision are. */
  readonly slack: number;
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
  const reach = 1 + Math.abs(byX) * width + Math.abs(byY) * height + Math.abs(shift);
  return {
    columns: Float32Array.from({ length: width }, (_, x) => (x - width * 0.5 + 0.5) * byX),
    rows: Float64Array.from({ length: height }, (_, y) => (y - height * 0.5 + 0.5) * byY),
    shift,
    half,
    step: byX * half,
    slack: reach * half * 2 ** -21, // four roundings of at most 2^-24, and the next power of two
  };
}

/** Place in pixels, in double precision; the left edge of the first pixel is 0, its middle 0.5. */
function firstPlace({ columns, rows, shift, half }: Places, y: number): number {
  return (columns[0] + rows[y] + shift + 1) * half;
}

/** The pixel at a place as PyTorch finds it in float32; beyond the edge it is negative or too large. */
function exactPixel({ columns, rows, shift, half }: Places, x: number, y: number): number {
  const share = Math.fround(addOnce(columns[x], rows[y]) + shift);
  const place = Math.fround(Math.fround(Math.fround(share + 1) * half) - 0.5);
  return Math.fround(place + ROUNDER) - ROUNDER;
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

/** Both coordinates. */
interface PlacePair {
  readonly across: Places;
  readonly down: Places;
}

/** Added and taken away again, leaves a whole number: float32 has no place for more beside it. Halves go to the even neighbour. */
const ROUNDER = 1.5 * 2 ** 23;

function sampleNearest(
  { data, height, width, channels }: Image,
  { across, down }: PlacePair,
  to: PixelSize,
  background: readonly number[] | undefined,
): Uint8Array {
  const out = emptyPicture(to, channels, background);
  const [left, right] = [-across.slack, width + across.slack];
  const [top, bottom] = [-down.slack, height + down.slack];
  for (let row = 0, at = 0; row < to.height; row++) {
    const startX = firstPlace(across, row), startY = firstPlace(down, row);
    for (let column = 0; column < to.width; column++, at += channels) {
      const placeX = startX + column * across.step;
      const placeY = startY + column * down.step;
      if (!(placeX > left && placeX < right && placeY > top && placeY < bottom)) continue;
      let x = Math.floor(placeX), y = Math.floor(placeY);
      const restX = placeX - x, restY = placeY - y;
      // Where it could be the next pixel as well, float32 decides.
      if (restX <= across.slack || restX >= 1 - across.slack) x = exactPixel(across, column, row);
      if (restY <= down.slack || restY >= 1 - down.slack) y = exactPixel(down, column, row);
      if (x < 0 || x >= width || y < 0 || y >= height) continue;
      const from = (y * width + x) * channels;
      out[at] = data[from];
      if (channels === 3) {
        out[at + 1] = data[from + 1];
        out[at + 2] = data[from + 2];
      }
    }
  }
  return new Uint8Array(out.buffer);
}

function sampleBilinear(
  { data, height, width, channels }: Image,
  { across, down }: PlacePair,
  to: PixelSize,
  background: readonly number[] | undefined,
): Uint8Array {
  const out = emptyPicture(to, channels, background);
  const stride = width * channels;
  for (let row = 0, at = 0; row < to.height; row++) {
    const startX = firstPlace(across, row) - 0.5, startY = firstPlace(down, row) - 0.5;
    for (let column = 0; column < to.width; column++, at += channels) {
      const placeX = startX + column * across.step;
      const placeY = startY + column * down.step;
      if (!(placeX > -1 && placeX < width && placeY > -1 && placeY < height)) continue;
      const x = Math.floor(placeX), y = Math.floor(placeY);
      const toRight = placeX - x, toBottom = placeY - y;
      // Neighbours beyond the edge have no weight, and are looked up at a place that there is.
      const shareLeft = x >= 0 ? 1 - toRight : 0, shareRight = x < width - 1 ? toRight : 0;
      const shareTop = y >= 0 ? 1 - toBottom : 0, shareBottom = y < height - 1 ? toBottom : 0;
      const first = y * stride + x * channels;
      const above = y >= 0 ? first : first + stride;
      const below = y < height - 1 ? first + stride : first;
      const before = x >= 0 ? 0 : channels;
      const after = x < width - 1 ? channels : 0;
      const covered = (shareLeft + shareRight) * (shareTop + shareBottom);
      for (let c = 0; c < channels; c++) {
        const value =
          shareTop * (shareLeft * data[above + before + c] + shareRight * data[above + after + c]) +
          shareBottom *
            (shareLeft * data[below + before + c] + shareRight * data[below + after + c]);
        out[at + c] = background ? value * covered + (1 - covered) * background[c] : value;
      }
    }
  }
  return new Uint8Array(out.buffer);
}

/** A picture of nothing but background; what is written to it is rounded, halves to the even neighbour, as by torch.round. */
function emptyPicture(
  { height, width }: PixelSize,
  channels: number,
  background: readonly number[] | undefined,
): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(height * width * channels);
  if (background?.some((value) => value !== 0)) {
    for (let at = 0; at < out.length; at++) out[at] = background[at % channels];
  }
  return out;
}
