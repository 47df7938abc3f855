/** Ten kinds of clothing, drawn. @module */

import type { Dice } from "./cloth.ts";
import { drawDress, drawTrouser, drawTShirt } from "./draw_light_clothes.ts";
import { drawCoat, drawPullover, drawShirt } from "./draw_long_sleeves.ts";
import { drawAnkleBoot, drawBag, drawSandal, drawSneaker } from "./draw_shoes_and_bags.ts";
import type { Layer } from "./drawing.ts";

/** A kind of clothing. */
export interface Garment {
  /** Its name, as in Fashion-MNIST. */
  readonly name: string;
  /** Draws one, different each time. */
  readonly draw: (dice: Dice) => Layer[];
}

/** The ten classes of Fashion-MNIST, in its order: label 0 to 9. */
export const GARMENTS: readonly Garment[] = [
  { name: "t-shirt", draw: drawTShirt },
  { name: "trouser", draw: drawTrouser },
  { name: "pullover", draw: drawPullover },
  { name: "dress", draw: drawDress },
  { name: "coat", draw: drawCoat },
  { name: "sandal", draw: drawSandal },
  { name: "shirt", draw: drawShirt },
  { name: "sneaker", draw: drawSneaker },
  { name: "bag", draw: drawBag },
  { name: "ankle boot", draw: drawAnkleBoot },
];
