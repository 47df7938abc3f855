/** How a camera was held, as EXIF tells it, and turning pictures upright. @module */

import type { Image } from "./image.ts";

/**
 * EXIF's tag 0x0112: 1 = upright, 2 = mirrored, 3 = upside down, 4 = upside down and mirrored, 5 = transposed,
 * 6 = to be turned a quarter clockwise, 7 = transposed over the other diagonal, 8 = to be turned a quarter back.
 */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const TAG = 0x0112;

/** How values of TIFF's types are read where they are numbers, by type; `undefined` for bytes and text. */
type Reader = (view: DataView, at: number, little: boolean) => number;

/** Types of TIFF 6.0, section 2, and 16, an integer of 8 bytes: size of a value, and how it is read if it is a number. */
const TYPES: Readonly<Record<number, readonly [size: number, read?: Reader]>> = {
  1: [1],
  2: [1],
  3: [2, (view, at, little) => view.getUint16(at, little)],
  4: [4, (view, at, little) => view.getUint32(at, little)],
  5: [8, (view, at, little) => view.getUint32(at, little) / view.getUint32(at + 4, little)],
  6: [1, (view, at) => view.getInt8(at)],
  7: [1],
  8: [2, (view, at, little) => view.getInt16(at, little)],
  9: [4, (view, at, little) => view.getInt32(at, little)],
  10: [8, (view, at, little) => view.getInt32(at, little) / view.getInt32(at + 4, little)],
  11: [4, (view, at, little) => view.getFloat32(at, little)],
  12: [8, (view, at, little) => view.getFloat64(at, little)],
  13: [4, (view, at, little) => view.getUint32(at, little)],
  16: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
};

/**
 * Reads the orientation from an EXIF block (a small TIFF file) as PIL does it: a number of any type, the first of several, of
 * several entries the last, none behind one that is cut off. What is damaged counts as absent: the picture can be seen without
 * it.
 *
 * @param exif From the byte order mark (`II` or `MM`) on.
 * @returns `undefined` when there is no entry; 1 when its value has no meaning.
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
 * if (exifOrientation(exif.subarray(0, 12)) !== undefined) throw new Error();
 * ```
 */
export function exifOrientation(exif: Uint8Array): Orientation | undefined {
  const [start, version] = [String.fromCharCode(...exif.subarray(0, 2)), exif[2] + exif[3]];
  const isTiff = (start === "II" || start === "MM") && version === 42 && exif[2] * exif[3] === 0;
  if (exif.length < 8 || !isTiff) return undefined;
  const little = start === "II";
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  const directory = view.getUint32(4, little);
  if (directory + 2 > exif.length) return undefined;
  const entries = view.getUint16(directory, little);
  let found: Orientation | undefined;
  for (let i = 0, at = directory + 2; i < entries && at + 12 <= exif.length; i++, at += 12) {
    const type = TYPES[view.getUint16(at + 2, little)];
    const count = view.getUint32(at + 4, little);
    if (type === undefined || count === 0) continue;
    const [size, read] = type;
    const value = size * count > 4 ? view.getUint32(at + 8, little) : at + 8;
    if (value + size * count > exif.length) break;
    if (view.getUint16(at, little) !== TAG) continue;
    const orientation = read?.(view, value, little) ?? 1;
    found = [2, 3, 4, 5, 6, 7, 8].includes(orientation) ? orientation as Orientation : 1;
  }
  return found;
}

/**
 * Turns a picture as its orientation asks, like PIL's `ImageOps.exif_transpose`.
 *
 * @param out Where its pixels go, unless it is upright. @default a new array
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
export function turnUpright(
  image: Image,
  orientation: Orientation,
  out: Uint8Array = new Uint8Array(orientation === 1 ? 0 : image.data.length),
): Image {
  if (orientation === 1) return image;
  const { data, height, width, channels } = image;
  const swapped = orientation >= 5;
  const flippedX = orientation === 2 || orientation === 3 || orientation === 7 || orientation === 8;
  const flippedY = orientation === 3 || orientation === 4 || orientation === 6 || orientation === 7;
  const [toHeight, toWidth] = swapped ? [width, height] : [height, width];
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
