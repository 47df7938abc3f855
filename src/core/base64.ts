/** Bytes embedded in source text. @module */

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
