/** Cutting out the middle of a picture. @module */

import type { Image } from "./image.ts";

/**
 * The middle `size` x `size` pixels, as torchvision's `center_crop`: where the picture is smaller, black is added on
 * both sides; of an odd border, halves are rounded to even.
 *
 * @example
 * ```ts
 * import { centreCrop } from "./centre_crop.ts";
 * const row = { data: Uint8Array.of(1, 2, 3), height: 1, width: 3, channels: 1 } as const;
 * if (centreCrop(row, 1).data.join() !== "2") throw new Error();
 * if (centreCrop(row, 3).data.join() !== "0,0,0,1,2,3,0,0,0") throw new Error();
 * ```
 */
export function centreCrop(image: Image, size: number): Image {
  const { data, height, width, channels } = image;
  const top = cropOffset(height, size);
  const left = cropOffset(width, size);
  const out = new Uint8Array(size * size * channels);
  const fromX = Math.max(0, left);
  const toX = Math.min(width, left + size);
  for (let y = Math.max(0, top); y < Math.min(height, top + size); y++) {
    const row = data.subarray((y * width + fromX) * channels, (y * width + toX) * channels);
    out.set(row, ((y - top) * size + fromX - left) * channels);
  }
  return { data: out, height: size, width: size, channels };
}

/** Pixels to leave out at the near side; negative = to add. */
function cropOffset(length: number, size: number): number {
  if (length < size) return -Math.floor((size - length) / 2);
  const half = (length - size) / 2;
  const rounded = Math.floor(half);
  // Python's round, which torchvision takes: halves go to the even neighbour.
  return half === rounded ? rounded : rounded + rounded % 2;
}
