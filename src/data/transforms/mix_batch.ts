/** Mixing batch after batch, in one way or in two. @module */

import { UserError } from "../../core/errors.ts";
import type { RandomState } from "../../core/random.ts";
import { cutmix, type MixBatch, mixup } from "./mix.ts";

/**
 * How the pictures of batches are mixed, and their classes with them: torchvision's reference training, which mixes every batch. Of two
 * ways one is taken for each batch, either as likely.
 */
export interface BatchMix {
  /** Mixup (Zhang et al. 2018), its shares from `Beta(mixup, mixup)`, for instance 0.2. @default none */
  readonly mixup?: number;
  /** CutMix (Yun et al. 2019), its shares from `Beta(cutmix, cutmix)`, for instance 1. @default none */
  readonly cutmix?: number;
  /** Probability that a batch is mixed. @default {1} */
  readonly p?: number;
}

/**
 * Mixes a batch.
 *
 * @returns A new batch, or the given one where it is not mixed.
 * @throws {UserError} For parameters out of range.
 *
 * @example
 * ```ts
 * import { RandomState } from "../../core/random.ts";
 * import { oneHot } from "./mix.ts";
 * import { mixBatch } from "./mix_batch.ts";
 * const batch = { pixels: Float32Array.of(0, 4), shape: [2, 1, 1, 1] as const, targets: oneHot([0, 1], 2) };
 * const { pixels, targets } = mixBatch(batch, { mixup: 1 }, new RandomState(5));
 * // The first picture has so much of the second as of its class.
 * if (pixels[0] !== 4 * targets[1]) throw new Error(`${pixels}`);
 * ```
 */
export function mixBatch(batch: MixBatch, mix: BatchMix, random: RandomState): MixBatch {
  checkMix(mix);
  const { mixup: blend = 0, cutmix: cut = 0, p = 1 } = mix;
  const cuts = blend === 0 || (cut !== 0 && random.randomDouble() < 0.5);
  return cuts
    ? cutmix(batch, { p, alpha: cut }, random)
    : mixup(batch, { p, alpha: blend }, random);
}

/** What a way of mixing is called: ways of one name do the same. */
export function mixName({ mixup = 0, cutmix = 0, p = 1 }: BatchMix): string {
  const ways = [mixup && `mixup ${mixup}`, cutmix && `cutmix ${cutmix}`].filter(Boolean);
  return ways.join(" or ") + (p === 1 ? "" : `, p ${p}`);
}

/**
 * Refuses a way of mixing that makes no sense.
 *
 * @throws {UserError} For numbers out of range, and when nothing is ever mixed.
 */
export function checkMix({ mixup = 0, cutmix = 0, p = 1 }: BatchMix): void {
  const known = [mixup, cutmix].every((alpha) => alpha >= 0 && alpha < Infinity);
  if (!known || mixup + cutmix === 0) {
    throw new UserError(
      `Cannot mix pictures: mixup is ${mixup} and cutmix ${cutmix}, expected numbers from 0, one of them above`,
    );
  }
  if (!(p > 0 && p <= 1)) {
    throw new UserError(`Cannot mix pictures: p is ${p}, expected a probability above 0`);
  }
}
