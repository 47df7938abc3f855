/** What a random change of pictures is, and several of them in a row. @module */

import { UserError } from "../../core/errors.ts";
import { givenKind } from "../../core/given_kind.ts";
import type { RandomState } from "../../core/random.ts";
import type { Image } from "../image.ts";

/** A random change of pictures of bytes. */
export interface Transform {
  /** What it does, with all its parameters: transforms of one name do the same. */
  readonly name: string;
  /**
   * The changed picture: another one, or the given one where nothing was to be done. The given one is never written to.
   *
   * @param random Where all chance comes from: the same picture and the same state give the same result.
   */
  readonly apply: (image: Image, random: RandomState) => Image;
}

/**
 * Transforms one after the other, each on what the one before it made and with the random numbers that follow; torchvision's `Compose`.
 *
 * @example
 * ```ts
 * import { RandomState } from "../../core/random.ts";
 * import { compose } from "./transform.ts";
 * import { randomHorizontalFlip, randomVerticalFlip } from "./flip.ts";
 * const turn = compose([randomHorizontalFlip({ p: 1 }), randomVerticalFlip({ p: 1 })]);
 * const image = { data: Uint8Array.of(1, 2, 3, 4), height: 2, width: 2, channels: 1 } as const;
 * if (turn.apply(image, new RandomState(5)).data.join() !== "4,3,2,1") throw new Error();
 * ```
 */
export function compose(transforms: readonly Transform[]): Transform {
  const isTransform = (part: Partial<Transform> | null | undefined) =>
    typeof part?.apply === "function";
  if (!Array.isArray(transforms) || !transforms.every(isTransform)) {
    const kinds = Array.isArray(transforms)
      ? `one with ${givenKind(transforms.find((part) => !isTransform(part)))} in it`
      : givenKind(transforms);
    throw new UserError(
      `Cannot compose transforms: expected a list of them, got ${kinds}; write compose([randomHorizontalFlip()])`,
    );
  }
  const composed: Transform = {
    name: `compose(${transforms.map(({ name }) => name).join(", ")})`,
    apply: (image, random) =>
      transforms.reduce((changed, { apply }) => apply(changed, random), image),
  };
  const parts = transforms.map(recipeOf).filter((recipe) => recipe !== undefined);
  if (parts.length === transforms.length) recipes.set(composed, parts);
  return composed;
}

/** What a transform can be made of again, in another thread: plain data. Several stand for {@linkcode compose}. */
export type TransformRecipe =
  | readonly TransformRecipe[]
  | { readonly kind: string; readonly parameters: Readonly<Record<string, unknown>> };

/** By the very transform, not by its name: a transform of someone else's may be called anything. */
const recipes = new WeakMap<Transform, TransformRecipe>();

/** Of graft's own transforms, what they are made of; `undefined` for any other. */
export function recipeOf(transform: Transform): TransformRecipe | undefined {
  return recipes.get(transform);
}

/**
 * A transform of graft's own, which `transformFrom` can make again: its name says the same as its recipe.
 *
 * @param kind Name of the function that makes it.
 * @param parameters What that takes, with defaults applied.
 */
export function describedTransform(
  kind: string,
  parameters: Readonly<Record<string, unknown>>,
  apply: Transform["apply"],
): Transform {
  const transform = { name: nameOf(kind, parameters), apply };
  recipes.set(transform, { kind, parameters });
  return transform;
}

/**
 * The name of a transform: its kind and its parameters as JSON.
 *
 * @example
 * ```ts
 * import { nameOf } from "./transform.ts";
 * if (nameOf("randomRotation", { degrees: [0, 180] }) !== 'randomRotation({"degrees":[0,180]})') throw new Error();
 * ```
 */
export function nameOf(kind: string, parameters: Readonly<Record<string, unknown>> = {}): string {
  return `${kind}(${JSON.stringify(parameters)})`;
}
