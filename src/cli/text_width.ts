/** How many columns of a terminal text takes. @module */

/**
 * Characters that take two columns, roughly: the blocks of Unicode's EastAsianWidth.txt (version 15) that are wide or
 * full-width throughout, and emoji.
 */
const WIDE = new RegExp(
  "[\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\ua4cf\\ua960-\\ua97f\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe30-\\ufe6f" +
    "\\uff00-\\uff60\\uffe0-\\uffe6\\u{1b000}-\\u{1b2ff}\\u{20000}-\\u{3fffd}]|\\p{Emoji_Presentation}|\\ufe0f",
  "u",
);
/** Characters that take none by themselves. */
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u;
/** Text of which every character takes one column. */
const PLAIN = /^[\x20-\x7e]*$/;

let segmenter: Intl.Segmenter | undefined;

/** What a reader takes for one character each: a letter with its accents, an emoji of several parts. */
function characters(text: string): string[] {
  segmenter ??= new Intl.Segmenter();
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

/** Columns of one character. */
function characterWidth(character: string): number {
  return ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
}

/**
 * Columns that a text takes on a terminal; terminals differ about rare characters.
 *
 * @example
 * ```ts
 * import { textWidth } from "./text_width.ts";
 * if (textWidth("猫 cat") !== 6 || textWidth("🐈") !== 2 || textWidth("e\u0301") !== 1) throw new Error();
 * ```
 */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return characters(text).reduce((sum, character) => sum + characterWidth(character), 0);
}

/** The text with spaces before or behind it, up to `width` columns. */
export function padText(
  text: string,
  width: number,
  side: "before" | "behind" = "behind",
): string {
  const spaces = " ".repeat(Math.max(0, width - textWidth(text)));
  return side === "before" ? spaces + text : text + spaces;
}

/** The beginning of a text that fits into `width` columns, with `…` for what is cut off. */
export function clipText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  return takeColumns(characters(text), width - 1).join("") + (width > 0 ? "…" : "");
}

/**
 * Beginning and end of a text, with `…` between, so that it fits into `width` columns: what tells names and paths apart
 * is as often at one end as at the other.
 *
 * @example
 * ```ts
 * import { shortenText } from "./text_width.ts";
 * if (shortenText("pets/chihuahua_99.jpg", 13) !== "pets/c…99.jpg") throw new Error();
 * ```
 */
export function shortenText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width < 1) return "";
  const all = characters(text);
  const tail = takeColumns([...all].reverse(), Math.floor((width - 1) / 2)).reverse();
  const head = takeColumns(all, width - 1 - textWidth(tail.join("")));
  return `${head.join("")}…${tail.join("")}`;
}

/** The first of the characters that fit into `width` columns. */
function takeColumns(all: readonly string[], width: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const character of all) {
    used += characterWidth(character);
    if (used > width) break;
    taken.push(character);
  }
  return taken;
}
