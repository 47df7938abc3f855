/**
 * Fractals of iterated function systems, one system a kind: pictures that networks were shown to learn useful features from (Kataoka et
 * al. 2020, "Pre-training without Natural Images").
 *
 * @module
 */

import { RandomState } from "../../src/core/random.ts";
import { type Dice, type Draw, type Kind, whole } from "./kind.ts";

/** An affine map `(a x + b y + e, c x + d y + f)` and how often it is taken. */
interface AffineMap {
  readonly values: readonly [number, number, number, number, number, number];
  readonly share: number;
}

/** Points of a picture: enough for an outline at 64 pixels. */
const POINTS = 3500;
/** Points before the orbit has reached its attractor. */
const SETTLING = 20;
/** Share of the pixels that an attractor has to reach for its kind to be taken; the paper's filling rate is 0.2 at 4 times the side. */
const FILLED = 0.12;
/** Kinds differ by their systems; pictures of a kind by up to this much of each parameter. */
const SPREAD = 0.05;
/** Longest and shortest stretch of a map's two axes: all contract, so that every orbit stays (Anderson and Farrell 2022). */
const STRETCH = [0.25, 0.85] as const;

/** As many kinds as asked for, always the same ones. */
export function fractalKinds(count: number): Kind[] {
  const random = new RandomState(20_260);
  const dice: Dice = {
    between: (low, high) => low + (high - low) * random.randomDouble(),
    chance: (share) => random.randomDouble() < share,
  };
  const kinds: Kind[] = [];
  while (kinds.length < count) {
    const system = drawSystem(dice);
    const picture = render(system, dice, 64);
    if (picture.reduce((sum, value) => sum + Number(value > 0), 0) < FILLED * picture.length) {
      continue;
    }
    kinds.push({ name: `fractal ${kinds.length + 1}`, draw: drawOf(system) });
  }
  return kinds;
}

function drawOf(system: readonly AffineMap[]): Draw {
  return (dice, side) => {
    const varied = system.map(({ values, share }) => ({
      values: values.map((value) => value + dice.between(-SPREAD, SPREAD)) as unknown as AffineMap[
        "values"
      ],
      share,
    }));
    return render(varied, dice, side);
  };
}

function drawSystem(dice: Dice): AffineMap[] {
  const maps = Array.from({ length: whole(dice, 2, 5) }, () => {
    const [long, short] = [dice.between(...STRETCH), dice.between(...STRETCH)];
    const [first, second] = [dice.between(0, 2 * Math.PI), dice.between(0, 2 * Math.PI)];
    // Turned, stretched along both axes, turned again.
    const [c1, s1, c2, s2] = [
      Math.cos(first),
      Math.sin(first),
      Math.cos(second),
      Math.sin(second),
    ];
    const mirror = dice.chance(0.5) ? -1 : 1;
    const values: AffineMap["values"] = [
      long * c1 * c2 - mirror * short * s1 * s2,
      -long * c1 * s2 - mirror * short * s1 * c2,
      long * s1 * c2 + mirror * short * c1 * s2,
      -long * s1 * s2 + mirror * short * c1 * c2,
      dice.between(-1, 1),
      dice.between(-1, 1),
    ];
    return { values, weight: long * short + 0.02 };
  });
  const total = maps.reduce((sum, { weight }) => sum + weight, 0);
  return maps.map(({ values, weight }) => ({ values, share: weight / total }));
}

/** Brightness grows with the logarithm of how often the orbit comes by. */
function render(system: readonly AffineMap[], dice: Dice, side: number): Float64Array {
  const xs = new Float64Array(POINTS), ys = new Float64Array(POINTS);
  let x = 0, y = 0, low = Infinity, high = -Infinity, left = Infinity, right = -Infinity;
  for (let i = -SETTLING; i < POINTS; i++) {
    let pick = dice.between(0, 1), at = 0;
    while (at < system.length - 1 && pick > system[at].share) pick -= system[at++].share;
    const [a, b, c, d, e, f] = system[at].values;
    [x, y] = [a * x + b * y + e, c * x + d * y + f];
    if (i < 0) continue;
    xs[i] = x;
    ys[i] = y;
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [low, high] = [Math.min(low, y), Math.max(high, y)];
  }
  const margin = dice.between(0.02, 0.15) * side;
  const [width, height] = [right - left || 1, high - low || 1];
  const room = side - 2 * margin - 1;
  const mirrored = dice.chance(0.5);
  const counts = new Float64Array(side * side);
  for (let i = 0; i < POINTS; i++) {
    const u = Math.floor(margin + room * (xs[i] - left) / width);
    const v = Math.floor(margin + room * (ys[i] - low) / height);
    counts[v * side + (mirrored ? side - 1 - u : u)]++;
  }
  return counts.map((count) => count === 0 ? 0 : Math.min(1, 0.45 + 0.2 * Math.log(count)));
}
