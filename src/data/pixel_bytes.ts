/** Pixel values that a program hands over. @module */

import { UserError } from "../core/errors.ts";
import { awaitAdvice, givenKind } from "../core/given_kind.ts";

/** Values 0 to 255: bytes, which are not copied, or whole numbers in a list or a wider array, which are. */
export type PixelValues =
  | Uint8Array
  | Uint8ClampedArray
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | readonly number[];

/**
 * Pixels as bytes. Fractions are refused rather than guessed at: whether they reach to 1, to 255 or about a mean of 0, a picture of
 * them would be accepted and teach nothing.
 *
 * @param action What cannot be done, for messages: `"make a data set"`.
 * @throws {UserError} For what is no list of whole numbers from 0 to 255, with what to do.
 *
 * @example
 * ```ts
 * import { pixelBytes } from "./pixel_bytes.ts";
 * if (pixelBytes([0, 255], "make a data set").join() !== "0,255") throw new Error();
 * ```
 */
export function pixelBytes(pixels: unknown, action: string): Uint8Array {
  if (pixels instanceof Uint8Array) return pixels;
  if (pixels instanceof Uint8ClampedArray) {
    return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  }
  const fail = (detail: string) => new UserError(`Cannot ${action}: ${detail}`);
  const isFloat = pixels instanceof Float32Array || pixels instanceof Float64Array;
  if (isFloat) throw fail(`the pixels are ${givenKind(pixels)}${floatAdvice(pixels)}`);
  if (!Array.isArray(pixels) && !isIntegers(pixels)) {
    throw fail(
      `the pixels are ${givenKind(pixels)}, expected a Uint8Array of values from 0 to 255; ${
        awaitAdvice(pixels) ?? "see ImageDataset.open for files, fromImages for decoded pictures"
      }`,
    );
  }
  const values: ArrayLike<unknown> = pixels;
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== "number") {
      const advice = Array.isArray(value) ? "; put all of them into one flat list" : "";
      throw fail(
        `pixel ${i + 1} is ${givenKind(value)}, expected a whole number from 0 to 255${advice}`,
      );
    }
    if (!Number.isInteger(value)) {
      throw fail(`pixel ${i + 1} is ${value}${floatAdvice(values as ArrayLike<number>)}`);
    }
    if (value < 0 || value > 255) {
      throw fail(`pixel ${i + 1} is ${value}, expected a whole number from 0 to 255`);
    }
    bytes[i] = value;
  }
  return bytes;
}

function isIntegers(value: unknown): value is ArrayLike<number> {
  return value instanceof Int8Array || value instanceof Int16Array ||
    value instanceof Uint16Array || value instanceof Int32Array || value instanceof Uint32Array;
}

/** What to do with fractions, by the range that they have. */
function floatAdvice(values: ArrayLike<number>): string {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  const expected = ", expected a Uint8Array of values from 0 to 255";
  if (low >= 0 && high <= 1) {
    return `, values from 0 to 1${expected}; multiply by 255 and round: Uint8Array.from(pixels, (value) => Math.round(255 * value))`;
  }
  if (low >= 0 && high <= 255) return `${expected}; round: Uint8Array.from(pixels, Math.round)`;
  return `${expected}; found values from ${low} to ${high}: undo what standardised them first`;
}
