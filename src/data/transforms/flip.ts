/** Mirroring. @module */

import { checkOptions, type OptionKinds } from "../../core/check_options.ts";
import type { Image } from "../image.ts";
import { checkProbability } from "./parameters.ts";
import { describedTransform, type Transform } from "./transform.ts";

/** Options of {@linkcode randomHorizontalFlip} and {@linkcode randomVerticalFlip}. */
export interface FlipOptions {
  /** Probability of a flip. @default {0.5} */
  readonly p?: number;
}

/** Left and right change places; torchvision's `hflip`. */
export function hflip(image: Image): Image {
  const { data, height, width, channels } = image;
  const out = new Uint8Array(data.length);
  const stride = width * channels;
  for (let row = 0; row < height; row++) {
    let from = row * stride;
    let to = from + stride - channels;
    for (let x = 0; x < width; x++, from += channels, to -= channels) {
      for (let c = 0; c < channels; c++) out[to + c] = data[from + c];
    }
  }
  return { ...image, data: out };
}

/** Top and bottom change places; torchvision's `vflip`. */
export function vflip(image: Image): Image {
  const { data, height, width, channels } = image;
  const out = new Uint8Array(data.length);
  const stride = width * channels;
  for (let row = 0; row < height; row++) {
    out.set(data.subarray(row * stride, (row + 1) * stride), (height - 1 - row) * stride);
  }
  return { ...image, data: out };
}

/** Of {@linkcode FlipOptions}. */
const KINDS: OptionKinds<FlipOptions> = { p: "number" };

/**
 * {@linkcode hflip} with a probability; torchvision's `RandomHorizontalFlip`. One number is drawn.
 *
 * @throws {UserError} When `p` is no probability.
 */
export function randomHorizontalFlip(options: FlipOptions = {}): Transform {
  checkOptions(options, KINDS, { action: "flip", method: "randomHorizontalFlip" });
  const { p = 0.5 } = options;
  checkProbability(p, "flip");
  return describedTransform(
    "randomHorizontalFlip",
    { p },
    (image, random) => random.randomDouble() < p ? hflip(image) : image,
  );
}

/**
 * {@linkcode vflip} with a probability; torchvision's `RandomVerticalFlip`. One number is drawn.
 *
 * @throws {UserError} When `p` is no probability.
 */
export function randomVerticalFlip(options: FlipOptions = {}): Transform {
  checkOptions(options, KINDS, { action: "flip", method: "randomVerticalFlip" });
  const { p = 0.5 } = options;
  checkProbability(p, "flip");
  return describedTransform(
    "randomVerticalFlip",
    { p },
    (image, random) => random.randomDouble() < p ? vflip(image) : image,
  );
}
