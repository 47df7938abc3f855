/**
 * What flags a verb takes, in one table: parsing, `--help` and "did you mean" are read off it.
 *
 * @module
 */

import { listKnown, UsageError } from "../core/errors.ts";
import { parseArgs } from "../deps.ts";
import { nearest } from "../core/nearest.ts";

/** One flag. */
export interface Flag<T> {
  /** Placeholder of the value in `--help`; absent for a switch. */
  readonly value?: string;
  /** What it is for, in a line or two. */
  readonly text: string;
  /** The value without the flag, as `--help` shows it. */
  readonly shownDefault?: string;
  /** The value without the flag. */
  readonly default: T;
  /** Reads the text after the flag; throws {@linkcode UsageError}. `name` is the flag with its dashes. */
  readonly parse: (text: string, name: string) => T;
}

/** Flags by name, without the dashes. */
// deno-lint-ignore no-explicit-any -- a table holds flags of any type; `unknown` would not accept their parsers
export type FlagTable = Readonly<Record<string, Flag<any>>>;

/** The values of a table's flags. */
export type FlagValues<F extends FlagTable> = {
  readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never;
};

/** A flag without a value: present or not. */
export function switchFlag(text: string): Flag<boolean> {
  return { text, default: false, parse: () => true };
}

/** A flag whose value is any text; absent without a default. */
export function textFlag(value: string, text: string): Flag<string | undefined>;
/** A flag whose value is any text. */
export function textFlag(value: string, text: string, fallback: string): Flag<string>;
export function textFlag(
  value: string,
  text: string,
  fallback?: string,
): Flag<string | undefined> {
  return { value, text, default: fallback, shownDefault: fallback, parse: (given) => given };
}

/** Bounds of a number flag. */
export interface NumberBounds {
  /** Smallest accepted number. */
  readonly min?: number;
  /** Largest accepted number. */
  readonly max?: number;
  /** Whether it must be a whole number. */
  readonly whole?: boolean;
  /** Whether `min` itself is refused. */
  readonly aboveMin?: boolean;
}

/** A flag whose value is a number; absent without a default. */
export function numberFlag(
  value: string,
  text: string,
  bounds: NumberBounds & { readonly shownDefault?: string },
): Flag<number | undefined>;
/** A flag whose value is a number. */
export function numberFlag(
  value: string,
  text: string,
  bounds: NumberBounds,
  fallback: number,
): Flag<number>;
export function numberFlag(
  value: string,
  text: string,
  bounds: NumberBounds & { readonly shownDefault?: string },
  fallback?: number,
): Flag<number | undefined> {
  const { shownDefault = fallback === undefined ? undefined : String(fallback) } = bounds;
  const parse = (given: string, name: string) => {
    const number = given.trim() === "" ? NaN : Number(given);
    const { min = -Infinity, max = Infinity, whole, aboveMin } = bounds;
    const low = aboveMin ? number > min : number >= min;
    if (Number.isFinite(number) && low && number <= max && (!whole || Number.isInteger(number))) {
      return number;
    }
    throw new UsageError(`${name} is ${JSON.stringify(given)}, expected ${inWords(bounds)}`);
  };
  return { value, text, default: fallback, shownDefault, parse };
}

/** `a whole number from 1 to 8`. */
function inWords(
  { min, max, whole, aboveMin }: NumberBounds,
  kind = whole ? "a whole number" : "a number",
): string {
  if (min === undefined && max === undefined) return kind;
  if (max === undefined) return `${kind} ${aboveMin ? "above" : "of at least"} ${min}`;
  if (min === undefined) return `${kind} up to ${max}`;
  return aboveMin ? `${kind} above ${min} and up to ${max}` : `${kind} from ${min} to ${max}`;
}

/** A flag whose value is one of a few words; absent without a default. */
export function choiceFlag<const C extends string>(
  choices: readonly C[],
  text: string,
): Flag<C | undefined>;
/** A flag whose value is one of a few words. */
export function choiceFlag<const C extends string>(
  choices: readonly C[],
  text: string,
  fallback: NoInfer<C>,
): Flag<C>;
export function choiceFlag<const C extends string>(
  choices: readonly C[],
  text: string,
  fallback?: C,
): Flag<C | undefined> {
  const parse = (given: string, name: string) => {
    const choice = choices.find((known) => known === given);
    if (choice !== undefined) return choice;
    throw new UsageError(`${name} is ${JSON.stringify(given)}, expected ${listKnown(choices)}`);
  };
  return { value: choices.join("|"), text, default: fallback, shownDefault: fallback, parse };
}

