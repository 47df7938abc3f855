/** What drawn clothes are made of. @module */

import type { Layer } from "./drawing.ts";

/** Where a drawing's variations come from. */
export interface Dice {
  /** A number from `low` to `high`. */
  between(low: number, high: number): number;
  /** `true` in `share` of the cases. */
  chance(share: number): boolean;
}

/** One tone everywhere. */
export function plain(tone: number): Layer["tone"] {
  return () => tone;
}

/** Cloth: a base tone, lighter towards one side, sometimes striped or checked. */
export function cloth(dice: Dice, base = dice.between(0.42, 0.95)): Layer["tone"] {
  const [slopeX, slopeY] = [dice.between(-0.15, 0.15), dice.between(-0.15, 0.15)];
  const shade = (x: number, y: number) => base * (1 + slopeX * x + slopeY * y);
  if (!dice.chance(0.4)) return shade;
  const pitch = dice.between(14, 24);
  const contrast = dice.between(0.1, 0.4);
  const [across, along] = dice.chance(0.6) ? [0, 1] : dice.chance(0.5) ? [1, 0] : [1, 1];
  return (x, y) => {
    const wave = Math.max(across * Math.sin(pitch * x), along * Math.sin(pitch * y));
    return shade(x, y) * (wave > 0.2 ? 1 - contrast : 1);
  };
}

/** A tone that stands out from cloth: darker or lighter. */
export function accent(dice: Dice): number {
  return dice.chance(0.5) ? dice.between(0.02, 0.18) : dice.between(0.85, 1);
}
