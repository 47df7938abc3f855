/** Transforms from a line of text. @module */

import { UserError } from "../../core/errors.ts";
import { givenKind } from "../../core/given_kind.ts";
import { quoted } from "../../core/quoted.ts";
import { colorJitter } from "./color_jitter.ts";
import { randomResizedCrop } from "./crop.ts";
import { randomErasing } from "./erasing.ts";
import { randomHorizontalFlip, randomVerticalFlip } from "./flip.ts";
import { gaussianBlur } from "./gaussian_blur.ts";
import { randomRotation } from "./rotation.ts";
import type { BatchMix } from "./mix_batch.ts";
import { compose, type Transform } from "./transform.ts";
import { trivialAugment } from "./trivial_augment.ts";

/** A transform that text can name. */
interface KnownTransform {
  /** Form with its parameters, for messages. */
  readonly form: string;
  /** Parameters where none are given. */
  readonly defaults: readonly number[];
  /** How many parameters may be given; none of them, in any case. */
  readonly counts: readonly number[];
  readonly make: (parameters: readonly number[]) => Transform;
}

const KNOWN: Readonly<Record<string, KnownTransform>> = {
  flip: {
    form: "flip=P",
    defaults: [0.5],
    counts: [1],
    make: ([p]) => randomHorizontalFlip({ p }),
  },
  vflip: {
    form: "vflip=P",
    defaults: [0.5],
    counts: [1],
    make: ([p]) => randomVerticalFlip({ p }),
  },
  rotate: {
    form: "rotate=LOW:HIGH",
    defaults: [0, 180],
    counts: [1, 2],
    make: ([low, high]) => randomRotation(high === undefined ? low : [low, high]),
  },
  blur: {
    form: "blur=SIDE:LOW:HIGH",
    defaults: [5, 0.1, 5],
    counts: [1, 3],
    make: ([side, low = 0.1, high = 5]) => gaussianBlur({ kernelSize: side, sigma: [low, high] }),
  },
  crop: {
    form: "crop=LOW:HIGH",
    defaults: [0.08, 1],
    counts: [1, 2],
    make: ([low, high = 1]) => randomResizedCrop({ scale: [low, high] }),
  },
  jitter: {
    form: "jitter=BRIGHTNESS:CONTRAST:SATURATION:HUE",
    defaults: [0.2, 0.2, 0.2, 0.05],
    counts: [1, 2, 3, 4],
    make: ([brightness, contrast, saturation, hue]) =>
      colorJitter({ brightness, contrast, saturation, hue }),
  },
  erase: {
    form: "erase=P",
    defaults: [0.5],
    counts: [1],
    make: ([p]) => randomErasing({ p }),
  },
  trivial: { form: "trivial", defaults: [], counts: [], make: () => trivialAugment() },
};

/** What {@linkcode parseTransform} knows, each with the form of its parameters and what they are when left out. */
export const TRANSFORM_FORMS: readonly { readonly form: string; readonly shorthand: string }[] =
  Object.entries(KNOWN).map(([name, { form, defaults }]) => ({
    form,
    shorthand: defaults.length === 0 ? name : `${name}=${defaults.join(":")}`,
  }));

/**
 * Makes transforms from text: names, separated by commas and applied in that order, each alone or with numbers behind an equals sign,
 * separated by colons.
 *
 * | text                       | is                                                                            | alone              |
 * | -------------------------- | ----------------------------------------------------------------------------- | ------------------ |
 * | `flip=P`                   | left and right change places with probability P                               | `flip=0.5`         |
 * | `vflip=P`                  | top and bottom do                                                             | `vflip=0.5`        |
 * | `rotate=LOW:HIGH`          | turns by so many degrees; `rotate=D` is `rotate=-D:D`                         | `rotate=0:180`     |
 * | `blur=SIDE:LOW:HIGH`       | blurs by a kernel of so many pixels, its deviation between LOW and HIGH       | `blur=5:0.1:5`     |
 * | `crop=LOW:HIGH`            | cuts out so large a share of the area                                         | `crop=0.08:1`      |
 * | `jitter=B:C:S:H`           | changes brightness, contrast, saturation and hue by up to so much             | `jitter=0.2:0.2:0.2:0.05` |
 * | `erase=P`                  | blackens a part with probability P                                            | `erase=0.5`        |
 * | `trivial`                  | TrivialAugment: one change of fourteen, of random strength                    |                    |
 *
 * @throws {UserError} For unknown names, listing the known ones, and for parameters that are no numbers, too many or out of range.
 *
 * @example
 * ```ts
 * import { parseTransform } from "./parse.ts";
 * const { name } = parseTransform("flip, rotate=0:90");
 * if (!name.includes('randomRotation({"degrees":[0,90]')) throw new Error(name);
 * ```
 */
