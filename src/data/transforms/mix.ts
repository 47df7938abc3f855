/** Mixing the pictures of a batch, and their classes with them. @module */

import { UserError } from "../../core/errors.ts";
import type { RandomState } from "../../core/random.ts";
import { checkProbability } from "./parameters.ts";

/**
 * Pictures with the share that each class has in each.
 *
 * Mixed pictures belong to two classes, so their targets are shares and no longer numbers of classes. Cross-entropy against shares `t`
 * is `-sum(t * log(softmax(logits)))`, and its gradient by the logits `softmax(logits) - t`.
 */
export interface MixBatch {
  /** `[pictures, height, width, channels]`, normalised. */
  readonly pixels: Float32Array;
  /** Sides of `pixels`. */
  readonly shape: readonly [pictures: number, height: number, width: number, channels: number];
  /** `[pictures, classes]`; each row sums to 1. See {@linkcode oneHot}. */
  readonly targets: Float32Array;
}

/** Options of {@linkcode mixup} and {@linkcode cutmix}. */
export interface MixOptions {
  /** Probability that a batch is mixed. @default {0.5} */
  readonly p?: number;
  /** Shares are drawn from `Beta(alpha, alpha)`: 1 for all equally likely, less for most near 0 or 1. @default {1} */
  readonly alpha?: number;
}

/** What {@linkcode cutPictures} cuts out. */
export interface CutBox {
  /** First row. */
  readonly top: number;
  /** First column. */
  readonly left: number;
  /** Row after the last. */
  readonly bottom: number;
  /** Column after the last. */
  readonly right: number;
}

/**
 * Targets that are all of one class.
 *
 * @param labels Class of each picture, 0 to `classes - 1`.
 * @returns `[pictures, classes]`
 * @throws {UserError} For a label that is none.
 */
export function oneHot(labels: ArrayLike<number>, classes: number): Float32Array {
  const targets = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) {
    if (!(Number.isInteger(labels[i]) && labels[i] >= 0 && labels[i] < classes)) {
      throw new UserError(
        `Cannot make targets: label ${labels[i]} at ${i}, expected 0 to ${classes - 1}`,
      );
    }
    targets[i * classes + labels[i]] = 1;
  }
  return targets;
}

/**
 * Mixes each picture with the one before it (the first with the last): `share` of itself and the rest of the other, pixels and
 * targets alike.
 *
 * @returns A new batch; the given one stays as it is.
 *
 * @example
 * ```ts
 * import { mixPictures, oneHot } from "./mix.ts";
 * const batch = { pixels: Float32Array.of(0, 4), shape: [2, 1, 1, 1] as const, targets: oneHot([0, 1], 2) };
 * const { pixels, targets } = mixPictures(batch, 0.75);
 * if (pixels.join() !== "1,3" || targets.join() !== "0.75,0.25,0.25,0.75") throw new Error();
 * ```
 */
export function mixPictures(batch: MixBatch, share: number): MixBatch {
  const pictures = checkBatch(batch);
  return {
    shape: batch.shape,
    pixels: mixRows(batch.pixels, pictures, share),
    targets: mixRows(batch.targets, pictures, share),
  };
}

/**
 * Puts a part of the picture before into each picture (of the last into the first), and mixes their targets by the part's share of the area.
 *
 * @returns A new batch; the given one stays as it is.
 */
export function cutPictures(batch: MixBatch, { top, left, bottom, right }: CutBox): MixBatch {
  const pictures = checkBatch(batch);
  const [, height, width, channels] = batch.shape;
  const pixels = batch.pixels.slice();
  const length = height * width * channels;
  for (let i = 0; i < pictures; i++) {
    const other = (i === 0 ? pictures : i) - 1;
    for (let y = top; y < bottom; y++) {
      const [from, to] = [left, right].map((x) => (y * width + x) * channels);
      const part = batch.pixels.subarray(other * length + from, other * length + to);
      pixels.set(part, i * length + from);
    }
  }
  const share = 1 - (right - left) * (bottom - top) / (width * height);
  return { shape: batch.shape, pixels, targets: mixRows(batch.targets, pictures, share) };
}

