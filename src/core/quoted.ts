/** Text from a file, made fit for an error message. @module */

/**
 * Text from a file on one line: control characters become spaces, so that a hostile name can neither
 * break the line nor steer a terminal, and what is longer than `maxLength` characters ends in `…`.
 *
 * @example
 * ```ts
 * import { clip } from "./quoted.ts";
 * if (clip("a\nb") !== "a b") throw new Error();
 * ```
 */
export function clip(text: string, maxLength = 120): string {
  const flat = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
  return flat.length > maxLength ? `${flat.slice(0, maxLength)}…` : flat;
}

/** Longest text that {@linkcode quoted} takes over, in characters. */
const MAX_LENGTH = 40;

/**
 * Text from a file in quotes, on one line: control characters become spaces, so that a file can neither break
 * the line nor steer a terminal, and long text is cut.
 *
 * @example
 * ```ts
 * import { quoted } from "./quoted.ts";
 * if (quoted("a\nb") !== '"a b"') throw new Error(quoted("a\nb"));
 * ```
 */
export function quoted(text: string): string {
  return JSON.stringify(clip(text, MAX_LENGTH));
}

/**
 * The first few names of a list in quotes, and how many more there are.
 *
 * @example
 * ```ts
 * import { quotedList } from "./quoted.ts";
 * const text = quotedList(["a", "b", "c", "d"], 2);
 * if (text !== '"a", "b" and 2 more') throw new Error(text);
 * ```
 */
export function quotedList(names: readonly string[], shown = 6): string {
  // One name is never worth the words "and 1 more".
  const first = names.length <= shown + 1 ? names : names.slice(0, shown);
  const more = names.length - first.length;
  return first.map(quoted).join(", ") + (more ? ` and ${more} more` : "");
}
