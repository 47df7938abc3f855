/** Options that programs without types misspell, or give in another type. @module */

import { UserError } from "./errors.ts";
import { awaitAdvice, givenKind } from "./given_kind.ts";
import { nearest } from "./nearest.ts";
import type { ProgressOptions } from "./progress.ts";
import { quoted } from "./quoted.ts";

/** What an option may be; `"any"` is judged by whoever uses it. */
type PlainKind = "number" | "string" | "boolean" | "function" | "list" | "signal" | "any";

/** The kind that belongs to a type: options of several types are `"any"`, options of options have a table of their own. */
type KindOf<V> = [V] extends [number] ? "number"
  : [V] extends [boolean] ? "boolean"
  : [V] extends [string] ? "string"
  : [V] extends [(...given: never[]) => unknown] ? "function"
  : [V] extends [readonly unknown[]] ? "list"
  : [V] extends [AbortSignal] ? "signal"
  : "any" | ([V] extends [object] ? OptionKinds<V> : never);

/**
 * Every option of `O` with its kind. It stands beside the type: an option that is added there and not here fails the type check, and so
 * does one of another type.
 */
export type OptionKinds<O> = { readonly [Name in keyof O]-?: KindOf<Exclude<O[Name], undefined>> };

/** What {@linkcode checkOptions} goes by. */
interface Kinds {
  readonly [name: string]: PlainKind | Kinds;
}

/** Of {@linkcode ProgressOptions}. */
export const PROGRESS_KINDS: OptionKinds<ProgressOptions> = {
  onProgress: "function",
  signal: "signal",
};

const IN_WORDS: Readonly<Record<Exclude<PlainKind, "any">, string>> = {
  number: "a number",
  string: "a text",
  boolean: "true or false",
  function: "a function",
  list: "a list",
  signal: "an AbortSignal, as the signal of an AbortController",
};

/** Who takes the options. */
export interface OptionTaker {
  /** What cannot be done: `"train"`. */
  readonly action: string;
  /** What was called: `"fit"`. */
  readonly method: string;
}

/**
 * Refuses options that nobody would look at: misspelt ones, and those of another type. What is undefined counts as not given.
 *
 * @param kinds Table of `OptionKinds` for the options.
 * @throws {UserError} With the option that is likely meant, else with those that there are.
 *
 * @example
 * ```ts
 * import { checkOptions } from "./check_options.ts";
 * const taker = { action: "split", method: "split" };
 * checkOptions({ testSize: 0.1 }, { testSize: "number" }, taker);
 * try {
 *   checkOptions({ test_size: 0.1 }, { testSize: "number" }, taker);
 * } catch (error) {
 *   console.log(error); // Cannot split: split has no option "test_size"; did you mean "testSize"?
 * }
 * ```
 */
export function checkOptions(options: unknown, kinds: object, taker: OptionTaker): void {
  if (options !== undefined) checkAll(options, kinds as Kinds, taker, "");
}

function checkAll(options: unknown, kinds: Kinds, taker: OptionTaker, within: string): void {
  const { action, method } = taker;
  if (!isPlain(options)) {
    const what = within === "" ? `the options of ${method}` : within;
    throw new UserError(
      `Cannot ${action}: ${what} ${within === "" ? "are" : "is"} ${
        givenKind(options)
      }, expected an object` +
        adviceFor(options, `; write { ${Object.keys(kinds)[0]}: … }`),
    );
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const path = within === "" ? name : `${within}.${name}`;
    if (!Object.hasOwn(kinds, name)) throw unknownOption(name, path, kinds, taker);
    const kind = kinds[name];
    if (typeof kind === "object") checkAll(value, kind, taker, path);
    else if (!isOfKind(value, kind)) {
      const expected = IN_WORDS[kind as Exclude<PlainKind, "any">];
      throw new UserError(
        `Cannot ${action}: ${path} is ${shown(value)}, expected ${expected}${adviceFor(value, "")}`,
      );
    }
  }
}

/** An object with options rather than a list, a file, a data set or a promise. */
function isPlain(options: unknown): options is Record<string, unknown> {
  return typeof options === "object" && options !== null && !Array.isArray(options) &&
    !ArrayBuffer.isView(options) && awaitAdvice(options) === undefined &&
    !(options instanceof URL) && !(options instanceof AbortSignal);
}

function unknownOption(
  name: string,
  path: string,
  kinds: Kinds,
  { action, method }: OptionTaker,
): UserError {
  const known = Object.keys(kinds);
  // imagesize and test_size are a slip of the convention, however many letters it takes
  const bare = (text: string) => text.replace(/[_-]/g, "").toLowerCase();
  const meant = known.find((other) => bare(other) === bare(name)) ?? nearest(name, known);
  const advice = meant === undefined
    ? `it takes ${known.join(", ")}`
    : `did you mean ${quoted(meant)}?`;
  return new UserError(`Cannot ${action}: ${method} has no option ${quoted(path)}; ${advice}`);
}

function isOfKind(value: unknown, kind: PlainKind): boolean {
  if (kind === "any") return true;
  if (kind === "list") return Array.isArray(value) || ArrayBuffer.isView(value);
  if (kind === "signal") return value instanceof AbortSignal;
  const type: string = typeof value;
  return type === kind;
}

/** What was given, with its value where that is short. */
function shown(value: unknown): string {
  if (typeof value === "string") return `the text ${quoted(value)}`;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : givenKind(value);
}

function adviceFor(value: unknown, otherwise: string): string {
  const advice = awaitAdvice(value);
  return advice === undefined ? otherwise : `; ${advice}`;
}
