/** Blurring by a Gaussian kernel. @module */

import { UserError } from "../../core/errors.ts";
import type { Image } from "../image.ts";
import { checkRange, type Range, uniform } from "./parameters.ts";
import { nameOf, type Transform } from "./transform.ts";

/** Sides of a kernel in pixels, odd; a single number makes it square. */
export type KernelSize = number | readonly [width: number, height: number];

/** Options of {@linkcode blur}. */
export interface BlurOptions {
  /** Sides of the kernel. */
  readonly kernelSize: KernelSize;
  /** Its deviation in pixels, above 0, sideways and downwards. @default 0.15 of the kernel's side, plus 0.35 */
  readonly sigma?: number | readonly [across: number, down: number];
}

/** Options of {@linkcode gaussianBlur}. */
export interface GaussianBlurOptions {
  /** Sides of the kernel. */
  readonly kernelSize: KernelSize;
  /** Between what the deviation is drawn, in pixels, above 0; a single number is always taken. @default {[0.1, 2]} */
  readonly sigma?: number | Range;
}

/**
 * Blurs a picture; torchvision's `gaussian_blur`. Beyond its edges it is continued as in a mirror, the edge itself not repeated.
 *
 * @throws {UserError} For a kernel whose sides are not odd or reach further than the picture is wide or high.
 * @throws {RangeError} For a deviation that is not above 0.
 *
 * @example
 * ```ts
 * import { blur } from "./gaussian_blur.ts";
 * const line = { data: Uint8Array.of(0, 0, 90, 0, 0), height: 1, width: 5, channels: 1 } as const;
 * const blurred = blur(line, { kernelSize: [3, 1], sigma: 100 });
 * if (blurred.data.join() !== "0,30,30,30,0") throw new Error(blurred.data.join());
 * ```
 */
export function blur(image: Image, { kernelSize, sigma }: BlurOptions): Image {
  const sides = checkKernel(kernelSize);
  const sigmas = sigma === undefined
    ? sides.map((side) => side * 0.15 + 0.35)
    : typeof sigma === "number"
    ? [sigma, sigma]
    : sigma;
  if (!sigmas.every((value) => value > 0)) {
    throw new RangeError(`Cannot blur: sigma is ${sigmas}, expected numbers above 0`);
  }
  const { data, height, width, channels } = image;
  const [reachX, reachY] = sides.map((side) => (side - 1) / 2);
  if (reachX >= width || reachY >= height) {
    throw new UserError(
      `Cannot blur: the picture has ${height} x ${width} pixels, a kernel of ${sides[1]} x ${
        sides[0]
      } ` +
        `needs at least ${reachY + 1} x ${reachX + 1}`,
    );
  }
  const across = kernelOf(sides[0], sigmas[0]);
  const down = kernelOf(sides[1], sigmas[1]);
  const middle = new Float32Array(data.length);
  blurRows(data, middle, { height, width, channels }, across);
  const blurred = new Uint8ClampedArray(data.length); // rounds halves to even, as torch.round does
  blurColumns(middle, blurred, { height, stride: width * channels }, down);
  return { ...image, data: new Uint8Array(blurred.buffer) };
}

/**
 * Blurs by a random deviation, the same sideways and downwards; torchvision's `GaussianBlur`. One number is drawn.
 *
 * @throws {UserError} For sides that are not odd, and deviations not above 0 or not in order.
 */
export function gaussianBlur({ kernelSize, sigma = [0.1, 2] }: GaussianBlurOptions): Transform {
  const sides = checkKernel(kernelSize);
  const range = checkRange(typeof sigma === "number" ? [sigma, sigma] : sigma, {
    action: "blur",
    name: "sigma",
    min: 0,
    aboveMin: true,
  });
  return {
    name: nameOf("gaussianBlur", { kernelSize: sides, sigma: range }),
    apply: (image, random) => blur(image, { kernelSize: sides, sigma: uniform(random, range) }),
  };
}

function checkKernel(size: KernelSize): readonly [width: number, height: number] {
  const sides = typeof size === "number" ? [size, size] as const : size;
  if (sides.length === 2 && sides.every((side) => Number.isInteger(side) && side > 0 && side & 1)) {
    return sides;
  }
  throw new UserError(
    `Cannot blur: kernelSize is ${JSON.stringify(size)}, expected odd numbers of pixels`,
  );
}

/** Shares of a row of the kernel; they sum to 1. */
function kernelOf(side: number, sigma: number): Float64Array {
  const reach = (side - 1) / 2;
  const shares = Float64Array.from(
    { length: side },
    (_, i) => Math.exp(-0.5 * ((i - reach) / sigma) ** 2),
  );
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => share / sum);
}

/** Place of the mirror image of a place that lies less than `length` beyond an end. */
function mirrored(at: number, length: number): number {
  return at < 0 ? -at : at >= length ? 2 * (length - 1) - at : at;
}

function blurRows(
  from: Uint8Array,
  to: Float32Array,
  { height, width, channels }: { height: number; width: number; channels: number },
  shares: Float64Array,
): void {
  const reach = (shares.length - 1) / 2;
  const stride = width * channels;
  // A row with its mirror images on both sides, so that the inner loop needs no condition.
  const row = new Uint8Array(stride + 2 * reach * channels);
  for (let y = 0; y < height; y++) {
    const start = y * stride;
    row.set(from.subarray(start, start + stride), reach * channels);
    for (let i = 1; i <= reach; i++) {
      for (let c = 0; c < channels; c++) {
        row[(reach - i) * channels + c] = from[start + mirrored(-i, width) * channels + c];
        row[(reach + width - 1 + i) * channels + c] =
          from[start + mirrored(width - 1 + i, width) * channels + c];
      }
    }
    for (let x = 0; x < stride; x++) {
      let sum = 0;
      for (let k = 0, at = x; k < shares.length; k++, at += channels) sum += row[at] * shares[k];
      to[start + x] = sum;
    }
  }
}

function blurColumns(
  from: Float32Array,
  to: Uint8ClampedArray,
  { height, stride }: { height: number; stride: number },
  shares: Float64Array,
): void {
  const reach = (shares.length - 1) / 2;
  const sums = new Float64Array(stride);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let k = 0; k < shares.length; k++) {
      const start = mirrored(y + k - reach, height) * stride;
      const share = shares[k];
      for (let x = 0; x < stride; x++) sums[x] += from[start + x] * share;
    }
    to.set(sums, y * stride);
  }
}
