/** Inverting, posterising, solarising and spreading values. @module */

import { UserError } from "../../core/errors.ts";
import type { Image } from "../image.ts";
import { mapBytes } from "./adjust.ts";

/** Makes black white and white black; torchvision's `invert`. */
export function invert(image: Image): Image {
  return mapBytes(image, Uint8Array.from({ length: 256 }, (_, value) => 255 - value));
}

/**
 * Keeps the uppermost bits of each value; torchvision's `posterize`.
 *
 * @param bits Whole number, 0 to 8.
 * @throws {UserError} For any other number.
 */
export function posterize(image: Image, bits: number): Image {
  if (!(Number.isInteger(bits) && bits >= 0 && bits <= 8)) {
    throw new UserError(
      `Cannot posterize: bits is ${bits}, expected a whole number from 0 to 8`,
    );
  }
  const mask = -(2 ** (8 - bits));
  return mapBytes(image, Uint8Array.from({ length: 256 }, (_, value) => value & mask));
}

/**
 * Inverts the values from a threshold on; torchvision's `solarize`.
 *
 * @param threshold Up to 255.
 * @throws {UserError} For one above.
 */
export function solarize(image: Image, threshold: number): Image {
  if (!(threshold <= 255)) {
    throw new UserError(
      `Cannot solarize: the threshold is ${threshold}, expected a number up to 255`,
    );
  }
  const table = Uint8Array.from(
    { length: 256 },
    (_, value) => value >= threshold ? 255 - value : value,
  );
  return mapBytes(image, table);
}

/** Spreads each channel's values from its darkest to its brightest over 0 to 255; torchvision's `autocontrast`. */
export function autocontrast(image: Image): Image {
  return mapChannels(image, (counts) => {
    const darkest = counts.findIndex((count) => count > 0);
    const brightest = counts.findLastIndex((count) => count > 0);
    if (darkest === brightest) return undefined;
    const scale = Math.fround(255 / (brightest - darkest));
    return Uint8Array.from({ length: 256 }, (_, value) => {
      const spread = Math.fround((value - darkest) * scale);
      return spread < 0 ? 0 : spread > 255 ? 255 : Math.trunc(spread);
    });
  });
}

/** Makes all values of a channel about equally frequent; torchvision's `equalize`. */
export function equalize(image: Image): Image {
  return mapChannels(image, (counts) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const step = Math.floor((total - counts.findLast((count) => count > 0)!) / 255);
    if (step === 0) return undefined;
    let below = Math.floor(step / 2);
    return Uint8Array.from(counts, (count) => {
      const value = Math.min(255, Math.floor(below / step));
      below += count;
      return value;
    });
  });
}

/** Replaces the bytes of each channel by those of a table made from their frequencies; without a table they stay. */
function mapChannels(
  image: Image,
  tableOf: (counts: Int32Array) => Uint8Array | undefined,
): Image {
  const { data, channels } = image;
  const out = data.slice();
  for (let c = 0; c < channels; c++) {
    const counts = new Int32Array(256);
    for (let i = c; i < data.length; i += channels) counts[data[i]]++;
    const table = tableOf(counts);
    if (table) { for (let i = c; i < data.length; i += channels) out[i] = table[data[i]]; }
  }
  return { ...image, data: out };
}