export function parseTransform(text: string): Transform {
  if (typeof text !== "string") {
    throw new UserError(
      `Cannot make a transform: expected a text such as "flip,rotate=0:180", got ${
        givenKind(text)
      }`,
    );
  }
  const transforms = text.split(",").map((part) => parseOne(part.trim()));
  return transforms.length === 1 ? transforms[0] : compose(transforms);
}

/** What text asks for: transforms of single pictures, and mixing of batches. */
export interface ParsedViews {
  /** Transforms in a row; absent where there are none. */
  readonly transform?: Transform;
  /** How batches are mixed; absent where they are not. */
  readonly mix?: BatchMix;
}

/** Forms of mixing, with the parameter of torchvision's examples: torchvision's own default is none. */
export const MIX_SHORTHANDS: Readonly<Record<"mixup" | "cutmix", number>> = {
  mixup: 0.2,
  cutmix: 1,
};

/**
 * {@linkcode parseTransform}, and besides these, anywhere among the names: `mixup=ALPHA` (alone: 0.2) and `cutmix=ALPHA` (alone: 1), which mix
 * the pictures of each batch; with both of them, one is taken for each batch.
 *
 * @throws {UserError} As `parseTransform`, and for a strength that is no number above 0, or given twice.
 *
 * @example
 * ```ts
 * import { parseViews } from "./parse.ts";
 * const { transform, mix } = parseViews("flip,mixup=0.4");
 * if (transform?.name !== 'randomHorizontalFlip({"p":0.5})' || mix?.mixup !== 0.4) throw new Error();
 * ```
 */
export function parseViews(text: string): ParsedViews {
  const mix: { mixup?: number; cutmix?: number } = {};
  const others = text.split(",").filter((part) => {
    const [name, value] = part.trim().split(/=(.*)/s);
    if (name !== "mixup" && name !== "cutmix") return true;
    const alpha = value === undefined ? MIX_SHORTHANDS[name] : Number(value);
    if (!(alpha > 0 && alpha < Infinity) || mix[name] !== undefined) {
      throw new UserError(
        `Cannot augment: ${
          quoted(part.trim())
        } is not understood, expected ${name}=ALPHA once, a number above 0`,
      );
    }
    mix[name] = alpha;
    return false;
  });
  return {
    ...others.length > 0 && { transform: parseTransform(others.join(",")) },
    ...Object.keys(mix).length > 0 && { mix },
  };
}

function parseOne(text: string): Transform {
  const [name, values] = text.split(/=(.*)/s);
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  if (known === undefined) {
    const expected = Object.keys(KNOWN).join(", ");
    throw new UserError(
      Object.hasOwn(MIX_SHORTHANDS, name)
        ? `Cannot augment: ${name} mixes batches and is no transform of a picture, expected ${expected}; give it as mix`
        : `Cannot augment: ${
          quoted(name)
        } is no known transform, expected ${expected}, separated by commas`,
    );
  }
  if (values === undefined) return known.make(known.defaults);
  const parts = values.split(":");
  const numbers = parts.map((part) => part.trim() === "" ? NaN : Number(part));
  if (!known.counts.includes(numbers.length) || !numbers.every(Number.isFinite)) {
    throw new UserError(
      `Cannot augment: ${
        quoted(text)
      } is not understood, expected ${known.form}, the capitals being numbers`,
    );
  }
  return known.make(numbers);
}
