/** One random change of random strength. @module */

import { checkOptions, type OptionKinds } from "../../core/check_options.ts";
import { UserError } from "../../core/errors.ts";
import type { Image } from "../image.ts";
import { adjustBrightness, adjustContrast, adjustSaturation, adjustSharpness } from "./adjust.ts";
import { affine, type LookUpOptions } from "./affine.ts";
import { roundHalfEven } from "./parameters.ts";
import { rotate } from "./rotation.ts";
import { autocontrast, equalize, posterize, solarize } from "./tones.ts";
import { describedTransform, type Transform } from "./transform.ts";

/** Options of {@linkcode trivialAugment}. */
export interface TrivialAugmentOptions extends LookUpOptions {
  /** Number of strengths, 2 or more. @default {31} */
  readonly numMagnitudeBins?: number;
}

/** A change and the strengths that it may have. */
export interface TrivialOperation {
  /** Torchvision's name. */
  readonly name: string;
  /** Strengths, from the weakest on; none where it has none. */
  readonly magnitudes: readonly number[];
  /** Whether the strength may be negative, too. */
  readonly signed: boolean;
  /** Makes the change. */
  readonly apply: (image: Image, magnitude: number, options: LookUpOptions) => Image;
}

/**
 * The changes among which {@linkcode trivialAugment} chooses, in torchvision's order.
 *
 * @param bins Number of strengths.
 */
export function trivialOperations(bins = 31): readonly TrivialOperation[] {
  const factors = linspace(0, 0.99, bins);
  const pixels = linspace(0, 32, bins);
  const corner = [0, 0] as const;
  const none: readonly number[] = [];
  const signed = (
    name: string,
    magnitudes: readonly number[],
    apply: TrivialOperation["apply"],
  ) => ({ name, magnitudes, signed: true, apply });
  const unsigned = (
    name: string,
    magnitudes: readonly number[],
    apply: TrivialOperation["apply"],
  ) => ({ name, magnitudes, signed: false, apply });
  const bits = Array.from({ length: bins }, (_, i) => 8 - roundHalfEven(i / ((bins - 1) / 6)));
  return [
    unsigned("Identity", none, (image) => image),
    signed("ShearX", factors, (image, by, options) => {
      return affine(image, { ...options, shear: [degreesOf(by), 0], center: corner });
    }),
    signed("ShearY", factors, (image, by, options) => {
      return affine(image, { ...options, shear: [0, degreesOf(by)], center: corner });
    }),
    signed("TranslateX", pixels, (image, by, options) => {
      return affine(image, { ...options, translate: [Math.trunc(by), 0] });
    }),
    signed("TranslateY", pixels, (image, by, options) => {
      return affine(image, { ...options, translate: [0, Math.trunc(by)] });
    }),
    signed("Rotate", linspace(0, 135, bins), (image, by, options) => rotate(image, by, options)),
    signed("Brightness", factors, (image, by) => adjustBrightness(image, 1 + by)),
    signed("Color", factors, (image, by) => adjustSaturation(image, 1 + by)),
    signed("Contrast", factors, (image, by) => adjustContrast(image, 1 + by)),
    signed("Sharpness", factors, (image, by) => adjustSharpness(image, 1 + by)),
    unsigned("Posterize", bits, (image, by) => posterize(image, by)),
    unsigned("Solarize", linspace(255, 0, bins), (image, by) => solarize(image, by)),
    unsigned("AutoContrast", none, autocontrast),
    unsigned("Equalize", none, equalize),
  ];
}

/** Of {@linkcode TrivialAugmentOptions}. */
const KINDS: OptionKinds<TrivialAugmentOptions> = {
  numMagnitudeBins: "number",
  interpolation: "string",
  fill: "any",
};

/**
 * Makes one random change of random strength; torchvision's `TrivialAugmentWide` (Müller and Hutter 2021).
 *
 * Drawn are the change (`interval(13)`), its strength where it has one (`interval(bins - 1)`), and whether that is negative where it may
 * be (`interval(1)`).
 *
 * @throws {UserError} When the number of strengths is no whole number from 2.
 */
export function trivialAugment(
  given: TrivialAugmentOptions = {},
): Transform {
  checkOptions(given, KINDS, { action: "augment", method: "trivialAugment" });
  const { numMagnitudeBins = 31, ...options } = given;
  if (!(Number.isInteger(numMagnitudeBins) && numMagnitudeBins >= 2)) {
    throw new UserError(
      `Cannot augment: numMagnitudeBins is ${numMagnitudeBins}, expected a whole number from 2`,
    );
  }
  const operations = trivialOperations(numMagnitudeBins);
  const parameters = { numMagnitudeBins, ...options };
  return describedTransform("trivialAugment", parameters, (image, random) => {
    const { magnitudes, signed, apply } = operations[random.interval(operations.length - 1)];
    const size = magnitudes.length > 0 ? magnitudes[random.interval(magnitudes.length - 1)] : 0;
    const magnitude = signed && random.interval(1) === 1 ? -size : size;
    return apply(image, magnitude, options);
  });
}

/** Shears are given as slopes. */
function degreesOf(slope: number): number {
  return Math.atan(slope) * (180 / Math.PI);
}

/** Float32 numbers at equal distances; torch's `linspace`, which is off by a last bit here and there. */
function linspace(from: number, to: number, count: number): number[] {
  return Array.from(
    { length: count },
    (_, i) => Math.fround(from + (to - from) * i / (count - 1)),
  );
}
