/** Erasing a part. @module */

import { checkOptions, type OptionKinds } from "../../core/check_options.ts";
import { UserError } from "../../core/errors.ts";
import { IMAGENET_PREPROCESSING } from "../../core/preprocessing.ts";
import type { RandomState } from "../../core/random.ts";
import type { Image } from "../image.ts";
import { type Box, drawPlace, drawSides } from "./crop.ts";
import { checkProbability, checkRange, type Range, roundHalfEven } from "./parameters.ts";
import { describedTransform, nameOf, type Transform } from "./transform.ts";

/** A picture of bytes or of normalised numbers. */
export interface Pixels<D extends Uint8Array | Float32Array = Uint8Array | Float32Array> {
  /** `[height, width, channels]`. */
  readonly data: D;
  /** Rows. */
  readonly height: number;
  /** Columns. */
  readonly width: number;
  /** Channels. */
  readonly channels: number;
}

/** Options of {@linkcode randomErasing}. */
export interface RandomErasingOptions {
  /** Probability that a part is erased. @default {0.5} */
  readonly p?: number;
  /** Between what the part's share of the area is drawn. @default {[0.02, 0.33]} */
  readonly scale?: Range;
  /** Between what its height over its width is drawn, evenly in the logarithm. @default {[0.3, 3.3]} */
  readonly ratio?: Range;
  /**
   * What the part is filled with: one value, one for each channel, or `"random"`, a standard normal number for each value. Values are
   * in the picture's own numbers, bytes or normalised ones.
   *
   * @default {0}
   */
  readonly value?: number | readonly number[] | "random";
}

/** A part and what it is filled with. */
export interface Erasure extends Box {
  /** One value, one for each channel, or one for each value of the part. */
  readonly values: ArrayLike<number>;
}

/**
 * Fills a part of a picture; torchvision's `erase`.
 *
 * @returns A copy.
 * @throws {UserError} When the part does not lie in the picture, or there are too few or too many values.
 */
export function erase<P extends Pixels>(pixels: P, erasure: Erasure): P {
  const { top, left, height, width, values } = erasure;
  const { channels } = pixels;
  const inside = top >= 0 && left >= 0 && top + height <= pixels.height &&
    left + width <= pixels.width;
  const all = height * width * channels;
  if (!inside || ![1, channels, all].includes(values.length)) {
    throw new UserError(
      `Cannot erase ${height} x ${width} pixels from row ${top} and column ${left} by ${values.length} values: the picture has ` +
        `${pixels.height} x ${pixels.width} and ${channels} channels`,
    );
  }
  const data = pixels.data.slice();
  for (let y = 0, i = 0; y < height; y++) {
    const start = ((top + y) * pixels.width + left) * channels;
    for (let at = start; at < start + width * channels; at++, i++) {
      data[at] = values[i % values.length];
    }
  }
  return { ...pixels, data };
}

/** Of {@linkcode RandomErasingOptions}. */
const KINDS: OptionKinds<RandomErasingOptions> = {
  p: "number",
  scale: "list",
  ratio: "list",
  value: "any",
};

/**
 * Erases a random part of pictures of bytes; torchvision's `RandomErasing`. `"random"` values are normal ones in the scale to which
 * ImageNet's pictures are normalised, brought back to bytes.
 *
 * One number is drawn for `p`; then, up to ten times until the part fits, its area and the logarithm of its ratio; then the random values,
 * row (`interval`) and column. Where none fits, nothing is erased.
 *
 * @throws {UserError} For parameters out of range.
 */
export function randomErasing(options: RandomErasingOptions = {}): Transform {
  const { parameters, draw } = erasureOf(options);
  const { value } = parameters;
  const isRandom = value === "random";
  if (!isRandom && ![value].flat().every((byte) => byte >= 0 && byte <= 255)) {
    throw new UserError(
      `Cannot erase: value is ${
        JSON.stringify(value)
      }, expected numbers from 0 to 255 for pictures of bytes`,
    );
  }
  return describedTransform("randomErasing", { ...parameters }, (image, random) => {
    const erasure = draw(image, random);
    if (erasure === undefined) return image;
    const values = isRandom ? asBytes(erasure.values, image) : erasure.values;
    return erase(image, { ...erasure, values });
  });
}

/** Draws what {@linkcode randomErasing} erases, for pictures of any numbers. */
export interface ErasureDraw {
  /** All parameters, in words. */
  readonly name: string;
  /** The parameters. */
  readonly parameters: Required<RandomErasingOptions>;
  /** What is to be erased of a picture, if anything. */
  readonly draw: (
    picture: Omit<Pixels, "data">,
    random: RandomState,
  ) => Erasure | undefined;
}

/**
 * Checks the parameters of erasing.
 *
 * @throws {UserError} For parameters out of range.
 */
export function erasureOf(options: RandomErasingOptions): ErasureDraw {
  checkOptions(options, KINDS, { action: "erase", method: "randomErasing" });
  const { value = 0 } = options;
  const action = "erase";
  const p = checkProbability(options.p ?? 0.5, action);
  const scale = checkRange(options.scale ?? [0.02, 0.33], {
    action,
    name: "scale",
    min: 0,
    max: 1,
  });
  const ratio = checkRange(options.ratio ?? [0.3, 3.3], {
    action,
    name: "ratio",
    min: 0,
    aboveMin: true,
  });
  const given = value === "random" ? undefined : typeof value === "number" ? [value] : value;
  const parameters = { p, scale, ratio, value };
  return {
    name: nameOf("randomErasing", parameters),
    parameters,
    draw(picture, random) {
      if (random.randomDouble() >= p) return undefined;
      const { height, width, channels } = picture;
      if (given && given.length !== 1 && given.length !== channels) {
        throw new UserError(
          `Cannot erase: value is ${
            JSON.stringify(value)
          }, expected one number, or ${channels} for a picture of as many channels`,
        );
      }
      const part = drawSides(picture, {
        scale,
        ratio,
        sides: (area, shape) => ({
          height: roundHalfEven(Math.sqrt(area * shape)),
          width: roundHalfEven(Math.sqrt(area / shape)),
        }),
        fits: (sides) => sides.height < height && sides.width < width,
      }, random);
      if (part === undefined) return undefined;
      const values = given ?? Float32Array.from(
        { length: part.height * part.width * channels },
        () => random.standardNormal(),
      );
      return { ...part, ...drawPlace(picture, part, random), values };
    },
  };
}

/** Normal numbers as bytes of pictures that are normal after normalisation. */
function asBytes(values: ArrayLike<number>, { channels }: Image): Uint8ClampedArray {
  const { mean, std } = IMAGENET_PREPROCESSING;
  return Uint8ClampedArray.from(values, (value, i) => {
    const c = i % channels;
    return 255 * (mean[c] + std[c] * value);
  });
}
