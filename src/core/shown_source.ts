/** How paths and addresses are shown. @module */

/**
 * A source as messages, logs, results and files show it: of an address neither user, password, query nor fragment, which may be
 * secret; a path as it is.
 *
 * @example
 * ```ts
 * import { shownSource } from "./shown_source.ts";
 * const shown = shownSource("https://ann:secret@example.org/pets.zip?token=1#top");
 * if (shown !== "https://example.org/pets.zip") throw new Error(shown);
 * ```
 */
export function shownSource(source: string | URL): string {
  const text = String(source);
  if (!/^https?:/i.test(text)) return text;
  if (!URL.canParse(text)) return text.replace(/[?#].*$/s, "").replace(/\/\/.*@/s, "//");
  const { origin, pathname } = new URL(text);
  return origin + pathname;
}

/** An address in a text, which may stand in brackets or quotes: a password may hold some, and a query brackets in pairs. */
const ADDRESS = /\bhttps?:\/\/(?:[^\s"<>/?#]*@)?(?:[^\s"'<>()]|\([^\s"'<>()]*\))+/gi;

/** Text of somebody else's in which addresses are shown as {@linkcode shownSource} does. */
export function shownText(text: string): string {
  return text.replace(ADDRESS, shownSource);
}

/**
 * Shows a text with these arguments of a command line, wherever they stand in it, as {@linkcode shownSource} does.
 *
 * @param args Arguments, `--flag=value` among them.
 */
export function showingSources(args: readonly string[]): (text: string) => string {
  const replaced = args.map((arg) => arg.replace(/^--[\w-]+=/, ""))
    .filter((arg) => shownSource(arg) !== arg)
    .flatMap((arg) =>
      [arg, JSON.stringify(arg).slice(1, -1)].map((text) => [text, shownSource(arg)])
    );
  return (text) => replaced.reduce((shown, [from, to]) => shown.replaceAll(from, to), text);
}
