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

/** The first bytes of all pieces together, `length` of them unless there are fewer; no more pieces are taken than they need. */
export function firstBytes(
  pieces: Iterable<Uint8Array>,
  length: number,
): Uint8Array<ArrayBuffer> {
  const taken: Uint8Array[] = [];
  let missing = length;
  for (const piece of pieces) {
    taken.push(piece.subarray(0, missing));
    missing -= taken.at(-1)!.length;
    if (missing === 0) break;
  }
  return joinBytes(taken);
}
