/** One verb on one row of arguments. @module */

import { UsageError } from "../core/errors.ts";
import { type FlagTable, type FlagValues, readFlags } from "./flags.ts";
import { type Context, GLOBAL_FLAGS, type Result, type Verb } from "./verb.ts";

/** Arguments of a verb, read and checked. */
export interface VerbArguments {
  /** Arguments that belong to no flag. */
  readonly words: readonly string[];
  /** Values of the flags. */
  readonly flags: FlagValues<typeof GLOBAL_FLAGS>;
  /** The verb and all arguments, as they were given. */
  readonly command: readonly string[];
}

/**
 * Reads the arguments of a verb.
 *
 * @throws {UsageError} For an unknown flag, a value that does not fit, or too few or many words.
 */
export function readArguments(verb: Verb, args: readonly string[]): VerbArguments {
  const table: FlagTable & typeof GLOBAL_FLAGS = { ...verb.flags, ...GLOBAL_FLAGS };
  const { values, words } = readFlags(args, table);
  const [min, max] = verb.count;
  if (words.includes("")) {
    throw new UsageError(`an argument of ${verb.name} is empty, expected ${verb.words || "none"}`);
  }
  if (words.length < min) throw new UsageError(`${verb.name} needs ${verb.words}`);
  if (words.length > max) {
    throw new UsageError(
      `${verb.name} was given ${words.length} arguments, expected ${verb.words || "none"}`,
    );
  }
  return { words, flags: values, command: [verb.name, ...args] };
}

/** Runs a verb on arguments of {@linkcode readArguments}. */
export function runVerb(
  verb: Verb,
  { words, flags, command }: VerbArguments,
  voice: Omit<Context<FlagTable>, "words" | "flags" | "command">,
): Promise<Result> {
  return verb.run({ ...voice, words, command, flags: flags as Context<FlagTable>["flags"] });
}
