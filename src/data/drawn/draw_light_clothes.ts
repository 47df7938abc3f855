/** T-shirts, trousers and dresses, drawn. @module */

import { accent, cloth, type Dice, plain } from "./cloth.ts";
import { ellipse, intersection, type Layer, mirrored, polygon } from "./drawing.ts";
import { sleeves, torso, type UpperBody } from "./upper_body.ts";

/** A T-shirt, now and then with a print. */
export function drawTShirt(dice: Dice): Layer[] {
  const body: UpperBody = {
    shoulder: dice.between(0.38, 0.5),
    top: dice.between(-0.85, -0.72),
    hem: dice.between(0.65, 0.88),
    waist: dice.between(0.32, 0.46),
    hip: dice.between(0.36, 0.5),
    neck: dice.between(0.17, 0.26),
    neckDepth: dice.between(0.08, 0.28),
  };
  const sleeve = sleeves(body, {
    length: dice.between(0.3, 0.52),
    width: dice.between(0.26, 0.36),
    spread: dice.between(0.6, 1.15),
  });
  const tone = cloth(dice);
  const layers: Layer[] = [{ shape: sleeve, tone }, { shape: torso(body), tone }];
  if (dice.chance(0.4)) {
    const print = ellipse(
      [0, dice.between(-0.2, 0.1)],
      dice.between(0.12, 0.24),
      dice.between(0.1, 0.24),
    );
    layers.push({ shape: print, tone: plain(accent(dice)) });
  }
  return layers;
}

/** A pair of trousers. */
export function drawTrouser(dice: Dice): Layer[] {
  const waist = dice.between(0.24, 0.34);
  const hip = waist + dice.between(0.02, 0.1);
  const stance = dice.between(0.1, 0.3);
  const cuff = dice.between(0.1, 0.2);
  const crotch = dice.between(-0.4, -0.15);
  const bottom = dice.between(0.85, 0.96);
  const shape = mirrored([
    [0, -0.9],
    [waist, -0.92],
    [hip, crotch],
    [stance + cuff, bottom],
    [stance - cuff * 0.9 > 0.02 ? stance - cuff * 0.9 : 0.02, bottom],
    [0.015, crotch + 0.08],
  ], 0.02);
  const tone = cloth(dice);
  const layers: Layer[] = [{ shape, tone }];
  if (dice.chance(0.6)) {
    const belt = intersection(shape, polygon([[-1, -1], [1, -1], [1, -0.82], [-1, -0.82]]));
    layers.push({ shape: belt, tone: plain(accent(dice)) });
  }
  return layers;
}

/** A dress, with or without sleeves. */
export function drawDress(dice: Dice): Layer[] {
  const top = dice.between(-0.95, -0.85);
  const bust = dice.between(0.2, 0.32);
  const waist = dice.between(0.15, 0.25);
  const waistY = dice.between(-0.35, -0.05);
  const flare = dice.between(0.28, 0.62);
  const bottom = dice.between(0.75, 0.95);
  const shape = mirrored([
    [0, top + dice.between(0.15, 0.35)],
    [bust * 0.55, top + 0.1],
    [bust * 0.6, top],
    [bust * 0.95, top],
    [bust, top + 0.35],
    [waist, waistY],
    [(waist + flare) / 2, (waistY + bottom) / 2 - 0.1],
    [flare, bottom],
    [0, bottom + 0.03],
  ], 0.015);
  const tone = cloth(dice);
  const layers: Layer[] = [];
  if (dice.chance(0.4)) {
    const shoulder: UpperBody = {
      shoulder: bust,
      top,
      hem: 0,
      waist,
      hip: waist,
      neck: bust * 0.6,
      neckDepth: 0.2,
    };
    const length = dice.chance(0.5) ? dice.between(0.25, 0.45) : dice.between(0.8, 1.1);
    const sleeve = sleeves(shoulder, {
      length,
      width: dice.between(0.18, 0.26),
      spread: dice.between(0.25, 0.6),
    });
    layers.push({ shape: sleeve, tone });
  }
  layers.push({ shape, tone });
  if (dice.chance(0.5)) {
    const sash = polygon([[-1, waistY - 0.06], [1, waistY - 0.06], [1, waistY + 0.05], [
      -1,
      waistY + 0.05,
    ]]);
    layers.push({ shape: intersection(shape, sash), tone: plain(accent(dice)) });
  }
  return layers;
}
