/** What the terminal can show, as far as the process may know. @module */

/** Whether stderr is a terminal on which a line can be drawn over: not where `TERM` says `dumb`. */
export function drawsOverLines(): boolean {
  return Deno.stderr.isTerminal() && variable("TERM") !== "dumb";
}

/** Whether more than ASCII may be drawn: unless the locale names another encoding than UTF-8. */
export function drawsUnicode(): boolean {
  return isUnicodeLocale(variable("LC_ALL") ?? variable("LC_CTYPE") ?? variable("LANG"));
}

/**
 * Whether a locale, as POSIX names it, can show more than ASCII. None that is set says nothing: containers have none,
 * and the terminals that they are seen through are UTF-8.
 *
 * @example
 * ```ts
 * import { isUnicodeLocale } from "./surroundings.ts";
 * if (!isUnicodeLocale("de_DE.UTF-8") || isUnicodeLocale("C") || !isUnicodeLocale(undefined)) throw new Error();
 * ```
 */
export function isUnicodeLocale(locale: string | undefined): boolean {
  return locale === undefined || /utf-?8/i.test(locale);
}

/** A variable of the environment where it is set and may be read without asking. */
function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) || undefined : undefined;
}
