/** From pictures to what the network takes. @module */

import type { Preprocessing } from "../core/preprocessing.ts";
import { centreCrop } from "./centre_crop.ts";
import type { Image } from "./image.ts";
import { normalize, normalizeTable } from "./normalize.ts";
import { createResizer, type PixelSize, type Resizer } from "./resize.ts";

/** Options of {@linkcode preprocess}. */
export interface PreprocessOptions {
  /** The checkpoint's preparation. */
  readonly preprocessing: Preprocessing;
  /** Side of the network's input, in pixels. */
  readonly size: number;
  /**
   * `"whole"`: the picture is scaled to `size` x `size`, nothing is cut off (a picture that is no square is
   * stretched). `"crop"`: as torchvision's `ImageClassification` preset, the shorter side is resized to
   * `size * resizeSize / cropSize` and the middle cut out.
   *
   * @default {"whole"}
   */
  readonly fit?: "whole" | "crop";
  /** See {@linkcode ResizeOptions.antialias}. @default {true} */
  readonly antialias?: boolean;
}

/**
 * Resizes and normalises pictures; grey ones are resized in one channel and repeated to three.
 *
 * @returns `[n, size, size, 3]`, normalised by the checkpoint's mean and deviation.
 * @throws {RangeError} When `size` is no whole number above 0.
 *
 * @example
 * ```ts
 * import { preprocess } from "./preprocess.ts";
 * const black = { data: new Uint8Array(4), height: 2, width: 2, channels: 1 } as const;
 * const values = preprocess([black], {
 *   preprocessing: {
 *     mean: [0.5, 0.5, 0.5],
 *     std: [0.5, 0.25, 0.125],
 *     resizeSize: 256,
 *     cropSize: 224,
 *     interpolation: "bicubic",
 *   },
 *   size: 1,
 * });
 * if (values.join() !== "-1,-2,-4") throw new Error(values.join());
 * ```
 */
export function preprocess(
  images: readonly Image[],
  { preprocessing, size, fit = "whole", antialias = true }: PreprocessOptions,
): Float32Array {
  const { interpolation, resizeSize, cropSize } = preprocessing;
  const table = normalizeTable(preprocessing);
  const valuesPerImage = size * size * 3;
  const out = new Float32Array(images.length * valuesPerImage);
  const shortSide = roundHalfEven(size * resizeSize / cropSize);

  // Pictures of one size, as most data sets have, share one resizer.
  let resizer:
    | { readonly key: string; readonly to: PixelSize; readonly resize: Resizer }
    | undefined;
  images.forEach((image, i) => {
    const { data, height, width, channels } = image;
    const key = `${height}x${width}x${channels}`;
    if (resizer?.key !== key) {
      const to = fit === "whole" ? { height: size, width: size } : shortSideTo(image, shortSide);
      resizer = {
        key,
        to,
        resize: createResizer(image, to, channels, { interpolation, antialias }),
      };
    }
    const resized = resizer.resize(data);
    const pixels = fit === "whole"
      ? resized
      : centreCrop({ data: resized, ...resizer.to, channels }, size).data;
    normalize(pixels, { channels, table, out, offset: i * valuesPerImage });
  });
  return out;
}

/** The size with the shorter side at `side` pixels; the longer is rounded down, as in torchvision's `resize`. */
function shortSideTo({ height, width }: PixelSize, side: number): PixelSize {
  return width <= height
    ? { width: side, height: Math.trunc(side * height / width) }
    : { height: side, width: Math.trunc(side * width / height) };
}

/** Python's `round`. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest === 0.5 ? floor + floor % 2 : Math.round(value);
}
