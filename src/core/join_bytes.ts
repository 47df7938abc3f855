/** Bytes that come in pieces. @module */

/**
 * All pieces one after the other.
 *
 * @example
 * ```ts
 * import { joinBytes } from "./join_bytes.ts";
 * if (joinBytes([Uint8Array.of(1, 2), Uint8Array.of(3)]).join() !== "1,2,3") throw new Error();
 * ```
 */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let position = 0;
  for (const piece of pieces) {
    bytes.set(piece, position);
    position += piece.length;
  }
  return bytes;
}
