/** Text that goes into HTML and SVG. @module */

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Text made fit for HTML and XML, as content and in quoted attributes alike: what would be markup is written as entities, and
 * characters that XML 1.0 does not allow at all (most control characters, halves of surrogate pairs) become `U+FFFD`.
 *
 * @example
 * ```ts
 * import { escapeMarkup } from "./markup.ts";
 * if (escapeMarkup(`<b a="1">`) !== "&lt;b a=&quot;1&quot;&gt;") throw new Error();
 * ```
 */
export function escapeMarkup(text: string): string {
  return text
    .toWellFormed()
    // deno-lint-ignore no-control-regex -- the characters that are looked for are control characters
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
