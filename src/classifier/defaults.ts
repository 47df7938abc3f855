/** What a classifier does unless told otherwise; the measurements behind it are in bench/RESULTS.md. @module */

/** Sides in pixels of a picture. */
export interface PictureSize {
  /** Rows. */
  readonly height: number;
  /** Columns. */
  readonly width: number;
}

/**
 * Stages whose pooled outputs make the features. The last stage alone is what ImageNet's classes need; the middle ones
 * know edges, textures and parts, which tells small grey pictures apart and helps with photos too.
 */
export const DEFAULT_STAGES: readonly number[] = [3, 4, 5, 6, 8];

/** Input for the smallest pictures: three times 28. */
const SMALLEST_INPUT = 84;
/** Small pictures win by being scaled up: deeper stages then see more than one cell. */
const SCALE = 3;
/** What EfficientNet-B0 was trained at. */
const FULL_INPUT = 224;

/**
 * Side of the network's input for pictures of a size, in pixels: three times their longer side, 84 to 224.
 *
 * @example
 * ```ts
 * import { defaultImageSize } from "./defaults.ts";
 * if (defaultImageSize({ height: 28, width: 28 }) !== 84) throw new Error();
 * if (defaultImageSize({ height: 480, width: 640 }) !== 224) throw new Error();
 * ```
 */
export function defaultImageSize({ height, width }: PictureSize): number {
  return Math.min(FULL_INPUT, Math.max(SMALLEST_INPUT, SCALE * Math.max(height, width)));
}
