/** From an error to what the shell and the user get. @module */

import { memoryInWords, OutOfMemory } from "../backend/out_of_memory.ts";
import { UsageError, UserError } from "../core/errors.ts";
import { shownText } from "../core/shown_source.ts";

/** How a run of the command line ends. */
export interface Failure {
  /** Exit code: 1, or 2 for a command line that cannot be understood. */
  readonly code: 1 | 2;
  /** What to say, on one line. */
  readonly line: string;
}

/** Flags by name, those that the verb takes; `undefined` where one is not given. */
export type TakenFlags = Readonly<Record<string, unknown>>;

/**
 * Says an error in one line, and whose it is by the exit code.
 *
 * @param flags What memory may depend on, where it ran out.
 */
export function failureOf(error: unknown, flags: TakenFlags = {}): Failure {
  if (error instanceof UsageError) return { code: 2, line: oneLine(error.message) };
  if (error instanceof UserError) return { code: 1, line: oneLine(error.message) };
  if (error instanceof Deno.errors.NotCapable) return { code: 1, line: permissionLine(error) };
  if (error instanceof OutOfMemory) return { code: 1, line: memoryLine(error, flags) };
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: 1, line: `${oneLine(message)} (run with --debug for the stack)` };
}

/** Deno's `Requires read access to "x", run again with the --allow-read flag`, as a flag to paste. */
function permissionLine({ message }: Error): string {
  const parts = message.match(
    /^Requires (.+?) access(?: to "?(.+?)"?)?, run again with .*?(--allow-[a-z]+)/,
  );
  if (parts === null) return oneLine(message);
  const [, kind, what, flag] = parts;
  const isBare = what === undefined || what.startsWith("<") || flag === "--allow-all";
  const value = isBare ? "" : `=${what}`;
  return `Cannot go on: Deno grants ${kind === "all" ? "not all" : `no ${kind}`} access${
    what === undefined || what.startsWith("<") ? "" : ` to ${what}`
  }; add ${flag}${value} before the name of the program`;
}

/** What takes the memory, as far as flags say it, and which of them make it less. */
function memoryLine(error: OutOfMemory, flags: TakenFlags): string {
  const takes = (name: string) => Object.hasOwn(flags, name);
  const given = ["image-size", "batch-size"].filter((name) => flags[name] !== undefined);
  const found = given.map((name) => `--${name} ${flags[name]}`).join(" with ");
  const smaller = ["image-size", "batch-size"].filter(takes).map((name) => `--${name}`);
  const low = takes("memory") && flags.memory !== "low" ? ", or --memory low" : "";
  const advice = smaller.length > 0
    ? `give a smaller ${smaller.join(" or ")}${low}`
    : "give fewer pictures at a time, or a model of a smaller image size";
  return `Cannot go on: ${found || "this"} takes ${memoryInWords(error)}; ${advice}`;
}

/** Whoever threw it, on one line, and without what is secret in addresses. */
function oneLine(text: string): string {
  return shownText(text.replace(/\s*\n\s*/g, " "));
}
