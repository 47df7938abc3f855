/** Plain shapes and simple creatures, filled, patterned or in outline. @module */

import { cloth } from "../../src/data/drawn/cloth.ts";
import {
  ellipse,
  intersection,
  type Layer,
  line,
  outline,
  type Point,
  polygon,
  rasterise,
  type Shape,
  union,
  without,
} from "../../src/data/drawn/drawing.ts";
import { type Dice, type Kind, whole } from "./kind.ts";

/** Shapes within the circle of radius 0.8, by name. */
const SHAPES: Readonly<Record<string, (dice: Dice) => Shape>> = {
  disc: () => ellipse([0, 0], 0.75, 0.75),
  ring: (dice) =>
    without(ellipse([0, 0], 0.75, 0.75), ellipse([0, 0], dice.between(0.35, 0.55), 0.45)),
  crescent: (dice) =>
    without(ellipse([0, 0], 0.75, 0.75), ellipse([dice.between(0.25, 0.45), 0], 0.65, 0.65)),
  "half disc": () => intersection(ellipse([0, 0], 0.8, 0.8), (_, y) => y),
  drop: () =>
    union(ellipse([0, 0.25], 0.5, 0.5), polygon([[-0.44, 0.02], [0, -0.8], [0.44, 0.02]])),
  heart: () =>
    union(
      ellipse([-0.3, -0.25], 0.38, 0.38),
      ellipse([0.3, -0.25], 0.38, 0.38),
      polygon([[-0.64, -0.08], [0.64, -0.08], [0, 0.75]]),
    ),
  cross: (dice) => {
    const arm = dice.between(0.15, 0.28);
    return union(box(0.8, arm), box(arm, 0.8));
  },
  arrow: (dice) => {
    const neck = dice.between(0.1, 0.2);
    return union(
      polygon([[0.8, 0], [0.1, -0.5], [0.1, 0.5]]),
      polygon([[-0.8, -neck], [0.15, -neck], [0.15, neck], [-0.8, neck]]),
    );
  },
  "letter L": () => union(bar([-0.45, -0.7], [-0.45, 0.6]), bar([-0.45, 0.6], [0.5, 0.6])),
  "letter T": () => union(bar([-0.6, -0.6], [0.6, -0.6]), bar([0, -0.6], [0, 0.7])),
  "letter S": () =>
    line([[0.45, -0.6], [-0.4, -0.6], [-0.45, 0], [0.45, 0.05], [0.4, 0.65], [-0.5, 0.65]], 0.1),
  ladder: () =>
    union(
      bar([-0.4, -0.8], [-0.4, 0.8], 0.06),
      bar([0.4, -0.8], [0.4, 0.8], 0.06),
      ...[-0.55, -0.2, 0.15, 0.5].map((y) => bar([-0.4, y], [0.4, y], 0.06)),
    ),
  spiral: (dice) => {
    const turns = dice.between(1.8, 3);
    const points: Point[] = Array.from({ length: 40 }, (_, i) => {
      const [angle, radius] = [turns * 2 * Math.PI * i / 39, 0.08 + 0.7 * i / 39];
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    });
    return line(points, 0.06);
  },
  wheel: (dice) => {
    const spokes = whole(dice, 3, 6);
    return union(
      outline(ellipse([0, 0], 0.7, 0.7), 0.09),
      ...Array.from({ length: spokes }, (_, i) => {
        const angle = 2 * Math.PI * i / spokes;
        return bar([0, 0], [0.7 * Math.cos(angle), 0.7 * Math.sin(angle)], 0.06);
      }),
    );
  },
  ...Object.fromEntries(
    [3, 4, 5, 6, 8].map((n) => [`polygon of ${n}`, () => polygon(corners(n, 0.8, 0.8))]),
  ),
  ...Object.fromEntries(
    [4, 5, 6, 9].map((
      n,
    ) => [`star of ${n}`, (dice: Dice) => polygon(corners(2 * n, 0.8, dice.between(0.3, 0.45)))]),
  ),
};

/** All kinds. */
export function shapeKinds(): Kind[] {
  const shapes = Object.entries(SHAPES).map(([name, make]) => ({
    name,
    draw: (dice: Dice, side: number) => {
      const shape = make(dice);
      const worn = dice.chance(0.3) ? outline(shape, dice.between(0.03, 0.08)) : shape;
      return rasterise([{ shape: worn, tone: cloth(dice) }], side, pose(dice, Math.PI));
    },
  }));
  return [...shapes, ...creatureKinds()];
}

/** A creature of a head with eyes and ears, and one from the side with legs; each with its own ears or back. */
function creatureKinds(): Kind[] {
  const heads = (["pointed", "round", "hanging"] as const).map((ears) => ({
    name: `head with ${ears} ears`,
    draw: (dice: Dice, side: number) => rasterise(headOf(dice, ears), side, pose(dice, 0.35)),
  }));
  const bodies = ([["long", 4], ["tall", 4], ["long", 6], ["tall", 2]] as const).map((
    [build, legs],
  ) => ({
    name: `${build} body on ${legs} legs`,
    draw: (dice: Dice, side: number) =>
      rasterise(bodyOf(dice, build, legs), side, pose(dice, 0.25)),
  }));
  return [...heads, ...bodies];
}

