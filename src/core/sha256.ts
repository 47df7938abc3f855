/** SHA-256, the one hash of the project: it names weights, data and feature caches. @module */

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
