/** What a verb of the command line is. @module */

import type { Progress } from "../core/progress.ts";
import { type FlagTable, type FlagValues, numberFlag, switchFlag } from "./flags.ts";
import type { Page } from "./page.ts";

/** Flags that every verb takes. */
export const GLOBAL_FLAGS = {
  json: switchFlag(
    "print the result as one JSON object on stdout; progress, notes and errors are JSON lines on stderr, their kind " +
      'in "event"',
  ),
  threads: numberFlag("N", "threads to compute with", {
    min: 1,
    max: 8,
    whole: true,
    shownDefault: "GRAFT_THREADS, else the number of cores",
  }),
  verbose: switchFlag(
    "say more on stderr: the backend, each epoch, and how long each stage took",
  ),
  quiet: switchFlag("say nothing on stderr but errors"),
  debug: switchFlag("show the stack of an error"),
  help: switchFlag("show this help"),
} satisfies FlagTable;

/** What a verb hands back: the same result for people and for programs. */
export interface Result {
  /** Printed on stdout, without a last line end. */
  readonly text: string;
  /** Printed on stdout with `--json`, as one line. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** What a verb gets. */
export interface Context<F extends FlagTable> {
  /** Arguments that belong to no flag. */
  readonly words: readonly string[];
  /** Values of the flags. */
  readonly flags: FlagValues<F & typeof GLOBAL_FLAGS>;
  /** The verb and all arguments, as they were given. */
  readonly command: readonly string[];
  /** Stops the work on Ctrl-C. */
  readonly signal: AbortSignal;
  /**
   * Says what the verb does from now on when it is stopped, for instance `"keeping the best weights so far"`: Ctrl-C
   * tells it, and waits for it however long it takes. `undefined`: nothing is left to do, two seconds are enough.
   */
  readonly whenStopped: (what: string | undefined) => void;
  /** What the result's text is going to be printed on. */
  readonly page: Page;
  /** Shows progress. */
  readonly onProgress: (progress: Progress) => void;
  /** Prints a line of the result on stdout at once; nothing with `--json`. For verbs of several steps. */
  readonly say: (line: string) => void;
  /** Says something on stderr that is no error; not with `--quiet`. */
  readonly note: (line: string) => void;
  /** Says something on stderr with `--verbose` only. */
  readonly detail: (line: string) => void;
  /** Tells programs of something that happened, by a line of JSON on stderr; people with `--verbose`, where there is a line. */
  readonly event: (name: string, fields: Readonly<Record<string, unknown>>, line?: string) => void;
}

/** A verb. */
export interface Verb<F extends FlagTable = FlagTable> {
  /** The word on the command line. */
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** The positional arguments, as in `<data> [more…]`. */
  readonly words: string;
  /** Fewest and most positional arguments. */
  readonly count: readonly [min: number, max: number];
  /** Its own flags. */
  readonly flags: F;
  /** Permissions it needs, most to least common, for `--help`. */
  readonly permissions: string;
  /** Lines that a user can try. */
  readonly examples: readonly string[];
  /** Does the work. */
  readonly run: (context: Context<F>) => Promise<Result>;
}

/** Declares a verb; the types of `run`'s flags follow from the table. */
export function defineVerb<const F extends FlagTable>(verb: Verb<F>): Verb {
  // Sound: `run` is only ever given what was read by the verb's own table.
  return verb as unknown as Verb;
}
