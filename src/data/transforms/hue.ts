/** Turning the circle of colours. @module */

import { UserError } from "../../core/errors.ts";
import type { Image } from "../image.ts";

const round = Math.fround;

/** Each byte as a share of 255. */
const SHARES = Float32Array.from({ length: 256 }, (_, value) => value / 255);

/**
 * Moves all colours along the circle of hues; torchvision's `adjust_hue`, in float32 as there, since the result is cut to bytes. Grey
 * pictures stay as they are.
 *
 * @param shift Share of the circle, -0.5 to 0.5; 1 / 3 makes red green.
 * @throws {UserError} For any other shift.
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
    throw new UserError(`Cannot adjust the hue: the shift is ${shift}, expected -0.5 to 0.5`);
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
  const turned = round(round(sixths / 6) + 1);
  return turned >= 1 ? turned - 1 : turned;
}

/** Writes the colour of a hue at `at`. */
function paint(out: Uint8Array, at: number, hue: number, saturation: number, value: number): void {
  const place = round(hue * 6);
  const sector = Math.floor(place);
  const rest = round(place - sector);
  const highest = byteOf(value);
  const lowest = byteOf(round(value * round(1 - saturation)));
  // In even sectors a channel rises with the hue, in odd ones another falls.
  const towards = sector % 2 === 0 ? round(1 - rest) : rest;
  const between = byteOf(round(value * round(1 - round(saturation * towards))));
  // The seventh sector is the first again, where rounding has come full circle.
  const first = sector % 6 === 0,
    second = sector === 1,
    third = sector === 2,
    fourth = sector === 3;
  const fifth = sector === 4;
  out[at] = first || sector === 5 ? highest : second || fifth ? between : lowest;
  out[at + 1] = second || third ? highest : first || fourth ? between : lowest;
  out[at + 2] = fourth || fifth ? highest : third || sector === 5 ? between : lowest;
}

/** A share of 255, cut to a whole number. */
function byteOf(share: number): number {
  return share < 0 ? 0 : share > 1 ? 255 : Math.trunc(round(share * 255));
}
