/** Text from a file that is printed whole. @module */

/**
 * Text on one line: control characters and those that turn the direction of writing become spaces, so that a name can neither break
 * the line nor steer a terminal. What joins letters stays: some scripts need it.
 *
 * @example
 * ```ts
 * import { printable } from "./printable.ts";
 * if (printable("\u001b[31mred\ncat") !== " [31mred cat") throw new Error();
 * ```
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, " ");
}
