/** Blurring by a Gaussian kernel. @module */

import { checkOptions, type OptionKinds } from "../../core/check_options.ts";
import { UserError } from "../../core/errors.ts";
import type { Image } from "../image.ts";
import { checkRange, type Range, uniform } from "./parameters.ts";
import { describedTransform, type Transform } from "./transform.ts";

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
 * @throws {UserError} For a deviation that is not above 0.
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
    throw new UserError(`Cannot blur: sigma is ${sigmas}, expected numbers above 0`);
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
  const stride = width * channels;
  const blurred = new Uint8ClampedArray(data.length); // rounds halves to even, as torch.round does
  // Rows blurred sideways are kept as long as the kernel reaches them: they stay in the processor's cache.
  const rows = Array.from({ length: sides[1] }, () => new Float64Array(stride));
  const padded = new Float64Array(stride + 2 * reachX * channels);
  const sums = new Float64Array(stride);
  let ready = 0;
  for (let y = 0; y < height; y++) {
    for (; ready <= y + reachY && ready < height; ready++) {
      mirrorEnds(data.subarray(ready * stride, (ready + 1) * stride), padded, channels);
      weigh((k) => padded.subarray(k * channels), across, rows[ready % rows.length]);
    }
    weigh((k) => rows[mirrored(y + k - reachY, height) % rows.length], down, sums);
    blurred.set(sums, y * stride);
  }
  return { ...image, data: new Uint8Array(blurred.buffer) };
}

/** Of {@linkcode GaussianBlurOptions}. */
const KINDS: OptionKinds<GaussianBlurOptions> = { kernelSize: "any", sigma: "any" };

/**
 * Blurs by a random deviation, the same sideways and downwards; torchvision's `GaussianBlur`. One number is drawn.
 *
 * @throws {UserError} For sides that are not odd, and deviations not above 0 or not in order.
 */
export function gaussianBlur(options: GaussianBlurOptions): Transform {
  checkOptions(options ?? null, KINDS, { action: "blur", method: "gaussianBlur" });
  const { kernelSize, sigma = [0.1, 2] } = options;
  const sides = checkKernel(kernelSize);
  const range = checkRange(typeof sigma === "number" ? [sigma, sigma] : sigma, {
    action: "blur",
    name: "sigma",
    min: 0,
    aboveMin: true,
  });
  return describedTransform(
    "gaussianBlur",
    { kernelSize: sides, sigma: range },
    (image, random) => blur(image, { kernelSize: sides, sigma: uniform(random, range) }),
  );
}

function checkKernel(size: KernelSize): readonly [width: number, height: number] {
  const sides = typeof size === "number" ? [size, size] as const : size;
  if (
    Array.isArray(sides) && sides.length === 2 &&
    sides.every((side) => Number.isInteger(side) && side > 0 && side & 1)
  ) {
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

/** Copies a row, and continues it on both sides as in a mirror. */
function mirrorEnds(row: Uint8Array, padded: Float64Array, channels: number): void {
  const width = row.length / channels;
  const reach = (padded.length - row.length) / 2 / channels;
  padded.set(row, reach * channels);
  for (let i = 1; i <= reach; i++) {
    for (let c = 0; c < channels; c++) {
      padded[(reach - i) * channels + c] = row[i * channels + c];
      padded[(reach + width - 1 + i) * channels + c] = row[(width - 1 - i) * channels + c];
    }
  }
}

/** The weighted sum of a kernel's length of rows, which have the same weights from both ends on. */
function weigh(
  rowAt: (k: number) => Float64Array,
  shares: Float64Array,
  out: Float64Array,
): void {
  const middle = (shares.length - 1) / 2;
  const own = rowAt(middle), ownShare = shares[middle];
  if (middle === 0) {
    for (let x = 0; x < out.length; x++) out[x] = ownShare * own[x];
    return;
  }
  for (let k = middle - 1; k >= 0; k--) {
    const before = rowAt(k), after = rowAt(shares.length - 1 - k), share = shares[k];
    if (k === middle - 1) {
      for (let x = 0; x < out.length; x++) {
        out[x] = ownShare * own[x] + share * (before[x] + after[x]);
      }
    } else {
      for (let x = 0; x < out.length; x++) out[x] += share * (before[x] + after[x]);
    }
  }
}
