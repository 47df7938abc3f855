/** Brightness, contrast, saturation and sharpness. @module */

import { UserError } from "../../core/errors.ts";
import type { Image } from "../image.ts";

/**
 * Makes a picture darker (below 1) or brighter; torchvision's `adjust_brightness`.
 *
 * @param factor 0 or more; 0 makes it black.
 * @throws {UserError} For any other factor.
 *
 * @example
 * ```ts
 * import { adjustBrightness } from "./adjust.ts";
 * const image = { data: Uint8Array.of(10, 200), height: 1, width: 2, channels: 1 } as const;
 * if (adjustBrightness(image, 1.5).data.join() !== "15,255") throw new Error();
 * ```
 */
export function adjustBrightness(image: Image, factor: number): Image {
  checkFactor(factor, "brightness");
  return mapBytes(image, blendTable(factor, 0));
}

/**
 * Brings all values nearer to the mean grey (below 1) or further from it; torchvision's `adjust_contrast`.
 *
 * @param factor 0 or more; 0 makes all of it the mean grey.
 * @throws {UserError} For any other factor.
 */
export function adjustContrast(image: Image, factor: number): Image {
  checkFactor(factor, "contrast");
  const grey = image.channels === 3 ? greyOf(image) : image.data;
  let sum = 0;
  for (let i = 0; i < grey.length; i++) sum += grey[i];
  return mapBytes(image, blendTable(factor, sum / grey.length));
}

/**
 * Takes colour away (below 1) or adds to it; torchvision's `adjust_saturation`. Grey pictures stay as they are.
 *
 * @param factor 0 or more; 0 makes it grey.
 * @throws {UserError} For any other factor.
 */
export function adjustSaturation(image: Image, factor: number): Image {
  checkFactor(factor, "saturation");
  if (image.channels === 1) return image;
  const { data } = image;
  const grey = greyOf(image);
  const share = Math.fround(factor), rest = Math.fround(1 - factor);
  const out = new Uint8Array(data.length);
  for (let pixel = 0, at = 0; pixel < grey.length; pixel++) {
    for (let c = 0; c < 3; c++, at++) out[at] = mixed(share, data[at], rest, grey[pixel]);
  }
  return { ...image, data: out };
}

/**
 * Blurs a picture (below 1) or sharpens it; torchvision's `adjust_sharpness`. Its outermost pixels are not blurred; pictures with a side of 2
 * or less stay as they are.
 *
 * @param factor 0 or more; 0 blurs by a kernel of 3 x 3 pixels.
 * @throws {UserError} For any other factor.
 */
export function adjustSharpness(image: Image, factor: number): Image {
  checkFactor(factor, "sharpness");
  const { data, height, width, channels } = image;
  if (height <= 2 || width <= 2) return image;
  const stride = width * channels;
  const blurred = data.slice();
  for (let y = 1; y < height - 1; y++) {
    for (let at = y * stride + channels; at < (y + 1) * stride - channels; at++) {
      const above = at - stride, below = at + stride;
      const sum = data[above - channels] + data[above] + data[above + channels] +
        data[at - channels] + 5 * data[at] + data[at + channels] +
        data[below - channels] + data[below] + data[below + channels];
      blurred[at] = Math.round(sum / 13); // 13 is odd: there are no halves
    }
  }
  const share = Math.fround(factor), rest = Math.fround(1 - factor);
  for (let at = 0; at < data.length; at++) {
    blurred[at] = mixed(share, data[at], rest, blurred[at]);
  }
  return { ...image, data: blurred };
}

/** Grey of each pixel by torchvision's shares, cut to whole numbers: `rgb_to_grayscale`. */
export function greyOf({ data, height, width }: Image): Uint8Array {
  const grey = new Uint8Array(height * width);
  for (let pixel = 0, at = 0; pixel < grey.length; pixel++, at += 3) {
    grey[pixel] = Math.fround(
      Math.fround(RED[data[at]] + GREEN[data[at + 1]]) + BLUE[data[at + 2]],
    );
  }
  return grey;
}

/** Each channel's part of the grey. */
const [RED, GREEN, BLUE] = [0.2989, 0.587, 0.114].map((share) =>
  Float32Array.from({ length: 256 }, (_, value) => Math.fround(share) * value)
);

/** `share * value + rest * other` in float32, cut to a byte: torchvision's `_blend`. */
function mixed(share: number, value: number, rest: number, other: number): number {
  const sum = Math.fround(Math.fround(share * value) + Math.fround(rest * other));
  return sum < 0 ? 0 : sum > 255 ? 255 : Math.trunc(sum);
}

/** What each value becomes when it is mixed with a fixed one. */
function blendTable(factor: number, other: number): Uint8Array {
  const share = Math.fround(factor), rest = Math.fround(1 - factor);
  const fixed = Math.fround(other);
  return Uint8Array.from({ length: 256 }, (_, value) => mixed(share, value, rest, fixed));
}

/** Replaces each byte by that of a table. */
export function mapBytes(image: Image, table: Uint8Array): Image {
  const { data } = image;
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = table[data[i]];
  return { ...image, data: out };
}

function checkFactor(factor: number, what: string): void {
  if (factor >= 0 && Number.isFinite(factor)) return;
  throw new UserError(
    `Cannot adjust the ${what}: the factor is ${factor}, expected a number from 0`,
  );
}
