/** `--help`, made from the same tables that are parsed. @module */

import type { Flag, FlagTable } from "./flags.ts";
import { GLOBAL_FLAGS, type Verb } from "./verb.ts";

/** Width of the text, in characters: fits a terminal of 80. */
const WIDTH = 80;
/** Where the right column of a list begins. */
const INDENT = 26;

/** The usage line of a verb. */
export function usageLine({ name, words }: Verb): string {
  return `usage: graft ${name} ${words}${words === "" ? "" : " "}[flags]`;
}

/** What `graft <verb> --help` prints. */
export function verbHelp(verb: Verb): string {
  const flags = Object.keys(verb.flags).length > 0 ? ["", "flags:", ...flagLines(verb.flags)] : [];
  return [
    ...wrap(`graft ${verb.name}: ${verb.summary}`, 0),
    "",
    usageLine(verb),
    ...flags,
    "",
    "flags of every verb:",
    ...flagLines(GLOBAL_FLAGS),
    "",
    "examples:",
    ...verb.examples.map((example) => `  ${example}`),
    "",
    ...wrap(`permissions: ${verb.permissions}`, 0),
  ].join("\n");
}

/** What `graft --help` prints. */
export function overview(verbs: readonly Verb[]): string {
  return [
    "graft: image classifiers from a pretrained EfficientNet-B0 and your own pictures",
    "",
    "usage: graft <verb> [flags]",
    "",
    "verbs:",
    ...verbs.flatMap(({ name, words, summary }) => entry(`${name} ${words}`, summary)),
    "",
    "flags of every verb:",
    ...flagLines(GLOBAL_FLAGS),
    ...entry("--version", "print the version"),
    "",
    "graft <verb> --help says more of a verb.",
    "Exit codes: 0 done, 1 it could not be done (one line on stderr says why), 2 the",
    "command line cannot be understood, 130 stopped by Ctrl-C.",
  ].join("\n");
}

function flagLines(table: FlagTable): string[] {
  return Object.entries(table).flatMap(([name, flag]) => flagLine(name, flag));
}

function flagLine(name: string, { value, text, shownDefault }: Flag<unknown>): string[] {
  const left = value === undefined ? `--${name}` : `--${name} ${value}`;
  return entry(left, shownDefault === undefined ? text : `${text} (default: ${shownDefault})`);
}

/** A term and its text in two columns; a long term gets a line of its own. */
function entry(term: string, text: string): string[] {
  const [first = "", ...more] = wrap(text, INDENT);
  const head = `  ${term}`;
  return head.length + 2 > INDENT
    ? [head, first, ...more]
    : [head + first.slice(head.length), ...more];
}

/** Lines of at most {@linkcode WIDTH} characters, each indented by so many spaces. */
export function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = "";
    }
    line += (line === "" ? "" : " ") + word;
  }
  return [...lines, line].map((one) => " ".repeat(indent) + one);
}
