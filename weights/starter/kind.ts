/** One kind of made picture: what the starter learns to tell from the others. @module */

import type { Dice } from "../../src/data/drawn/cloth.ts";

export type { Dice } from "../../src/data/drawn/cloth.ts";

/**
 * Draws one picture of a kind, different each time.
 *
 * @param side Side of the picture, in pixels.
 * @returns `[side, side]`, brightness 0 (background) to 1, row by row.
 */
export type Draw = (dice: Dice, side: number) => Float64Array;

/** A kind of picture. */
export interface Kind {
  /** Its name: the family and what sets it apart there. */
  readonly name: string;
  /** Draws one. */
  readonly draw: Draw;
}

/** A whole number from `low` to `high`, both included. */
export function whole(dice: Dice, low: number, high: number): number {
  return Math.min(high, low + Math.floor(dice.between(0, high - low + 1)));
}
