/** From brightness to colour: what a picture is painted with and what lies behind it. @module */

import { type Dice, whole } from "./kind.ts";

/** A colour, 0 to 1 each. */
type Colour = readonly [red: number, green: number, blue: number];

/** How often a picture stays grey on black, as Fashion-MNIST's are. */
const PLAIN = 0.25;

/**
 * Paints a drawing: between two colours by brightness, over one colour, a slope of two, or coarse noise; with grain. Pictures
 * that fill the frame show no background.
 *
 * @param drawn `[side, side]`, 0 to 1; 0 is the background.
 * @param out `[side, side, 3]`, 0 to 1, is written.
 * @param plain Share of pictures that stay grey on black.
 */
export function paint(
  drawn: Float64Array,
  side: number,
  out: Float32Array,
  dice: Dice,
  plain: number = PLAIN,
): void {
  if (dice.chance(plain)) {
    const inverted = dice.chance(0.15);
    for (let i = 0; i < drawn.length; i++) {
      out.fill(inverted ? 1 - drawn[i] : drawn[i], 3 * i, 3 * i + 3);
    }
    return;
  }
  const dark = colour(dice), light = far(dice, dark);
  const behind = background(dice, side, dice.chance(0.5) ? dark : far(dice, light));
  const grain = dice.chance(0.5) ? dice.between(0, 0.08) : 0;
  const hard = dice.between(2, 8); // how soon a drawing covers what is behind it
  for (let i = 0; i < drawn.length; i++) {
    const value = drawn[i];
    const cover = Math.min(1, hard * value);
    const noise = grain === 0 ? 0 : grain * dice.between(-1, 1);
    for (let c = 0; c < 3; c++) {
      const own = dark[c] + value * (light[c] - dark[c]);
      const under = behind(i % side, Math.floor(i / side), c);
      out[3 * i + c] = Math.min(1, Math.max(0, under + cover * (own - under) + noise));
    }
  }
}

/** A background: its colour by column, row and channel. */
function background(
  dice: Dice,
  side: number,
  first: Colour,
): (x: number, y: number, channel: number) => number {
  const style = dice.between(0, 1);
  if (style < 0.35) return (_x, _y, c) => first[c];
  const second = colour(dice);
  if (style < 0.65) {
    const [u, v] = [dice.between(-1, 1) / side, dice.between(-1, 1) / side];
    return (x, y, c) => first[c] + (0.5 + u * x + v * y) * (second[c] - first[c]) * 0.6;
  }
  const cells = whole(dice, 3, 10);
  const values = Float64Array.from({ length: (cells + 1) ** 2 }, () => dice.between(0, 1));
  const scale = cells / side;
  return (x, y, c) => {
    const at = Math.floor(y * scale) * (cells + 1) + Math.floor(x * scale);
    const [s, t] = [x * scale % 1, y * scale % 1];
    const top = values[at] + s * (values[at + 1] - values[at]);
    const bottom = values[at + cells + 1] + s * (values[at + cells + 2] - values[at + cells + 1]);
    return first[c] + (top + t * (bottom - top)) * (second[c] - first[c]);
  };
}

/** Any colour, more often a muted one. */
function colour(dice: Dice): Colour {
  const value = dice.between(0, 1);
  const strength = dice.between(0, 1) ** 1.5;
  const one = () => Math.min(1, Math.max(0, value + strength * dice.between(-0.6, 0.6)));
  return [one(), one(), one()];
}

/** A colour that can be told from another. */
function far(dice: Dice, from: Colour): Colour {
  for (let tries = 0;; tries++) {
    const other = colour(dice);
    const distance = other.reduce((sum, value, c) => sum + Math.abs(value - from[c]), 0);
    if (distance > 0.7 || tries === 20) return other;
  }
}
