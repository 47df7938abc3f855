/** From an error to what the shell and the user get. @module */

import { UsageError, UserError } from "../core/errors.ts";

/** How a run of the command line ends. */
export interface Failure {
  /** Exit code: 1, or 2 for a command line that cannot be understood. */
  readonly code: 1 | 2;
  /** What to say, on one line. */
  readonly line: string;
}

/** Says an error in one line, and whose it is by the exit code. */
export function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) return { code: 2, line: oneLine(error.message) };
  if (error instanceof UserError) return { code: 1, line: oneLine(error.message) };
  if (error instanceof Deno.errors.NotCapable) return { code: 1, line: permissionLine(error) };
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
  const value = what === undefined || what.startsWith("<") ? "" : `=${what}`;
  return `Cannot go on: Deno grants no ${kind} access${
    value === "" ? "" : ` to ${what}`
  }; add ${flag}${value} before the name of the program`;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}
