/** Turning. @module */

import { checkOptions, type OptionKinds } from "../../core/check_options.ts";
import { UserError } from "../../core/errors.ts";
import type { Image } from "../image.ts";
import type { PixelSize } from "../resize.ts";
import { type InverseMatrix, inverseMatrix, type LookUpOptions, sample } from "./affine.ts";
import { checkRange, type Range, uniform } from "./parameters.ts";
import { describedTransform, type Transform } from "./transform.ts";

/** Options of {@linkcode rotate} and {@linkcode randomRotation}. */
export interface RotateOptions extends LookUpOptions {
  /** Makes the result so large that the whole turned picture is on it; for turns about the middle. @default {false} */
  readonly expand?: boolean;
  /** What stays in its place: pixels from the left and the upper edge. @default the middle */
  readonly center?: readonly [x: number, y: number];
}

/**
 * Turns a picture; torchvision's `rotate` of a tensor.
 *
 * @param angle Degrees, counter-clockwise.
 * @throws {UserError} When `fill` does not fit the picture.
 *
 * @example
 * ```ts
 * import { rotate } from "./rotation.ts";
 * const image = { data: Uint8Array.of(1, 2, 3, 4), height: 2, width: 2, channels: 1 } as const;
 * const turned = rotate(image, 90);
 * if (turned.data.join() !== "2,4,1,3") throw new Error(turned.data.join());
 * ```
 */
export function rotate(image: Image, angle: number, options: RotateOptions = {}): Image {
  const { expand = false, center } = options;
  const matrix = inverseMatrix(image, { angle: -angle, center });
  return sample(image, matrix, expand ? expandedSize(image, matrix) : image, options);
}

/** Of {@linkcode RotateOptions}. */
const KINDS: OptionKinds<RotateOptions> = {
  interpolation: "string",
  fill: "any",
  expand: "boolean",
  center: "list",
};

/**
 * Turns by a random angle; torchvision's `RandomRotation`. One number is drawn.
 *
 * @param degrees Between what the angle is drawn, counter-clockwise; a single number `d` is `[-d, d]`.
 * @param options Without a `fill` it is 0, as in torchvision.
 * @throws {UserError} For angles that are not finite or not in order.
 */
export function randomRotation(
  degrees: number | Range,
  given: RotateOptions = {},
): Transform {
  checkOptions(given, KINDS, { action: "rotate", method: "randomRotation" });
  const { fill = 0, ...options } = given;
  if (typeof degrees === "number" && !(degrees >= 0)) {
    throw new UserError(`Cannot rotate: degrees is ${degrees}, expected a number from 0`);
  }
  const range = checkRange(typeof degrees === "number" ? [-degrees, degrees] : degrees, {
    action: "rotate",
    name: "degrees",
  });
  return describedTransform(
    "randomRotation",
    { degrees: range, fill, ...options },
    (image, random) => rotate(image, uniform(random, range), { fill, ...options }),
  );
}

/** What is cut off before corners are rounded outwards, so that no empty line is added for a last bit. */
const TOLERANCE = Math.fround(1e-4);

/** Size of the result on which the whole turned picture has its place; in float32, as in torchvision. */
function expandedSize({ height, width }: PixelSize, matrix: InverseMatrix): PixelSize {
  const [a, b, c, d, e, f] = matrix.map(Math.fround);
  const side = (byX: number, byY: number, shift: number, length: number): number => {
    const corners = [[-1, -1], [-1, 1], [1, 1], [1, -1]].map(([x, y]) => {
      const across = Math.fround(x * 0.5 * width * byX);
      return Math.fround(Math.fround(across + y * 0.5 * height * byY) + shift);
    });
    const cut = (corner: number) => {
      const steps = Math.trunc(Math.fround(Math.fround(corner + 0.5 * length) / TOLERANCE));
      return Math.fround(steps * TOLERANCE);
    };
    return Math.ceil(cut(Math.max(...corners))) - Math.floor(cut(Math.min(...corners)));
  };
  return { width: side(a, b, c, width), height: side(d, e, f, height) };
}
