/** Sandals, sneakers, ankle boots and bags, drawn. @module */

import { accent, cloth, type Dice, plain } from "./cloth.ts";
import {
  ellipse,
  intersection,
  type Layer,
  line,
  mirrored,
  outline,
  polygon,
  type Shape,
  union,
  without,
} from "./drawing.ts";

/** A sandal from the side, flat or with a heel. */
export function drawSandal(dice: Dice): Layer[] {
  const y = dice.between(0.3, 0.45);
  const heel = dice.chance(0.5) ? dice.between(0.02, 0.15) : dice.between(0.3, 0.65);
  const thickness = dice.between(0.06, 0.14);
  const tone = cloth(dice);
  const foot = (x: number) => y - (x < 0.3 ? heel * (0.3 - x) / 1.18 : 0);
  const width = dice.between(0.03, 0.06);
  const strap = (from: number, to: number, rise: number) =>
    line([
      [from, foot(from)],
      [from + (to - from) * 0.2, foot(from) - rise * 0.75],
      [(from + to) / 2, foot((from + to) / 2) - rise],
      [to - (to - from) * 0.2, foot(to) - rise * 0.75],
      [to, foot(to)],
    ], width);
  const straps = [
    strap(dice.between(0.2, 0.35), dice.between(0.6, 0.78), dice.between(0.18, 0.32)),
    strap(-0.85, dice.between(-0.45, -0.25), dice.between(0.35, 0.6)),
  ];
  if (dice.chance(0.6)) {
    straps.push(
      line([[-0.5, foot(-0.5) - 0.42], [0.1, foot(0.1) - 0.3], [0.5, foot(0.5) - 0.22]], width),
    );
  }
  if (dice.chance(0.5)) straps.push(strap(-0.1, dice.between(0.25, 0.4), dice.between(0.25, 0.45)));
  return [
    { shape: sole(y, thickness, heel), tone: plain(dice.between(0.4, 1)) },
    { shape: union(...straps), tone },
  ];
}

/** A sneaker from the side. */
export function drawSneaker(dice: Dice): Layer[] {
  const y = dice.between(0.28, 0.42);
  const thickness = dice.between(0.1, 0.18);
  const collar = dice.between(-0.35, -0.18);
  const tongue = dice.between(-0.15, 0.05);
  const tone = cloth(dice);
  const upper = polygon([
    [-0.86, y],
    [-0.9, collar + 0.12],
    [-0.82, collar],
    [-0.5, collar + 0.12],
    [tongue - 0.12, collar + 0.02],
    [tongue, collar],
    [0.4, dice.between(0, 0.1)],
    [0.75, y - 0.22],
    [0.88, y - 0.06],
    [0.86, y],
  ], 0.03);
  const layers: Layer[] = [
    { shape: upper, tone },
    { shape: sole(y, thickness, 0), tone: plain(dice.between(0.75, 1)) },
  ];
  const laces = [0, 1, 2].map((i) => {
    const x = tongue + 0.04 + 0.13 * i;
    return line([[x, collar + 0.1 + 0.09 * i], [x - 0.1, collar + 0.24 + 0.06 * i]], 0.025);
  });
  layers.push({ shape: union(...laces), tone: plain(accent(dice)) });
  if (dice.chance(0.6)) {
    const stripe = line(
      [[-0.45, y - 0.08], [-0.1, y - 0.14], [0.2, 0.02]],
      dice.between(0.03, 0.06),
    );
    layers.push({ shape: intersection(upper, stripe), tone: plain(accent(dice)) });
  }
  return layers;
}

