/** A decoded picture. @module */

import { UserError } from "../core/errors.ts";
import { awaitAdvice, givenKind } from "../core/given_kind.ts";
import { pixelBytes } from "./pixel_bytes.ts";

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
 * A picture whose sizes are whole, positive and those of its data, which are bytes.
 *
 * @param name What to call it in messages.
 * @returns The picture itself, where its data are a `Uint8Array`.
 * @throws {UserError} For anything else, with what it is.
 *
 * @example
 * ```ts
 * import { checkedImage } from "./image.ts";
 * const image = checkedImage({ data: new Uint8Array(6), height: 2, width: 3, channels: 1 });
 * if (image.width !== 3) throw new Error();
 * ```
 */
export function checkedImage(given: unknown, name = "the image"): Image {
  if (!isPictureLike(given)) {
    const advice = awaitAdvice(given) ?? "decode files first: await readImage(file)";
    throw new UserError(
      `Cannot use ${name}: it is ${
        givenKind(given)
      }, expected a decoded picture { data, height, width, channels }; ${advice}`,
    );
  }
  const { height, width, channels } = given;
  const data = pixelBytes(given.data, `use ${name}`);
  const whole = Number.isInteger(height) && Number.isInteger(width) && height > 0 && width > 0;
  const known = channels === 1 || channels === 3;
  if (!whole || !known || data.length !== height * width * channels) {
    const rgba = data.length === 4 * height * width ? "; of RGBA, leave out each fourth value" : "";
    throw new UserError(
      `Cannot use ${name}: it has ${data.length} bytes, height ${height}, width ${width} and ${channels} ` +
        `channels, expected height x width x channels bytes with 1 or 3 channels${rgba}`,
    );
  }
  return data === given.data ? given : { data, height, width, channels };
}

/** Whether a value has what a picture has, or an `ImageData`, which lacks the channels. */
function isPictureLike(given: unknown): given is Image {
  return typeof given === "object" && given !== null &&
    ["data", "height", "width"].every((name) => name in given);
}
