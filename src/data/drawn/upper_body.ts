/** Torso and sleeves, which most drawn clothes have. @module */

import type { Dice } from "./cloth.ts";
import { mirrored, type Point, polygon, type Shape } from "./drawing.ts";

/** What all clothes for the upper body are made of. */
export interface UpperBody {
  /** Half the width at the shoulders. */
  readonly shoulder: number;
  /** Height of the neck. */
  readonly top: number;
  /** Height of the lower edge. */
  readonly hem: number;
  /** Half the width at the waist. */
  readonly waist: number;
  /** Half the width at the hem. */
  readonly hip: number;
  /** Half the width of the neck opening. */
  readonly neck: number;
  /** How far the neck opening reaches down. */
  readonly neckDepth: number;
}

/** The torso, without sleeves. */
export function torso({ shoulder, top, hem, waist, hip, neck, neckDepth }: UpperBody): Shape {
  return mirrored([
    [0, top + neckDepth],
    [neck * 0.6, top + neckDepth * 0.8],
    [neck, top],
    [shoulder, top + 0.12],
    [shoulder * 0.97, top + 0.5],
    [waist, (top + hem) / 2 + 0.15],
    [hip, hem],
    [0, hem + 0.02],
  ], 0.02);
}

/** Both sleeves: `length` 0.4 ends above the elbow, 1.4 at the hand; `spread` is the angle from the body. */
export function sleeves(
  { shoulder, top }: UpperBody,
  { length, width, spread }: {
    readonly length: number;
    readonly width: number;
    readonly spread: number;
  },
): Shape {
  const [x, y] = [shoulder - 0.02, top + 0.1];
  const [dx, dy] = [Math.sin(spread), Math.cos(spread)];
  const end: Point = [x + dx * length, y + dy * length];
  const half = width * (length > 1 ? 0.38 : 0.5);
  // From the shoulder down the outer side, round the cuff and back up to the armpit.
  const sleeve = polygon([
    [x - 0.08, y - 0.06],
    [x + 0.06, y],
    [end[0] + dy * half, end[1] - dx * half],
    [end[0] - dy * half, end[1] + dx * half],
    [x - 0.06, y + width * 1.15],
  ], 0.025);
  return (px, py) => sleeve(Math.abs(px), py);
}

/** Torso and long sleeves of pullover, coat and shirt. */
export function longSleeved(
  dice: Dice,
  hem: readonly [number, number],
): UpperBody & { arms: Shape } {
  const body: UpperBody = {
    shoulder: dice.between(0.36, 0.48),
    top: dice.between(-0.86, -0.74),
    hem: dice.between(...hem),
    waist: dice.between(0.34, 0.46),
    hip: dice.between(0.38, 0.5),
    neck: dice.between(0.15, 0.22),
    neckDepth: dice.between(0.03, 0.12),
  };
  const arms = sleeves(body, {
    length: dice.between(1.15, 1.45),
    width: dice.between(0.26, 0.36),
    spread: dice.between(0.12, 0.4),
  });
  return { ...body, arms };
}
