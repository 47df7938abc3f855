/** Text from a file, made fit for a message. @module */

/**
 * Text from a file on one line: control characters become spaces, so that a hostile name can neither
 * break the line nor steer a terminal, and what is longer than `maxLength` characters ends in `…`.
 *
 * @example
 * ```ts
 * import { clip } from "./messages.ts";
 * if (clip("a\nb") !== "a b") throw new Error();
 * ```
 */
export function clip(text: string, maxLength = 120): string {
  const flat = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
  return flat.length > maxLength ? `${flat.slice(0, maxLength)}…` : flat;
}
