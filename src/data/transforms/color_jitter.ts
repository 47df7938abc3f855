/** Random brightness, contrast, saturation and hue. @module */

import { checkOptions, type OptionKinds } from "../../core/check_options.ts";
import { UserError } from "../../core/errors.ts";
import type { Image } from "../image.ts";
import { adjustBrightness, adjustContrast, adjustSaturation } from "./adjust.ts";
import { adjustHue } from "./hue.ts";
import { checkRange, type Range, uniform } from "./parameters.ts";
import { describedTransform, type Transform } from "./transform.ts";

/** Options of {@linkcode colorJitter}. */
export interface ColorJitterOptions {
  /** Between what the factor is drawn; a single number `d` is `[max(0, 1 - d), 1 + d]`. @default {0} */
  readonly brightness?: number | Range;
  /** As `brightness`. @default {0} */
  readonly contrast?: number | Range;
  /** As `brightness`. @default {0} */
  readonly saturation?: number | Range;
  /** Between what the shift is drawn, within -0.5 and 0.5; a single number `d` is `[-d, d]`. @default {0} */
  readonly hue?: number | Range;
}

/** What is adjusted, in the order in which its factors are drawn. */
const ADJUSTMENTS: readonly {
  readonly name: keyof ColorJitterOptions;
  readonly adjust: (image: Image, factor: number) => Image;
}[] = [
  { name: "brightness", adjust: adjustBrightness },
  { name: "contrast", adjust: adjustContrast },
  { name: "saturation", adjust: adjustSaturation },
  { name: "hue", adjust: adjustHue },
];

/** Of {@linkcode ColorJitterOptions}. */
const KINDS: OptionKinds<ColorJitterOptions> = {
  brightness: "any",
  contrast: "any",
  saturation: "any",
  hue: "any",
};

/**
 * Adjusts brightness, contrast, saturation and hue by random factors, in a random order; torchvision's `ColorJitter`.
 *
 * Drawn are the order (`permutation(4)`), and then a factor for each of the four that is asked for.
 *
 * @throws {UserError} For factors out of range.
 */
export function colorJitter(options: ColorJitterOptions = {}): Transform {
  checkOptions(options, KINDS, { action: "jitter colours", method: "colorJitter" });
  const ranges = ADJUSTMENTS.map(({ name }) => rangeOf(name, options[name] ?? 0));
  const named = ADJUSTMENTS.flatMap(({ name }, i) => ranges[i] ? [[name, ranges[i]]] : []);
  return describedTransform("colorJitter", Object.fromEntries(named), (image, random) => {
    const order = random.permutation(ADJUSTMENTS.length);
    const factors = ranges.map((range) => range && uniform(random, range));
    return order.reduce((changed, i) => {
      const factor = factors[i];
      return factor === undefined ? changed : ADJUSTMENTS[i].adjust(changed, factor);
    }, image);
  });
}

/** The range of an adjustment; `undefined` where it would change nothing. */
function rangeOf(name: keyof ColorJitterOptions, given: number | Range): Range | undefined {
  const isHue = name === "hue";
  const same = isHue ? 0 : 1;
  if (typeof given === "number" && !(given >= 0)) {
    throw new UserError(`Cannot jitter colours: ${name} is ${given}, expected a number from 0`);
  }
  const range: Range = typeof given !== "number"
    ? given
    : isHue
    ? [-given, given]
    : [Math.max(0, 1 - given), 1 + given];
  const bounds = isHue ? { min: -0.5, max: 0.5 } : { min: 0 };
  const [low, high] = checkRange(range, { action: "jitter colours", name, ...bounds });
  return low === same && high === same ? undefined : [low, high];
}
