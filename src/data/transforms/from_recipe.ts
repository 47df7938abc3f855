/** Transforms from what they are made of. @module */

import { UserError } from "../../core/errors.ts";
import { colorJitter, type ColorJitterOptions } from "./color_jitter.ts";
import { randomResizedCrop, type RandomResizedCropOptions } from "./crop.ts";
import { randomErasing, type RandomErasingOptions } from "./erasing.ts";
import { type FlipOptions, randomHorizontalFlip, randomVerticalFlip } from "./flip.ts";
import { gaussianBlur, type GaussianBlurOptions } from "./gaussian_blur.ts";
import type { Range } from "./parameters.ts";
import { randomRotation, type RotateOptions } from "./rotation.ts";
import { compose, type Transform, type TransformRecipe } from "./transform.ts";
import { trivialAugment, type TrivialAugmentOptions } from "./trivial_augment.ts";

type Parameters = Readonly<Record<string, unknown>>;

/** What makes a transform of each kind; the parameters are those that its own function wrote down. */
const MAKERS: Readonly<Record<string, (parameters: Parameters) => Transform>> = {
  randomHorizontalFlip: (given) => randomHorizontalFlip(given as FlipOptions),
  randomVerticalFlip: (given) => randomVerticalFlip(given as FlipOptions),
  randomRotation: ({ degrees, ...given }) =>
    randomRotation(degrees as Range, given as RotateOptions),
  gaussianBlur: (given) => gaussianBlur(given as unknown as GaussianBlurOptions),
  randomResizedCrop: (given) => randomResizedCrop(given as RandomResizedCropOptions),
  colorJitter: (given) => colorJitter(given as ColorJitterOptions),
  randomErasing: (given) => randomErasing(given as RandomErasingOptions),
  trivialAugment: (given) => trivialAugment(given as TrivialAugmentOptions),
};

/**
 * The transform that a recipe is of: it does the same.
 *
 * @throws {UserError} For a kind that is none.
 *
 * @example
 * ```ts
 * import { randomHorizontalFlip } from "./flip.ts";
 * import { transformFrom } from "./from_recipe.ts";
 * import { recipeOf } from "./transform.ts";
 * const flip = randomHorizontalFlip({ p: 0.25 });
 * if (transformFrom(structuredClone(recipeOf(flip)!)).name !== flip.name) throw new Error();
 * ```
 */
export function transformFrom(recipe: TransformRecipe): Transform {
  if (isSequence(recipe)) return compose(recipe.map(transformFrom));
  if (Object.hasOwn(MAKERS, recipe.kind)) return MAKERS[recipe.kind](recipe.parameters);
  throw new UserError(`Cannot make a transform: there is no kind ${JSON.stringify(recipe.kind)}`);
}

/** `Array.isArray` does not tell read-only arrays from other types. */
function isSequence(recipe: TransformRecipe): recipe is readonly TransformRecipe[] {
  return Array.isArray(recipe);
}
