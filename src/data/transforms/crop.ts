/** Cutting out a part. @module */

import { checkOptions, type OptionKinds } from "../../core/check_options.ts";
import { UserError } from "../../core/errors.ts";
import type { RandomState } from "../../core/random.ts";
import type { Image } from "../image.ts";
import { type PixelSize, resize, type ResizeOptions } from "../resize.ts";
import { checkRange, type Range, roundHalfEven, uniform } from "./parameters.ts";
import { describedTransform, type Transform } from "./transform.ts";

/** A part of a picture, in pixels. */
export interface Box extends PixelSize {
  /** First row. */
  readonly top: number;
  /** First column. */
  readonly left: number;
}

/** Options of {@linkcode randomResizedCrop}. */
export interface RandomResizedCropOptions extends ResizeOptions {
  /**
   * Sides of the result; a single number makes it square. Without it the part keeps its size, which is the better way where the
   * picture is scaled to the network's input afterwards: it then is scaled once.
   */
  readonly size?: number | PixelSize;
  /** Between what the part's share of the area is drawn. @default {[0.08, 1]} */
  readonly scale?: Range;
  /** Between what its width over its height is drawn, evenly in the logarithm. @default {[3 / 4, 4 / 3]} */
  readonly ratio?: Range;
}

/**
 * Cuts out a part; torchvision's `crop`.
 *
 * @throws {UserError} When the part does not lie in the picture.
 */
export function crop(image: Image, { top, left, height, width }: Box): Image {
  const inside = [top, left, height, width].every(Number.isInteger) && top >= 0 && left >= 0 &&
    height > 0 && width > 0 && top + height <= image.height && left + width <= image.width;
  if (!inside) {
    throw new UserError(
      `Cannot crop: ${height} x ${width} pixels from row ${top} and column ${left} do not lie in a picture of ` +
        `${image.height} x ${image.width}`,
    );
  }
  const { data, channels } = image;
  const out = new Uint8Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * image.width + left) * channels;
    out.set(data.subarray(start, start + width * channels), y * width * channels);
  }
  return { data: out, height, width, channels };
}

/**
 * Cuts out a part and resizes it; torchvision's `resized_crop`: that of PIL pictures with `antialias`, that of tensors without.
 *
 * @throws {UserError} When the part does not lie in the picture, or a side of `to` is no whole number above 0.
 */
export function resizedCrop(image: Image, box: Box, to: PixelSize, options?: ResizeOptions): Image {
  const part = crop(image, box);
  if (part.height === to.height && part.width === to.width) return part;
  return resize(part, to, options);
}

/** Of {@linkcode RandomResizedCropOptions}. */
const KINDS: OptionKinds<RandomResizedCropOptions> = {
  size: "any",
  scale: "list",
  ratio: "list",
  interpolation: "string",
  antialias: "boolean",
};

/**
 * Cuts out a random part and resizes it; torchvision's `RandomResizedCrop`.
 *
 * Drawn are, up to ten times until the part fits, its area and the logarithm of its ratio, and then its row (`interval`) and column.
 * Where none fits, the middle is taken, in the nearest ratio that is allowed.
 *
 * @param options Unlike in torchvision, interpolation is `"bilinear"` or `"bicubic"`, with `antialias` by default.
 * @throws {UserError} For shares not above 0 and up to 1, and ratios not above 0 or not in order.
 */
export function randomResizedCrop(options: RandomResizedCropOptions = {}): Transform {
  checkOptions(options, KINDS, { action: "crop", method: "randomResizedCrop" });
  const { size, interpolation = "bilinear", antialias = true } = options;
  const action = "crop";
  const scale = checkRange(options.scale ?? [0.08, 1], {
    action,
    name: "scale",
    min: 0,
    max: 1,
    aboveMin: true,
  });
  const ratio = checkRange(options.ratio ?? [3 / 4, 4 / 3], {
    action,
    name: "ratio",
    min: 0,
    aboveMin: true,
  });
  const to = typeof size === "number" ? { height: size, width: size } : size;
  const parameters = to === undefined
    ? { scale, ratio }
    : { size: to, scale, ratio, interpolation, antialias };
  return describedTransform("randomResizedCrop", parameters, (image, random) => {
    const sides = (area: number, shape: number): PixelSize => ({
      width: roundHalfEven(Math.sqrt(area * shape)),
      height: roundHalfEven(Math.sqrt(area / shape)),
    });
    const fits = ({ height, width }: PixelSize) =>
      height > 0 && width > 0 && height <= image.height && width <= image.width;
    const part = drawSides(image, { scale, ratio, sides, fits }, random);
    const box = part === undefined
      ? middleBox(image, ratio)
      : { ...part, ...drawPlace(image, part, random) };
    return to === undefined
      ? crop(image, box)
      : resizedCrop(image, box, to, { interpolation, antialias });
  });
}

/** What {@linkcode drawSides} goes by. */
export interface SideRules {
  /** Between what the share of the area is drawn. */
  readonly scale: Range;
  /** Between what the ratio is drawn. */
  readonly ratio: Range;
  /** Sides by area and ratio. */
  readonly sides: (area: number, ratio: number) => PixelSize;
  /** Whether the picture has a place for them. */
  readonly fits: (sides: PixelSize) => boolean;
}

/** How often sides are drawn before it is given up; torchvision's number. */
const TRIES = 10;

/** Draws area and ratio until they fit. @returns `undefined` when none of ten did. */
export function drawSides(
  { height, width }: PixelSize,
  { scale, ratio, sides, fits }: SideRules,
  random: RandomState,
): PixelSize | undefined {
  const logRatio: Range = [Math.log(ratio[0]), Math.log(ratio[1])];
  for (let i = 0; i < TRIES; i++) {
    const area = height * width * uniform(random, scale);
    const drawn = sides(area, Math.exp(uniform(random, logRatio)));
    if (fits(drawn)) return drawn;
  }
}

/** Draws where a part lies: its row, then its column. */
export function drawPlace(
  image: PixelSize,
  part: PixelSize,
  random: RandomState,
): { top: number; left: number } {
  const top = random.interval(image.height - part.height);
  const left = random.interval(image.width - part.width);
  return { top, left };
}

/** The largest part in the middle whose ratio is allowed. */
function middleBox(image: PixelSize, [least, most]: Range): Box {
  const own = image.width / image.height;
  const width = own > most ? roundHalfEven(image.height * most) : image.width;
  const height = own < least ? roundHalfEven(image.width / least) : image.height;
  return {
    top: Math.floor((image.height - height) / 2),
    left: Math.floor((image.width - width) / 2),
    height,
    width,
  };
}
