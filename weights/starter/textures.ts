/** Textures that fill the picture: waves, clouds, cells and patterns. @module */

import { type Draw, type Kind, whole } from "./kind.ts";

/** Waves across the picture, by name. */
const PITCHES = { coarse: 3, middle: 7, fine: 14 } as const;
/** Directions in degrees. */
const DIRECTIONS = [0, 45, 90, 135] as const;

/** All kinds. */
export function textureKinds(): Kind[] {
  const waves = Object.entries(PITCHES).flatMap(([name, pitch]) => [
    ...DIRECTIONS.map((degrees) => ({
      name: `${name} waves at ${degrees} degrees`,
      draw: wavesOf(pitch, degrees * Math.PI / 180),
    })),
    { name: `${name} waves in all directions`, draw: wavesOf(pitch) },
  ]);
  return [
    ...waves,
    ...[2, 4, 8].map((size) => ({ name: `clouds of ${size}`, draw: cloudsOf(size, false) })),
    ...[3, 6].map((size) => ({ name: `blots of ${size}`, draw: cloudsOf(size, true) })),
    ...[6, 14, 32].map((count) => ({ name: `${count} cells`, draw: cellsOf(count, false) })),
    ...[6, 14, 32].map((count) => ({ name: `${count} cells' edges`, draw: cellsOf(count, true) })),
    ...PATTERNS.map(({ name, tone }) => ({ name, draw: patternOf(tone) })),
  ];
}

/** A sum of a few waves of about one pitch, within 12 degrees of a direction, or in all. */
function wavesOf(pitch: number, direction?: number): Draw {
  return (dice, side) => {
    const waves = Array.from({ length: direction === undefined ? 7 : 4 }, () => {
      const angle = direction === undefined
        ? dice.between(0, Math.PI)
        : direction + dice.between(-0.2, 0.2);
      const rate = 2 * Math.PI * pitch * dice.between(0.75, 1.3) / side;
      return [rate * Math.cos(angle), rate * Math.sin(angle), dice.between(0, 2 * Math.PI)];
    });
    return fill(side, (x, y) => {
      let sum = 0;
      for (const [u, v, phase] of waves) sum += Math.cos(u * x + v * y + phase);
      return 0.5 + 0.7 * sum / waves.length;
    });
  };
}

/** Smooth noise of several sizes, each half as strong as the one before; blots are where it is high. */
function cloudsOf(cells: number, blots: boolean): Draw {
  return (dice, side) => {
    const layers = [1, 2, 4].map((finer, i) => {
      const n = Math.round(cells * finer * dice.between(0.8, 1.25)) + 2;
      const values = Float64Array.from({ length: n * n }, () => dice.between(0, 1));
      return { n, values, weight: 0.5 ** i, scale: (n - 2) / side };
    });
    const total = layers.reduce((sum, { weight }) => sum + weight, 0);
    const level = dice.between(0.45, 0.6);
    return fill(side, (x, y) => {
      let sum = 0;
      for (const { n, values, weight, scale } of layers) {
        const [u, v] = [x * scale, y * scale];
        const [column, row] = [Math.floor(u), Math.floor(v)];
        const [s, t] = [smooth(u - column), smooth(v - row)];
        const at = row * n + column;
        const top = values[at] + s * (values[at + 1] - values[at]);
        const bottom = values[at + n] + s * (values[at + n + 1] - values[at + n]);
        sum += weight * (top + t * (bottom - top));
      }
      const value = sum / total;
      return blots ? 0.5 + 14 * (value - level) : 0.5 + 1.8 * (value - 0.5);
    });
  };
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}

/** Each pixel belongs to the nearest of some points (Worley 1996): cells of one tone each, or their edges. */
function cellsOf(count: number, edges: boolean): Draw {
  return (dice, side) => {
    const points = Array.from({ length: count }, () => ({
      x: dice.between(0, side),
      y: dice.between(0, side),
      tone: dice.between(0.1, 1),
    }));
    const width = dice.between(1, 2.5);
    return fill(side, (x, y) => {
      let first = Infinity, second = Infinity, tone = 0;
      for (const point of points) {
        const distance = (x - point.x) ** 2 + (y - point.y) ** 2;
        if (distance < first) [second, first, tone] = [first, distance, point.tone];
        else if (distance < second) second = distance;
      }
      return edges ? width - (Math.sqrt(second) - Math.sqrt(first)) : tone;
    });
  };
}

/** A regular pattern: its tone at a place, in units of its own size. */
interface Pattern {
  readonly name: string;
  readonly tone: (u: number, v: number) => number;
}

const apart = (u: number) => Math.abs(u - Math.round(u)); // distance from the nearest whole number

const PATTERNS: readonly Pattern[] = [
  { name: "checks", tone: (u, v) => (Math.floor(u) + Math.floor(v)) & 1 },
  { name: "dots", tone: (u, v) => 6 * (0.34 - Math.hypot(apart(u), apart(v))) },
  { name: "rings", tone: (u, v) => 6 * (0.12 - Math.abs(0.32 - Math.hypot(apart(u), apart(v)))) },
  { name: "grid", tone: (u, v) => 8 * (0.14 - Math.min(apart(u), apart(v))) },
  {
    name: "bricks",
    tone: (u, v) => 8 * (Math.min(apart(v), apart(u / 2 + (Math.floor(v) & 1) / 2) * 2) - 0.08),
  },
  { name: "zigzags", tone: (u, v) => 5 * (0.25 - apart(v + apart(u))) },
  {
    name: "scales",
    tone: (u, v) => 6 * (0.45 - Math.hypot(apart(u + (Math.floor(v) & 1) / 2), v - Math.floor(v))),
  },
  {
    name: "crosses",
    tone: (u, v) =>
      Number(Math.min(apart(u), apart(v)) < 0.1 && Math.max(apart(u), apart(v)) < 0.34),
  },
];

/** A pattern, turned, scaled and shifted. */
function patternOf(tone: Pattern["tone"]): Draw {
  return (dice, side) => {
    const rate = whole(dice, 3, 9) / side;
    const angle = dice.between(-0.4, 0.4);
    const [cos, sin] = [rate * Math.cos(angle), rate * Math.sin(angle)];
    const [left, top] = [dice.between(0, 4), dice.between(0, 4)];
    return fill(side, (x, y) => tone(cos * x - sin * y + left, sin * x + cos * y + top));
  };
}

/** Tones by place, brought between 0 and 1. */
function fill(side: number, tone: (x: number, y: number) => number): Float64Array {
  const out = new Float64Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      out[y * side + x] = Math.min(1, Math.max(0, tone(x, y)));
    }
  }
  return out;
}
