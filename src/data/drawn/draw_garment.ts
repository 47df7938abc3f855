/** One piece of drawn clothing, as it lies in its picture. @module */

import type { Dice } from "./cloth.ts";
import { type Layer, line, type Point, type Pose, rasterise } from "./drawing.ts";
import { GARMENTS } from "./garments.ts";

/**
 * Draws a garment in a random pose, now and then partly hidden.
 *
 * @param label Its place in {@linkcode GARMENTS}.
 * @param side Side of the picture, in pixels.
 * @returns `[side, side]`, brightness 0 to 1.
 */
export function drawGarment(label: number, dice: Dice, side: number): Float64Array {
  const layers = [...GARMENTS[label].draw(dice), ...hide(dice)];
  return rasterise(layers, side, throwPose(dice));
}

/** Turned, sheared, scaled, shifted, and half of the time mirrored. */
function throwPose(dice: Dice): Pose {
  const angle = dice.between(-0.22, 0.22);
  const shear = dice.between(-0.15, 0.15);
  const size = dice.between(0.72, 1);
  const sizeX = size * dice.between(0.85, 1.1) * (dice.chance(0.5) ? -1 : 1);
  const sizeY = size * dice.between(0.9, 1.08);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return {
    matrix: [cos * sizeX, (cos * shear - sin) * sizeY, sin * sizeX, (sin * shear + cos) * sizeY],
    shift: [dice.between(-0.14, 0.14), dice.between(-0.14, 0.14)],
  };
}

/** Sometimes a black strap lies across the picture. */
function hide(dice: Dice): Layer[] {
  if (!dice.chance(0.12)) return [];
  const middle: Point = [dice.between(-0.6, 0.6), dice.between(-0.6, 0.6)];
  const angle = dice.between(0, Math.PI);
  const [dx, dy] = [2 * Math.cos(angle), 2 * Math.sin(angle)];
  const ends: Point[] = [[middle[0] - dx, middle[1] - dy], [middle[0] + dx, middle[1] + dy]];
  return [{ shape: line(ends, dice.between(0.05, 0.12)), tone: () => 0 }];
}
