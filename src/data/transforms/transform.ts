/** What a random change of pictures is, and several of them in a row. @module */

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
  return {
    name: `compose(${transforms.map(({ name }) => name).join(", ")})`,
    apply: (image, random) =>
      transforms.reduce((changed, { apply }) => apply(changed, random), image),
  };
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
