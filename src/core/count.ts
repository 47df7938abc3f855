/** Numbers of things in words. @module */

/**
 * `1 picture`, `2 pictures`.
 *
 * @example
 * ```ts
 * import { count } from "./count.ts";
 * if (count(1, "picture") !== "1 picture" || count(0, "file") !== "0 files") throw new Error();
 * ```
 */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
