/** Turning the circle of colours. @module */

import type { Image } from "../image.ts";

const round = Math.fround;

/** Each byte as a share of 255. */
const SHARES = Float32Array.from({ length: 256 }, (_, value) => value / 255);

/**
 * Moves all colours along the circle of hues; torchvision's `adjust_hue`, in float32 as there, since the result is cut to bytes. Grey
 * pictures stay as they are.
 *
 * @param shift Share of the circle, -0.5 to 0.5; 1 / 3 makes red green.
 * @throws {RangeError} For any other shift.
 *
 * @example
 * ```ts
 * import { adjustHue } from "./hue.ts";
 * const red = { data: Uint8Array.of(255, 0, 0), height: 1, width: 1, channels: 3 } as const;
 * if (adjustHue(red, -0.5).data.join() !== "0,255,255") throw new Error();
 * ```
 */
export function adjustHue(image: Image, shift: number): Image {
  if (!(shift >= -0.5 && shift <= 0.5)) {
    throw new RangeError(`Cannot adjust the hue: the shift is ${shift}, expected -0.5 to 0.5`);
  }
  const { data, channels } = image;
  if (channels === 1) return image;
  const out = new Uint8Array(data.length);
  const by = round(shift);
  for (let at = 0; at < data.length; at += 3) {
    const r = SHARES[data[at]], g = SHARES[data[at + 1]], b = SHARES[data[at + 2]];
    const most = Math.max(r, g, b), least = Math.min(r, g, b);
    const turned = round(hueOf(r, g, b, most, least) + by);
    const saturation = most === least ? 0 : round(round(most - least) / most);
    paint(out, at, round(turned - Math.floor(turned)), saturation, most);
  }
  return { ...image, data: out };
}

/** Hue as a share of the circle, from 0 (red) to 1. */
function hueOf(r: number, g: number, b: number, most: number, least: number): number {
  const span = most === least ? 1 : round(most - least);
  const awayFrom = (value: number) => round(round(most - value) / span);
  const sixths = most === r
    ? round(awayFrom(b) - awayFrom(g))
    : most === g
    ? round(round(2 + awayFrom(r)) - awayFrom(b))
    : round(round(4 + awayFrom(g)) - awayFrom(r));
  return round(round(round(sixths / 6) + 1) % 1);
}

/** Writes the colour of a hue at `at`. */
function paint(out: Uint8Array, at: number, hue: number, saturation: number, value: number): void {
  const place = round(hue * 6);
  const sector = Math.floor(place);
  const rest = round(place - sector);
  const p = inside(round(value * round(1 - saturation)));
  const q = inside(round(value * round(1 - round(saturation * rest))));
  const t = inside(round(value * round(1 - round(saturation * round(1 - rest)))));
  const [r, g, b] = sector === 1
    ? [q, value, p]
    : sector === 2
    ? [p, value, t]
    : sector === 3
    ? [p, q, value]
    : sector === 4
    ? [t, p, value]
    : sector === 5
    ? [value, p, q]
    : [value, t, p]; // also the sixth, where rounding has come full circle
  out[at] = round(r * 255);
  out[at + 1] = round(g * 255);
  out[at + 2] = round(b * 255);
}

function inside(share: number): number {
  return share < 0 ? 0 : share > 1 ? 1 : share;
}
