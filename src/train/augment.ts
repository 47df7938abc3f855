/** Random views of pictures while training. @module */
import { UserError } from "../core/errors.ts";
import type { RandomState } from "../core/random.ts";
import { erase, erasureOf, type RandomErasingOptions } from "../data/transforms/erasing.ts";

/** A random change to a picture. */
export interface Augmentation {
  /** What it does, with its parameters: augmentations of one name do the same. */
  readonly name: string;
  /**
   * Changes a picture in place.
   *
   * @param pixels `[size, size, 3]`, normalised.
   * @param random For this picture in this epoch alone; how much is drawn from it is of no account.
   */
  readonly apply: (pixels: Float32Array, size: number, random: RandomState) => void;
}

/** Options of {@linkcode flipAndShift}. */
export interface FlipAndShiftOptions {
  /** Probability that left and right change places. @default {0.5} */
  readonly flip?: number;
  /** How far a picture may move in each direction, as a share of its side, less than 1. @default {0.1} */
  readonly shift?: number;
}

/**
 * Flips pictures sideways and moves them by whole pixels, up, down and sideways. What moves in has the colour of the nearest pixel at
 * the edge, whatever the normalisation.
 *
 * @throws {UserError} For numbers out of range.
 */
export function flipAndShift(
  { flip = 0.5, shift = 0.1 }: FlipAndShiftOptions = {},
): Augmentation {
  if (!(flip >= 0 && flip <= 1 && shift >= 0 && shift < 1)) {
    throw new UserError(
      `Cannot augment: flip is ${flip} and shift ${shift}, expected a probability and a share less than 1`,
    );
  }
  return {
    name: `flip ${flip}, shift ${shift}`,
    apply(pixels, size, random) {
      const reach = Math.floor(shift * size);
      const flipped = random.randomDouble() < flip;
      const down = random.interval(2 * reach) - reach;
      const right = random.interval(2 * reach) - reach;
      if (!flipped && down === 0 && right === 0) return;
      const source = pixels.slice();
      const inside = (at: number) => Math.max(0, Math.min(size - 1, at));
      for (let y = 0; y < size; y++) {
        const row = inside(y - down) * size;
        for (let x = 0; x < size; x++) {
          const from = inside(x - right);
          const at = (row + (flipped ? size - 1 - from : from)) * 3;
          pixels.set(source.subarray(at, at + 3), (y * size + x) * 3);
        }
      }
    },
  };
}

/**
 * Erases a random part of the normalised pixels, as torchvision's reference training does: the default value, 0, is the mean colour there,
 * and `"random"` the noise that pictures have on average. What is drawn is that of `randomErasing`, which erases bytes.
 *
 * @throws {UserError} For parameters out of range.
 */
export function eraseNormalised(options: RandomErasingOptions = {}): Augmentation {
  const { name, draw } = erasureOf(options);
  return {
    name,
    apply(pixels, size, random) {
      const picture = { data: pixels, height: size, width: size, channels: 3 };
      const erasure = draw(picture, random);
      if (erasure !== undefined) pixels.set(erase(picture, erasure).data);
    },
  };
}

/**
 * Several augmentations, one after the other.
 *
 * @example
 * ```ts
 * import { composeAugmentations, eraseNormalised, flipAndShift } from "./augment.ts";
 * const { name } = composeAugmentations(flipAndShift({ shift: 0.2 }), eraseNormalised({ p: 0.25 }));
 * if (!name.startsWith("flip 0.5, shift 0.2, ")) throw new Error(name);
 * ```
 */
export function composeAugmentations(...augmentations: readonly Augmentation[]): Augmentation {
  return {
    name: augmentations.map(({ name }) => name).join(", "),
    apply(pixels, size, random) {
      for (const { apply } of augmentations) apply(pixels, size, random);
    },
  };
}
