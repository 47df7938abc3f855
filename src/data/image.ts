/** A decoded picture. @module */

/** A picture in memory: bytes 0 to 255, row-major, channels interleaved. */
export interface Image {
  /** `[height, width, channels]`; treat it as read-only, it may be a view of a whole data set. */
  readonly data: Uint8Array;
  /** Rows. */
  readonly height: number;
  /** Columns. */
  readonly width: number;
  /** 1 = grey, 3 = red, green, blue. */
  readonly channels: 1 | 3;
}

/**
 * Throws a `RangeError` unless the picture's sizes are whole, positive and those of its data.
 *
 * @example
 * ```ts
 * import { checkImage } from "./image.ts";
 * checkImage({ data: new Uint8Array(6), height: 2, width: 3, channels: 1 });
 * ```
 */
export function checkImage({ data, height, width, channels }: Image): void {
  const whole = Number.isInteger(height) && Number.isInteger(width) && height > 0 && width > 0;
  if (!whole || (channels !== 1 && channels !== 3) || data.length !== height * width * channels) {
    throw new RangeError(
      `Cannot use the image: it has ${data.length} bytes, height ${height}, width ${width} and ${channels} ` +
        "channels, expected height x width x channels bytes with 1 or 3 channels",
    );
  }
}
