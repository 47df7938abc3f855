/** The pictures of a training step, mixed where that is asked for, and the loss that goes with them. @module */
import { tfjs } from "../backend/tfjs.ts";
import { oneHot } from "../data/transforms/mix.ts";
import { type BatchMix, mixBatch } from "../data/transforms/mix_batch.ts";
import type { PictureTensor } from "../model/trunk.ts";
import { type BatchLoss, crossEntropy, type LossOptions, softCrossEntropy } from "./loss.ts";
import { viewState } from "./view_state.ts";

/** What {@linkcode stepPictures} goes by. */
export interface StepOptions extends LossOptions {
  /** How the pictures are mixed. @default not at all */
  readonly mix?: BatchMix;
  /** Seed of the mixing, a whole number from 0 to 2^32 - 1. */
  readonly seed: number;
  /** Number of the step, from 1: each mixes in its own way. */
  readonly step: number;
}

/** What a step learns from; whoever asked for it disposes of it. */
export interface StepPictures extends Disposable {
  /** `[n, size, size, 3]` */
  readonly images: PictureTensor;
  /** What logits `[n, classes]` of `images` come to. */
  readonly lossOf: (logits: Float32Array) => BatchLoss;
}

/** Stands for the whole batch where chance goes by the places of pictures. */
const ALL_PICTURES = -1;

/**
 * Pictures with their classes, mixed as `mix` says.
 *
 * @param images `[n, size, size, 3]`; they stay the caller's and as they are.
 * @param labels Class of each.
 */
export function stepPictures(
  images: PictureTensor,
  labels: ArrayLike<number>,
  { mix, seed, step, ...options }: StepOptions,
): StepPictures {
  if (mix === undefined) {
    return {
      images,
      lossOf: (logits) => crossEntropy(logits, labels, options),
      [Symbol.dispose]() {},
    };
  }
  const { shape } = images;
  const pixels = images.dataSync() as Float32Array;
  const targets = oneHot(labels, options.classes);
  const random = viewState(seed, { view: step, index: ALL_PICTURES });
  const mixed = mixBatch({ pixels, shape, targets }, mix, random);
  const shown = mixed.pixels === pixels ? images : tfjs().tensor4d(mixed.pixels, shape);
  return {
    images: shown,
    lossOf: (logits) => softCrossEntropy(logits, mixed.targets, options),
    [Symbol.dispose]() {
      if (shown !== images) shown.dispose();
    },
  };
}
