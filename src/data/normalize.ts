/** From bytes to the numbers that a network takes. @module */

import type { Preprocessing } from "../core/preprocessing.ts";

/** Per-channel mean and deviation. */
export type ChannelStatistics = Pick<Preprocessing, "mean" | "std">;

/**
 * What each byte becomes in each channel: `(byte / 255 - mean) / std`, rounded to float32 after each step as in
 * torchvision's `convert_image_dtype` and `normalize`, so that the values are theirs bit for bit.
 *
 * @returns `[3, 256]`.
 *
 * @example
 * ```ts
 * import { normalizeTable } from "./normalize.ts";
 * const table = normalizeTable({ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] });
 * if (table[0] !== -1 || table[255] !== 1) throw new Error();
 * ```
 */
export function normalizeTable({ mean, std }: ChannelStatistics): Float32Array {
  const table = new Float32Array(3 * 256);
  for (let channel = 0; channel < 3; channel++) {
    const m = Math.fround(mean[channel]);
    const s = Math.fround(std[channel]);
    for (let byte = 0; byte < 256; byte++) {
      table[channel * 256 + byte] = Math.fround(Math.fround(byte / 255) - m) / s;
    }
  }
  return table;
}

/**
 * Writes normalised pixels of red, green and blue; a grey picture gives all three.
 *
 * @param pixels `[n, channels]` bytes.
 * @param table From {@linkcode normalizeTable}.
 * @param out Where `[n, 3]` values go, from index `offset` on.
 *
 * @example
 * ```ts
 * import { normalize, normalizeTable } from "./normalize.ts";
 * const table = normalizeTable({ mean: [0, 0, 0], std: [1, 0.5, 0.25] });
 * const out = new Float32Array(3);
 * normalize(Uint8Array.of(255), { channels: 1, table, out, offset: 0 });
 * if (out.join() !== "1,2,4") throw new Error(out.join());
 * ```
 */
export function normalize(
  pixels: Uint8Array,
  { channels, table, out, offset }: {
    readonly channels: 1 | 3;
    readonly table: Float32Array;
    readonly out: Float32Array;
    readonly offset: number;
  },
): void {
  let to = offset;
  if (channels === 1) {
    for (let i = 0; i < pixels.length; i++) {
      const byte = pixels[i];
      out[to++] = table[byte];
      out[to++] = table[256 + byte];
      out[to++] = table[512 + byte];
    }
    return;
  }
  for (let i = 0; i < pixels.length; i += 3) {
    out[to++] = table[pixels[i]];
    out[to++] = table[256 + pixels[i + 1]];
    out[to++] = table[512 + pixels[i + 2]];
  }
}
