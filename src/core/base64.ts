/** Bytes embedded in text. @module */

/**
 * Decodes base64.
 *
 * @example
 * ```ts
 * import { decodeBase64 } from "./base64.ts";
 * if (decodeBase64("AQID").join() !== "1,2,3") throw new Error();
 * ```
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  // Uint8Array.fromBase64 is absent in older runtimes (Supabase's Deno 2.1.4).
  const modern = Uint8Array as unknown as {
    fromBase64?: (text: string) => Uint8Array<ArrayBuffer>;
  };
  if (modern.fromBase64) return modern.fromBase64(text);
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/**
 * Encodes bytes as base64.
 *
 * @example
 * ```ts
 * import { encodeBase64 } from "./base64.ts";
 * if (encodeBase64(Uint8Array.of(1, 2, 3, 4)) !== "AQIDBA==") throw new Error();
 * ```
 */
export function encodeBase64(bytes: Uint8Array): string {
  const modern = bytes as unknown as { toBase64?: () => string };
  if (modern.toBase64) return modern.toBase64();
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