function headOf(dice: Dice, ears: "pointed" | "round" | "hanging"): Layer[] {
  const [rx, ry] = [dice.between(0.42, 0.6), dice.between(0.42, 0.58)];
  const fur = cloth(dice);
  const both = (shape: Shape): Shape => (x, y) => shape(Math.abs(x), y);
  const ear = ears === "pointed"
    ? polygon([[rx * 0.25, -ry * 0.7], [rx * dice.between(0.7, 1), -ry - dice.between(0.2, 0.4)], [
      rx * 0.95,
      -ry * 0.3,
    ]])
    : ears === "round"
    ? ellipse([rx * 0.75, -ry * 0.8], dice.between(0.18, 0.28), dice.between(0.18, 0.28))
    : ellipse(
      [rx * 0.98, dice.between(-0.05, 0.15)],
      dice.between(0.12, 0.2),
      dice.between(0.35, 0.5),
    );
  const eyes = ellipse(
    [rx * dice.between(0.35, 0.5), -0.08],
    dice.between(0.06, 0.11),
    dice.between(0.06, 0.13),
  );
  const muzzle = ellipse(
    [0, ry * 0.45],
    rx * dice.between(0.35, 0.55),
    ry * dice.between(0.3, 0.45),
  );
  const nose = ellipse([0, ry * dice.between(0.25, 0.4)], dice.between(0.06, 0.12), 0.07);
  const dark = dice.between(0, 0.2), light = dice.between(0.7, 1);
  const layers: Layer[] = [
    { shape: both(ear), tone: (x, y) => 0.75 * fur(x, y) },
    { shape: ellipse([0, 0], rx, ry), tone: fur },
    { shape: muzzle, tone: () => light },
    { shape: both(eyes), tone: () => dark },
    { shape: nose, tone: () => dark },
  ];
  if (dice.chance(0.5)) {
    const whiskers = [-0.06, 0.02, 0.1].map((dy) =>
      line([[0.12, ry * 0.45], [rx * 1.2, ry * 0.4 + dy * 2]], 0.012)
    );
    layers.push({ shape: both(union(...whiskers)), tone: () => light });
  }
  return layers;
}

function bodyOf(dice: Dice, build: "long" | "tall", legs: number): Layer[] {
  const fur = cloth(dice);
  const [half, thick] = build === "long"
    ? [dice.between(0.45, 0.6), dice.between(0.15, 0.22)]
    : [dice.between(0.25, 0.38), dice.between(0.22, 0.32)];
  const length = build === "long" ? dice.between(0.25, 0.4) : dice.between(0.4, 0.6);
  const width = dice.between(0.04, 0.08);
  const stands = Array.from({ length: legs }, (_, i) => {
    const x = -half * 0.85 + 1.7 * half * (legs === 1 ? 0.5 : i / (legs - 1));
    return line([[x, 0], [x + dice.between(-0.08, 0.08), length]], width);
  });
  const neck = dice.between(0.1, 0.35);
  const head = ellipse(
    [half + 0.08, -neck - 0.08],
    dice.between(0.13, 0.2),
    dice.between(0.12, 0.17),
  );
  const tail = line(
    [[-half, -0.05], [-half - dice.between(0.1, 0.3), dice.between(-0.45, 0.2)]],
    0.035,
  );
  const eye = ellipse([half + 0.12, -neck - 0.1], 0.035, 0.035);
  return [
    { shape: union(...stands, tail), tone: (x, y) => 0.8 * fur(x, y) },
    {
      shape: union(
        ellipse([0, 0], half, thick),
        line([[half * 0.7, 0], [half + 0.05, -neck]], 0.1),
        head,
      ),
      tone: fur,
    },
    { shape: eye, tone: () => 0.02 },
  ];
}

function box(rx: number, ry: number): Shape {
  return polygon([[-rx, -ry], [rx, -ry], [rx, ry], [-rx, ry]]);
}

function bar(from: Point, to: Point, radius = 0.12): Shape {
  return line([from, to], radius);
}

/** `n` corners, by turns on an outer and an inner circle. */
function corners(n: number, outer: number, inner: number): Point[] {
  return Array.from({ length: n }, (_, i) => {
    const angle = 2 * Math.PI * i / n - Math.PI / 2;
    const radius = i % 2 === 0 ? outer : inner;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

/** Turned by up to `turn` either way, scaled and shifted, now and then mirrored. */
function pose(dice: Dice, turn: number) {
  const angle = dice.between(-turn, turn);
  const size = dice.between(0.5, 1.05);
  const [sx, sy] = [size * (dice.chance(0.5) ? -1 : 1), size * dice.between(0.8, 1.2)];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return {
    matrix: [cos * sx, -sin * sy, sin * sx, cos * sy] as const,
    shift: [dice.between(-0.2, 0.2), dice.between(-0.2, 0.2)] as const,
  };
}
