/** From pictures to what the network takes. @module */

import type { Preprocessing } from "../core/preprocessing.ts";
import { centreCrop } from "./centre_crop.ts";
import type { Image } from "./image.ts";
import { normalize, normalizeTable } from "./normalize.ts";
import type { LentImage } from "./picture_kernels.ts";
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
 * @throws {UserError} When `size` is no whole number above 0.
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
  options: PreprocessOptions,
): Float32Array {
  const values = options.size * options.size * 3;
  const out = new Float32Array(images.length * values);
  const prepare = createPreprocessor(options);
  images.forEach((image, i) => prepare(image, out.subarray(i * values, (i + 1) * values)));
  return out;
}

/**
 * {@linkcode preprocess} picture by picture.
 *
 * @returns What writes a picture into `out`, `[size, size, 3]`.
 * @throws {UserError} When `size` is no whole number above 0, once there is a picture.
 */
export function createPreprocessor(
  { preprocessing, size, fit = "whole", antialias = true }: PreprocessOptions,
): (image: Image | LentImage, out: Float32Array) => void {
  const { interpolation } = preprocessing;
  const table = normalizeTable(preprocessing);
  const shortSide = shortSideOf(size, preprocessing);
  // Pictures of one size, as most data sets have, share one resizer.
  let resizer:
    | { readonly key: string; readonly to: PixelSize; readonly resize: Resizer }
    | undefined;
  return (image, out) => {
    const { height, width, channels } = image;
    const key = `${height}x${width}x${channels}`;
    if (resizer?.key !== key) {
      const to = fit === "whole" ? { height: size, width: size } : shortSideTo(image, shortSide);
      resizer = {
        key,
        to,
        resize: createResizer(image, to, channels, { interpolation, antialias }),
      };
    }
    const resized = resizer.resize("data" in image ? image.data : image);
    const pixels = fit === "whole"
      ? resized
      : centreCrop({ data: resized, ...resizer.to, channels }, size).data;
    normalize(pixels, { channels, table, out, offset: 0 });
  };
}

/**
 * Pixels on each side, as a multiple of those that it is scaled to, that a large picture may be decoded to beforehand. PIL asks for 2 in
 * `thumbnail` and calls 3 hardly distinguishable; measured differences are in bench/RESULTS.md.
 */
const SPARE = 3;

/**
 * The size that is enough to prepare a picture; see `atLeast` of `decodeImage`.
 *
 * @returns `undefined` when only the whole picture is: without antialias, not all pixels count.
 */
export function enoughFor(
  { preprocessing, size, fit = "whole", antialias = true }: PreprocessOptions,
): PixelSize | undefined {
  if (!antialias) return undefined;
  const side = SPARE * (fit === "whole" ? size : shortSideOf(size, preprocessing));
  return { height: side, width: side };
}

/** What the shorter side is scaled to before the middle is cut out. */
function shortSideOf(size: number, { resizeSize, cropSize }: Preprocessing): number {
  return roundHalfEven(size * resizeSize / cropSize);
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
