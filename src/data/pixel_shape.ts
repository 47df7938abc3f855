/** Height, width and channels of pictures whose pixels stand in a row. @module */

import { UserError } from "../core/errors.ts";
import { clip } from "../core/quoted.ts";
import { givenKind } from "../core/given_kind.ts";

/** Height, width and channels (1 = grey, 3 = red, green, blue interleaved). */
export type PixelShape = readonly [height: number, width: number, channels: 1 | 3];

/**
 * The shape of pictures of `pixelCount` values: `shape` if it fits, else the grey square of that many pixels, else the
 * colour square of a third as many. No number of pixels is both: three is no square of a fraction.
 *
 * @param name What to call the file in errors.
 * @throws {UserError} When `shape` does not multiply to `pixelCount`, or no square does, grey or in colour.
 *
 * @example
 * ```ts
 * import { pixelShape } from "./pixel_shape.ts";
 * if (pixelShape(784, undefined, "data.csv").join("x") !== "28x28x1") throw new Error();
 * if (pixelShape(3072, undefined, "data.csv").join("x") !== "32x32x3") throw new Error();
 * ```
 */
export function pixelShape(
  pixelCount: number,
  shape: readonly number[] | undefined,
  name: string,
): PixelShape {
  if (shape === undefined) {
    const square = squareOf(pixelCount);
    if (square !== undefined) return square;
    throw new UserError(
      `Cannot read ${name}: its rows have ${pixelCount} pixels, which make no square, grey or in colour; ` +
        (squareOf(pixelCount - 1) === undefined
          ? "give height, width and channels as the shape: [28, 28, 1] (--shape 28x28x1)"
          : "if one of the columns is the label, name it as the label (--label NAME), else give the shape: [28, 28, 1] (--shape 28x28x1)"),
    );
  }
  const [height, width, channels = 1] = shape;
  const whole = [height, width, channels].every((size) => Number.isInteger(size) && size > 0);
  if (!whole || shape.length > 3 || (channels !== 1 && channels !== 3)) {
    throw new UserError(
      `Cannot read ${name}: the shape is ${
        clip(shape.join("x"))
      }, expected height x width x channels with 1 or 3 ` +
        "channels, as in 28x28x1",
    );
  }
  if (height * width * channels !== pixelCount) {
    throw new UserError(
      `Cannot read ${name}: a shape of ${shape.join("x")} has ${
        height * width * channels
      } values, but its rows ` +
        `have ${pixelCount} pixels; change the shape`,
    );
  }
  return [height, width, channels];
}

/**
 * The shape of pictures in memory, as a program says it.
 *
 * @param values Number of all their values.
 * @throws {UserError} When there is none, it is no shape, or the values are no whole number of such pictures.
 *
 * @example
 * ```ts
 * import { givenShape } from "./pixel_shape.ts";
 * if (givenShape([28, 28, 1], 2 * 784).join("x") !== "28x28x1") throw new Error();
 * ```
 */
export function givenShape(shape: unknown, values: number): PixelShape {
  const fail = (detail: string) => new UserError(`Cannot make a data set: ${detail}`);
  const expected = "expected [height, width, channels] with 1 or 3 channels";
  if (!Array.isArray(shape)) {
    throw fail(`shape is ${givenKind(shape)}, ${expected}; write { shape: [28, 28, 1] }`);
  }
  const [height, width, channels] = shape;
  const whole = shape.every((size) => Number.isInteger(size) && size > 0);
  if (!whole || shape.length !== 3 || (channels !== 1 && channels !== 3)) {
    const advice = channels === 4 ? "; of RGBA, leave out each fourth value" : "";
    throw fail(`shape is [${shape.join(", ")}], ${expected}${advice}`);
  }
  if (values % (height * width * channels) === 0) return [height, width, channels];
  throw fail(
    `${values} pixels are no whole number of ${height} x ${width} x ${channels} pictures, which have ${
      height * width * channels
    } each; change the shape`,
  );
}

/** Whether rows of so many values are pictures: of `shape` if it is given, else squares. */
export function makesPictures(pixelCount: number, shape?: readonly number[]): boolean {
  if (shape === undefined) return squareOf(pixelCount) !== undefined && pixelCount > 0;
  return shape.reduce((product, size) => product * size, 1) === pixelCount;
}

function squareOf(pixelCount: number): PixelShape | undefined {
  const side = Math.sqrt(pixelCount);
  if (Number.isInteger(side)) return [side, side, 1];
  const third = Math.sqrt(pixelCount / 3);
  return Number.isInteger(third) ? [third, third, 3] : undefined;
}