/** An ankle boot from the side, laced or with a gusset. */
export function drawAnkleBoot(dice: Dice): Layer[] {
  const y = dice.between(0.55, 0.72);
  const heel = dice.chance(0.6) ? dice.between(0, 0.08) : dice.between(0.12, 0.3);
  const thickness = dice.between(0.07, 0.13);
  const top = dice.between(-0.9, -0.6);
  const front = dice.between(-0.12, 0.1);
  const tone = cloth(dice);
  const upper = polygon([
    [-0.82, y - heel],
    [-0.78, top],
    [front - 0.05, top + dice.between(-0.04, 0.06)],
    [front, y - 0.5],
    [0.45, y - 0.32],
    [0.82, y - 0.16],
    [0.86, y],
    [0.3, y],
  ], 0.03);
  const layers: Layer[] = [
    { shape: upper, tone },
    { shape: sole(y, thickness, heel), tone: plain(dice.between(0.1, 0.5)) },
  ];
  if (dice.chance(0.5)) {
    const band = line([[-0.9, y - heel - 0.42], [front + 0.2, y - 0.4]], dice.between(0.03, 0.06));
    layers.push({ shape: intersection(upper, band), tone: plain(accent(dice)) });
  }
  if (dice.chance(0.5)) {
    const laces = [0, 1, 2, 3].map((i) => {
      const ly = top + 0.12 + 0.18 * i;
      return line([[front - 0.2, ly + 0.05], [front, ly]], 0.022);
    });
    layers.push({ shape: intersection(upper, union(...laces)), tone: plain(accent(dice)) });
  } else {
    const gusset = polygon([[-0.5, top], [-0.25, top], [-0.3, y - 0.5], [-0.42, y - 0.5]]);
    layers.push({ shape: intersection(upper, gusset), tone: (x, y) => 0.6 * tone(x, y) });
  }
  return layers;
}

/** A handbag. */
export function drawBag(dice: Dice): Layer[] {
  const half = dice.between(0.5, 0.82);
  const top = dice.between(-0.35, -0.05);
  const bottom = dice.between(0.6, 0.85);
  const slant = dice.between(-0.12, 0.12);
  const tone = cloth(dice);
  const shape = mirrored([[0, top], [half - slant, top], [half, bottom], [0, bottom]], 0.04);
  const reach = half * dice.between(0.35, 0.8);
  const rise = dice.between(0.35, 0.65);
  const handle = without(
    ellipse([0, top], reach + 0.05, rise + 0.05),
    ellipse([0, top], reach - dice.between(0.02, 0.06), rise - 0.04),
  );
  const above = polygon([[-1, -1.5], [1, -1.5], [1, top + 0.02], [-1, top + 0.02]]);
  const layers: Layer[] = [
    { shape: intersection(handle, above), tone: (x, y) => 0.85 * tone(x, y) },
    { shape, tone },
  ];
  if (dice.chance(0.6)) {
    const depth = top + (bottom - top) * dice.between(0.3, 0.55);
    const flap = mirrored([[0, top], [half - slant, top], [half * 0.7, depth], [0, depth + 0.05]]);
    layers.push({ shape: flap, tone: (x, y) => 0.8 * tone(x, y) });
    layers.push({ shape: outline(flap, 0.018), tone: (x, y) => 0.5 * tone(x, y) });
    layers.push({ shape: ellipse([0, depth], 0.06, 0.06), tone: plain(accent(dice)) });
  } else {
    const seam = line([[-half, top + 0.16], [half, top + 0.16]], 0.025);
    layers.push({ shape: intersection(shape, seam), tone: plain(accent(dice)) });
  }
  return layers;
}

/** The sole's line from heel (left) to toe (right): height `y`, rising at the toe. */
function sole(y: number, thickness: number, heel: number): Shape {
  return polygon([
    [-0.88, y - heel],
    [-0.3, y - heel * 0.55],
    [0.3, y],
    [0.86, y - 0.03],
    [0.9, y + thickness * 0.4],
    [0.8, y + thickness],
    [0.2, y + thickness],
    [-0.35, y - heel * 0.4 + thickness],
    [-0.5, y + thickness],
    [-0.88, y + thickness],
  ], 0.015);
}