/** A flag whose value is a row of whole numbers, `4,5,8` or `28x28x1`; absent unless given. */
export function numbersFlag(
  value: string,
  text: string,
  separator: "," | "x",
  { shownDefault, ...bounds }: Pick<NumberBounds, "min" | "max"> & {
    readonly shownDefault?: string;
  } = {},
): Flag<readonly number[] | undefined> {
  const parse = (given: string, name: string) => {
    const refused = (expected: string) =>
      new UsageError(`${name} is ${JSON.stringify(given)}, expected ${expected}`);
    const parts = given.split(separator);
    if (!parts.every((part) => /^\d+$/.test(part))) throw refused(`the form ${value}`);
    const numbers = parts.map(Number);
    const { min = -Infinity, max = Infinity } = bounds;
    if (numbers.every((number) => number >= min && number <= max)) return numbers;
    throw refused(inWords(bounds, "numbers"));
  };
  return { value, text, default: undefined, shownDefault, parse };
}

/** Letters that stand for a flag in every verb. */
const SHORT: Readonly<Record<string, string>> = { help: "h", quiet: "q", verbose: "v", out: "o" };

/**
 * Reads a command line by a table of flags.
 *
 * @returns The flags' values and the arguments that belong to none.
 * @throws {UsageError} For an unknown flag (naming the nearest known one), a missing, unfit or second value.
 *
 * @example
 * ```ts
 * import { numberFlag, readFlags, switchFlag } from "./flags.ts";
 * const table = { top: numberFlag("K", "classes to list", { min: 1, whole: true }, 3), json: switchFlag("JSON") };
 * const { values, words } = readFlags(["data.csv", "--top=5"], table);
 * if (values.top !== 5 || values.json || words[0] !== "data.csv") throw new Error();
 * ```
 */
export function readFlags<F extends FlagTable>(
  args: readonly string[],
  table: F,
): { values: FlagValues<F>; words: string[] } {
  const names = Object.keys(table);
  const isSwitch = (name: string) => table[name].value === undefined;
  const valued = names.filter((name) => !isSwitch(name));
  const short = names.filter((name) => name in SHORT);
  const parsed: Record<string, unknown> = parseArgs(joinNegative(args, valued), {
    boolean: names.filter(isSwitch),
    string: [...valued, "_"],
    collect: valued,
    alias: Object.fromEntries(short.map((name) => [name, SHORT[name]])),
    unknown: (arg: string, key?: string) => {
      if (key !== undefined) throw unknownFlag(arg, names);
      return true;
    },
  });
  const values: Record<string, unknown> = {};
  for (const name of names) {
    const flag = table[name];
    if (isSwitch(name)) values[name] = parsed[name] === true || flag.default;
    else {
      const given = (parsed[name] as unknown[]).map(String);
      values[name] = given.length === 0
        ? flag.default
        : flag.parse(onlyOf(given, name, flag), `--${name}`);
    }
  }
  return { values: values as FlagValues<F>, words: (parsed._ as unknown[]).map(String) };
}

/** The one text that a flag was given. @throws {UsageError} For none and for several. */
function onlyOf(given: readonly string[], name: string, { value }: Flag<unknown>): string {
  if (given.includes("")) throw new UsageError(`--${name} needs a value: --${name} ${value}`);
  if (given.length === 1) return given[0];
  const all = given.map((one) => JSON.stringify(one)).join(" and ");
  throw new UsageError(`--${name} is given ${given.length} times, as ${all}, expected one value`);
}

/** `--threads -1` as `--threads=-1`: a negative number after a flag that takes a value is its value, not another flag. */
function joinNegative(args: readonly string[], valued: readonly string[]): string[] {
  const flags = new Set(
    valued.flatMap((name) => [`--${name}`, ...name in SHORT ? [`-${SHORT[name]}`] : []]),
  );
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const joined: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const next = args[i + 1];
    if (i + 1 < end && flags.has(args[i]) && /^-\.?\d/.test(next)) {
      joined.push(`${args[i++]}=${next}`);
    } else joined.push(args[i]);
  }
  return joined;
}

function unknownFlag(arg: string, names: readonly string[]): UsageError {
  const flag = arg.replace(/=.*$/s, "");
  const name = flag.replace(/^-+/, "");
  // `--out=` arrives here: the parser takes "out=" for its name.
  if (names.includes(name)) return new UsageError(`${flag} needs a value`);
  const wanted = nearest(name, names);
  return new UsageError(
    `unknown flag ${flag}${wanted === undefined ? "" : `; did you mean --${wanted}?`}`,
  );
}
