/** Pullovers, coats and shirts, drawn. @module */

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
} from "./drawing.ts";
import { longSleeved, sleeves, torso } from "./upper_body.ts";

/** A pullover, now and then with a hood. */
export function drawPullover(dice: Dice): Layer[] {
  const body = longSleeved(dice, [0.6, 0.8]);
  const tone = cloth(dice);
  const shape = torso(body);
  const layers: Layer[] = [{ shape: body.arms, tone }];
  if (dice.chance(0.35)) {
    // A hood behind the neck.
    const hood = ellipse([0, body.top + 0.02], body.neck + 0.1, 0.16);
    layers.push({ shape: hood, tone: (x, y) => 0.8 * tone(x, y) });
  }
  layers.push({ shape: outline(body.arms, 0.02), tone: (x, y) => 0.6 * tone(x, y) }, {
    shape,
    tone,
  });
  // Ribs at hem and neck.
  const hem = polygon([[-1, body.hem - 0.1], [1, body.hem - 0.1], [1, 1.2], [-1, 1.2]]);
  const collar = outline(ellipse([0, body.top], body.neck, body.neckDepth + 0.08), 0.035);
  const rib = dice.between(0.6, 0.85);
  layers.push({ shape: intersection(shape, union(hem, collar)), tone: (x, y) => rib * tone(x, y) });
  return layers;
}

/** A coat, open in front. */
export function drawCoat(dice: Dice): Layer[] {
  const body = longSleeved(dice, [0.82, 0.98]);
  const tone = cloth(dice, dice.between(0.3, 0.85));
  const shape = torso({ ...body, hip: body.hip + dice.between(0, 0.1) });
  const dark = plain(dice.between(0, 0.12));
  // Open from the neck down, with lapels to both sides.
  const gap = dice.between(0.015, 0.05);
  const lapelEnd = dice.between(-0.3, 0.05);
  const opening = mirrored([[0, -1], [gap, -1], [gap * dice.between(1, 2.2), 1.1], [0, 1.1]]);
  const lapel = mirrored([
    [0, body.top],
    [body.neck, body.top],
    [body.neck * 0.9, body.top + 0.25],
    [gap, lapelEnd],
    [0, lapelEnd],
  ]);
  const layers: Layer[] = [
    { shape: body.arms, tone },
    { shape: outline(body.arms, 0.02), tone: (x, y) => 0.5 * tone(x, y) },
    { shape, tone },
    { shape: intersection(shape, lapel), tone: (x, y) => 0.65 * tone(x, y) },
    { shape: intersection(shape, opening), tone: dark },
  ];
  const side = dice.between(0.1, 0.16);
  const buttons = [0, 1, 2, 3].map((i) => ellipse([side, lapelEnd + 0.08 + 0.2 * i], 0.045, 0.045));
  if (dice.chance(0.7)) layers.push({ shape: union(...buttons), tone: plain(accent(dice)) });
  if (dice.chance(0.5)) {
    const y = dice.between(0.3, 0.45);
    const pocket: Shape = (px, py) => line([[0.18, y], [0.34, y - 0.04]], 0.03)(Math.abs(px), py);
    layers.push({ shape: pocket, tone: dark });
  }
  return layers;
}

/** A shirt with collar and buttons, its sleeves long or short. */
export function drawShirt(dice: Dice): Layer[] {
  const body = longSleeved(dice, [0.65, 0.88]);
  const arms = dice.chance(0.65) ? body.arms : sleeves(body, {
    length: dice.between(0.35, 0.6),
    width: dice.between(0.26, 0.34),
    spread: dice.between(0.45, 1),
  });
  const tone = cloth(dice);
  const shape = torso(body);
  // A collar of two points, and the placket with its buttons.
  const { neck, top } = body;
  const collar: Shape = (x, y) =>
    polygon([[0, top + 0.14], [neck * 0.5, top - 0.06], [neck + 0.04, top], [
      neck * 0.75,
      top + 0.22,
    ]], 0.01)(
      Math.abs(x),
      y,
    );
  const placket = line([[0.01, top + 0.15], [0.01, body.hem]], 0.022);
  const first = top + dice.between(0.3, 0.4);
  const buttons = [0, 1, 2, 3, 4].map((i) => ellipse([0.015, first + 0.22 * i], 0.04, 0.04));
  const light = dice.between(1.1, 1.35);
  const layers: Layer[] = [
    { shape: arms, tone },
    { shape: outline(arms, 0.018), tone: (x, y) => 0.65 * tone(x, y) },
    { shape, tone },
    { shape: intersection(shape, placket), tone: (x, y) => 0.6 * tone(x, y) },
    { shape: collar, tone: (x, y) => Math.min(1, light * tone(x, y)) },
    { shape: outline(collar, 0.02), tone: (x, y) => 0.55 * tone(x, y) },
    { shape: intersection(shape, union(...buttons)), tone: plain(accent(dice)) },
  ];
  if (dice.chance(0.4)) {
    const pocket = polygon([[0.12, -0.3], [0.3, -0.3], [0.3, -0.05], [0.21, 0], [0.12, -0.05]]);
    layers.push({ shape: outline(pocket, 0.015), tone: (x, y) => 0.5 * tone(x, y) });
  }
  return layers;
}
