/** All kinds of made pictures. @module */

import { drawGarment } from "../../src/data/drawn/draw_garment.ts";
import { GARMENTS } from "../../src/data/drawn/garments.ts";
import { enlarge } from "./enlarge.ts";
import { contourKinds } from "./contours.ts";
import { fractalKinds } from "./fractals.ts";
import type { Dice, Kind } from "./kind.ts";
import { shapeKinds } from "./shapes.ts";
import { textureKinds } from "./textures.ts";

/** Systems of fractals: about as many kinds as of all else together. */
const FRACTALS = 80;
/** Side of the drawn clothes: they are scaled up, as users' small pictures are. */
const GARMENT_SIDE = 28;

/** All kinds, always the same ones in the same order. */
export function allKinds(): Kind[] {
  return [
    ...GARMENTS.map(({ name }, label) => ({
      name: `drawn ${name}`,
      draw: (dice: Dice, side: number) =>
        enlarge(drawGarment(label, dice, GARMENT_SIDE), GARMENT_SIDE, side),
    })),
    ...shapeKinds(),
    ...contourKinds(),
    ...textureKinds(),
    ...fractalKinds(FRACTALS),
  ];
}
