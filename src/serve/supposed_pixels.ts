/** A guess at the memory that an image takes to decode. @module */

import { halvings } from "../data/decode.ts";
import type { PixelSize } from "../data/resize.ts";

/** Segments that are looked at for an image's size on the calling thread; of a file with more, the most is supposed. */
const MOST_SEGMENTS = 1000;

/**
 * Pixels that a file may come to, for sharing memory out; the decoder itself reads and checks the header. Bounded work, since a file may
 * have millions of segments.
 */
export function supposedPixels(
  file: Uint8Array,
  most: number,
  enough: PixelSize | undefined,
): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file[0] === 0x89) return file.length < 24 ? 0 : view.getUint32(16) * view.getUint32(20);
  if (file[0] !== 0xff) return 0; // no JPEG: it will be refused
  for (let at = 2, count = 0; count < MOST_SEGMENTS; count++) {
    if (at + 9 > file.length || file[at] !== 0xff) break;
    const marker = file[at + 1];
    if (marker >= 0xc0 && marker <= 0xc2) {
      const size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
      // Of a progressive one all coefficients are held, whatever the size that it is decoded to.
      return size.height * size.width / 4 ** (marker === 0xc2 ? 0 : halvings(size, enough));
    }
    at += 2 + view.getUint16(at + 2);
  }
  return most;
}
