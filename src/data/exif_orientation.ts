/** How a camera was held, as EXIF tells it, and turning pictures upright. @module */

import type { Image } from "./image.ts";

/**
 * EXIF's tag 0x0112: 1 = upright, 2 = mirrored, 3 = upside down, 4 = upside down and mirrored, 5 = transposed,
 * 6 = to be turned a quarter clockwise, 7 = transposed over the other diagonal, 8 = to be turned a quarter back.
 */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const TAG = 0x0112;
/** Type of a 16-bit number, the only one that the standard allows for the tag. */
const SHORT = 3;

/**
 * Reads the orientation from an EXIF block (a small TIFF file). What is damaged counts as upright: the picture can be
 * seen without it.
 *
 * @param exif From the byte order mark (`II` or `MM`) on.
 *
 * @example
 * ```ts
 * import { exifOrientation } from "./exif_orientation.ts";
 * // deno-fmt-ignore
 * const exif = Uint8Array.of(
 *   0x4d, 0x4d, 0, 42, 0, 0, 0, 8, // big-endian, first directory at 8
 *   0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, // one entry: orientation, one short, 6
 * );
 * if (exifOrientation(exif) !== 6) throw new Error();
 * if (exifOrientation(exif.subarray(0, 12)) !== 1) throw new Error();
 * ```
 */
export function exifOrientation(exif: Uint8Array): Orientation {
  if (exif.length < 8) return 1;
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  const little = view.getUint16(0) === 0x4949;
  if (!little && view.getUint16(0) !== 0x4d4d || view.getUint16(2, little) !== 42) return 1;
  const directory = view.getUint32(4, little);
  if (directory + 2 > exif.length) return 1;
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + 12 * i;
    if (at + 12 > exif.length) return 1;
    if (view.getUint16(at, little) !== TAG) continue;
    const value = view.getUint16(at + 8, little);
    const known = view.getUint16(at + 2, little) === SHORT && value >= 1 && value <= 8;
    return known ? value as Orientation : 1;
  }
  return 1;
}

/**
 * Turns a picture as its orientation asks, like PIL's `ImageOps.exif_transpose`.
 *
 * @returns The picture itself when it is upright, else a new one.
 *
 * @example
 * ```ts
 * import { turnUpright } from "./exif_orientation.ts";
 * const lying = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), height: 2, width: 3, channels: 1 } as const;
 * const { data, height, width } = turnUpright(lying, 6);
 * if (data.join() !== "4,1,5,2,6,3" || height !== 3 || width !== 2) throw new Error(data.join());
 * ```
 */
export function turnUpright(image: Image, orientation: Orientation): Image {
  if (orientation === 1) return image;
  const { data, height, width, channels } = image;
  const swapped = orientation >= 5;
  const flippedX = orientation === 2 || orientation === 3 || orientation === 7 || orientation === 8;
  const flippedY = orientation === 3 || orientation === 4 || orientation === 6 || orientation === 7;
  const [toHeight, toWidth] = swapped ? [width, height] : [height, width];
  const out = new Uint8Array(data.length);
  let to = 0;
  for (let row = 0; row < toHeight; row++) {
    for (let column = 0; column < toWidth; column++) {
      const [x, y] = swapped ? [row, column] : [column, row];
      const fromX = flippedX ? width - 1 - x : x;
      const fromY = flippedY ? height - 1 - y : y;
      const from = (fromY * width + fromX) * channels;
      for (let channel = 0; channel < channels; channel++) out[to++] = data[from + channel];
    }
  }
  return { data: out, height: toHeight, width: toWidth, channels };
}