/**
 * Mixes the pictures of a batch by a random share (Zhang et al. 2018), as the `RandomMixup` of torchvision's reference training. A picture's
 * result depends on which comes before it in the batch.
 *
 * Drawn are one number for `p`, and then the share.
 *
 * @throws {UserError} For parameters out of range.
 */
export function mixup(
  batch: MixBatch,
  { p = 0.5, alpha = 1 }: MixOptions,
  random: RandomState,
): MixBatch {
  checkOptions("mix pictures", p, alpha);
  if (random.randomDouble() >= p) return batch;
  return mixPictures(batch, drawShare(random, alpha));
}

/**
 * Puts a random part of one picture into another (Yun et al. 2019), as the `RandomCutmix` of torchvision's reference training. A
 * picture's result depends on which comes before it in the batch.
 *
 * Drawn are one number for `p`, the share that stays, and column and row of the part's middle (`interval`).
 *
 * @throws {UserError} For parameters out of range.
 */
export function cutmix(
  batch: MixBatch,
  { p = 0.5, alpha = 1 }: MixOptions,
  random: RandomState,
): MixBatch {
  checkOptions("cut pictures", p, alpha);
  if (random.randomDouble() >= p) return batch;
  const [, height, width] = batch.shape;
  const share = drawShare(random, alpha);
  const x = random.interval(width - 1);
  const y = random.interval(height - 1);
  return cutPictures(batch, cutBox({ height, width }, { x, y, share }));
}

/** The part around a place that leaves `share` of the area, as far as it lies in the picture. */
export function cutBox(
  { height, width }: { readonly height: number; readonly width: number },
  { x, y, share }: { readonly x: number; readonly y: number; readonly share: number },
): CutBox {
  const half = 0.5 * Math.sqrt(1 - share);
  const [across, down] = [Math.trunc(half * width), Math.trunc(half * height)];
  return {
    top: Math.max(0, y - down),
    left: Math.max(0, x - across),
    bottom: Math.min(height, y + down),
    right: Math.min(width, x + across),
  };
}

/** A number from `Beta(alpha, alpha)`. */
function drawShare(random: RandomState, alpha: number): number {
  const [a, b] = [logGamma(random, alpha), logGamma(random, alpha)];
  return 1 / (1 + Math.exp(b - a)); // a / (a + b); for a small alpha both may be too small for a double
}

/** The logarithm of a number from `Gamma(alpha, 1)` by the method of Marsaglia and Tsang (2000), one up and brought down for any alpha. */
function logGamma(random: RandomState, alpha: number): number {
  const d = alpha + 1 - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  while (true) {
    const x = random.standardNormal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - random.randomDouble(); // above 0
    if (Math.log(u) >= 0.5 * x * x + d * (1 - v + Math.log(v))) continue;
    return Math.log(d * v) + Math.log(1 - random.randomDouble()) / alpha;
  }
}

/** `share` of each row and the rest of the one before, in float32 as PyTorch does it. */
function mixRows(values: Float32Array, rows: number, share: number): Float32Array {
  const length = values.length / rows;
  const own = Math.fround(share), others = Math.fround(1 - share);
  const mixed = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const at = row * length;
    const other = ((row === 0 ? rows : row) - 1) * length;
    for (let i = 0; i < length; i++) {
      mixed[at + i] = Math.fround(own * values[at + i]) + Math.fround(others * values[other + i]);
    }
  }
  return mixed;
}

/** @returns Number of pictures. */
function checkBatch({ pixels, shape, targets }: MixBatch): number {
  const [pictures, height, width, channels] = shape;
  const fits = pictures > 0 && pixels.length === pictures * height * width * channels &&
    targets.length > 0 && targets.length % pictures === 0;
  if (fits) return pictures;
  throw new UserError(
    `Cannot mix a batch of ${pixels.length} values and ${targets.length} targets: expected ${
      shape.join(" x ")
    } values and ` +
      "as many targets for each picture",
  );
}

function checkOptions(action: string, p: number, alpha: number): void {
  checkProbability(p, action);
  if (!(alpha > 0 && Number.isFinite(alpha))) {
    throw new UserError(`Cannot ${action}: alpha is ${alpha}, expected a number above 0`);
  }
}
