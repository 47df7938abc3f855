/** SHA-256, the one hash of the project: it names weights, data and feature caches. @module */

import { joinBytes } from "./join_bytes.ts";

/**
 * SHA-256 of bytes as 64 lower-case hex digits.
 *
 * @param bytes Any bytes; they are not kept.
 *
 * @example
 * ```ts
 * import { sha256Hex } from "./sha256.ts";
 * const hash = await sha256Hex(new TextEncoder().encode("abc"));
 * if (!hash.startsWith("ba7816bf")) throw new Error(hash);
 * ```
 */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  // WebCrypto refuses shared memory, which is where tensors of the threaded backend live.
  const own = bytes.buffer instanceof ArrayBuffer
    ? bytes as Uint8Array<ArrayBuffer>
    : new Uint8Array(bytes);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", own));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Bytes that are held to be hashed at once, where something else can hash in pieces. */
const HELD_BYTES = 1 << 24;

/**
 * SHA-256 of pieces one after the other, as if they were joined; 16 MiB of them are in memory at the most,
 * all of them where there is no `node:crypto`, as in a browser.
 *
 * @param pieces Any number of them; each is kept until the next ones are read, so that it must not be written to.
 */
export async function sha256HexOf(
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<string> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  let hash: import("node:crypto").Hash | undefined;
  let inPieces = true;
  for await (const piece of pieces) {
    held.push(piece);
    bytes += piece.length;
    if (bytes < HELD_BYTES || !inPieces) continue;
    // Only now: WebCrypto, which is everywhere, hashes nothing in pieces.
    hash ??= await startHash();
    inPieces = hash !== undefined;
    if (hash === undefined) continue;
    for (const one of held) hash.update(one);
    [held, bytes] = [[], 0];
  }
  if (hash === undefined) return await sha256Hex(joinBytes(held));
  for (const one of held) hash.update(one);
  return hash.digest("hex");
}

/** A hash that takes pieces, or `undefined` where the runtime has none. */
async function startHash(): Promise<import("node:crypto").Hash | undefined> {
  try {
    return (await import("node:crypto")).createHash("sha256");
  } catch {
    return undefined;
  }
}
