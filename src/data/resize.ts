/** Resizing of pictures as PIL and PyTorch do it. @module */

import { UserError } from "../core/errors.ts";
import type { Image } from "./image.ts";
import { createPictureResizer, type LentImage, lentPixels } from "./picture_kernels.ts";
import {
  antialiasedWeights,
  type Interpolation,
  plainWeights,
  type ResampleWeights,
} from "./resample_weights.ts";

/** Options of {@linkcode resize} and {@linkcode createResizer}. */
export interface ResizeOptions {
  /** How pixels between pixels are found. @default {"bicubic"} */
  readonly interpolation?: Interpolation;
  /**
   * `true`: as PIL does it, bit for bit, and torchvision for PIL pictures (and, since 0.17, for byte tensors). `false`:
   * as torchvision does it for tensors before 0.17 and with `antialias=False`.
   *
   * @default {true}
   */
  readonly antialias?: boolean;
}

/** Height and width in pixels. */
export interface PixelSize {
  /** Rows. */
  readonly height: number;
  /** Columns. */
  readonly width: number;
}

/** Resizes pictures of one size and channel count; the result is overwritten by the next call. */
export type Resizer = (pixels: Uint8Array | LentImage) => Uint8Array;

/**
 * Resizes a picture.
 *
 * @throws {UserError} When a side of the result is no whole number above 0.
 *
 * @example
 * ```ts
 * import { resize } from "./resize.ts";
 * const grey = { data: Uint8Array.of(0, 100), height: 1, width: 2, channels: 1 } as const;
 * const wide = resize(grey, { height: 1, width: 4 }, { interpolation: "bilinear" });
 * if (wide.data.join() !== "0,25,75,100") throw new Error(wide.data.join());
 * ```
 */
export function resize(image: Image, to: PixelSize, options: ResizeOptions = {}): Image {
  const data = createResizer(image, to, image.channels, options)(image.data);
  return { data, height: to.height, width: to.width, channels: image.channels };
}

/**
 * Prepares the resizing of many pictures of one size: shares are computed and memory is taken once.
 *
 * @param from Size of the pictures.
 * @param to Size of the results.
 * @throws {UserError} When a side of the result is no whole number above 0.
 *
 * @example
 * ```ts
 * import { createResizer } from "./resize.ts";
 * const halve = createResizer({ height: 2, width: 2 }, { height: 1, width: 1 }, 1);
 * if (halve(Uint8Array.of(0, 10, 20, 30))[0] !== 15) throw new Error();
 * ```
 */
export function createResizer(
  from: PixelSize,
  to: PixelSize,
  channels: 1 | 3,
  { interpolation = "bicubic", antialias = true }: ResizeOptions = {},
): Resizer {
  for (const side of [to.height, to.width]) {
    if (!Number.isInteger(side) || side < 1) {
      throw new UserError(
        `Cannot resize: the size is ${to.height} x ${to.width}, expected whole numbers above 0`,
      );
    }
  }
  const weights = antialias ? antialiasedWeights : plainWeights;
  const columns = weights(from.width, to.width, interpolation);
  const rows = weights(from.height, to.height, interpolation);
  return antialias
    ? createByteResizer(from, columns, rows, channels)
    : createFloatResizer(from, columns, rows, channels);
}

/** Fractional bits of PIL's shares: 32, less 8 for the pixel and 2 for overshoot. */
const FRACTION_BITS = 32 - 8 - 2;

/** PIL's way: whole-number shares, and the picture between the two passes is of bytes, too. */
function createByteResizer(
  from: PixelSize,
  columns: ResampleWeights,
  rows: ResampleWeights,
  channels: 1 | 3,
): Resizer {
  const result = new Uint8Array(rows.length * columns.length * channels);
  const resizePicture = createPictureResizer(
    from,
    channels,
    [columns, toFixedPoint(columns)],
    [rows, toFixedPoint(rows)],
  );
  return (pixels) => {
    resizePicture(pixels, result);
    return result;
  };
}

/** Rounded half away from zero, as in PIL. */
function toFixedPoint({ shares }: ResampleWeights): Int32Array {
  return Int32Array.from(shares, (share) => {
    return Math.trunc(share * (1 << FRACTION_BITS) + (share < 0 ? -0.5 : 0.5));
  });
}

/** PyTorch's way: float32, rounded to bytes at the end. */
function createFloatResizer(
  from: PixelSize,
  columns: ResampleWeights,
  rows: ResampleWeights,
  channels: number,
): Resizer {
  const stride = columns.length * channels;
  const across = Float32Array.from(columns.shares);
  const down = Float32Array.from(rows.shares);
  const middle = new Float32Array(from.height * stride);
  // Clamps, and rounds halves to even as torch.round does.
  const result = new Uint8ClampedArray(rows.length * stride);
  const bytes = new Uint8Array(result.buffer);
  return (given) => {
    const pixels = "kernels" in given ? lentPixels(given) : given;
    let to = 0;
    for (let y = 0; y < from.height; y++) {
      for (let x = 0; x < columns.length; x++) {
        const source = (y * from.width + columns.starts[x]) * channels;
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let k = 0, at = source + c; k < columns.taps; k++, at += channels) {
            sum += pixels[at] * across[x * columns.taps + k];
          }
          middle[to++] = sum;
        }
      }
    }
    for (let y = 0; y < rows.length; y++) {
      const source = rows.starts[y] * stride;
      for (let x = 0; x < stride; x++) {
        let sum = 0;
        for (let k = 0, at = source + x; k < rows.taps; k++, at += stride) {
          sum += middle[at] * down[y * rows.taps + k];
        }
        result[y * stride + x] = sum;
      }
    }
    return bytes;
  };
}
