/**
 * Stand-in for `jsr:@std/cli/parse-args` where JSR cannot be reached: the same call, the same answers for
 * everything but dotted names (`--a.b 1` makes no nested object here). Written for this checkout; users who
 * import graft from JSR or a URL get the genuine package, and `deno task test:genuine` runs the suite on it.
 *
 * @module
 */

/** What {@linkcode parseArgs} found: one entry per flag, positionals in `_`. */
export type Args = {
  /** Arguments that belong to no flag. */
  _: (string | number)[];
  /** What follows a lone `--`, where the option `"--"` asks for it apart. */
  "--"?: string[];
  [flag: string]: unknown;
};

/** Options of {@linkcode parseArgs}. */
export interface ParseOptions {
  /** Put what follows a lone `--` into `result["--"]`; otherwise it joins `_`. @default {false} */
  "--"?: boolean;
  /** Other names of a flag; the value is set under every one of them. */
  alias?: Record<string, string | readonly string[]>;
  /** Flags that take no value; `true` makes every `--flag` without `=` one. Absent ones become `false`. */
  boolean?: boolean | string | readonly string[];
  /** Values of flags that are not given. */
  default?: Record<string, unknown>;
  /** Everything after the first positional is positional too. @default {false} */
  stopEarly?: boolean;
  /** Flags whose value stays text (`"_"`: positionals stay text). Without a value they become `""`. */
  string?: string | readonly string[];
  /** Flags that may be repeated; their value is an array, `[]` when absent. */
  collect?: string | readonly string[];
  /** Flags that `--no-flag` sets to `false`. */
  negatable?: string | readonly string[];
  /** Called with what is in no list above; answer `false` to leave it out of the result. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** Reads a command line in the manner of minimist; see {@linkcode ParseOptions}. */
export function parseArgs(args: string[], options: ParseOptions = {}): Args {
  const aliases = aliasGroups(options.alias ?? {});
  const withAliases = (names: boolean | string | readonly string[] | undefined) => {
    const set = new Set<string>();
    if (typeof names === "boolean" || names === undefined) return set;
    for (const name of typeof names === "string" ? [names] : names) {
      set.add(name);
      for (const other of aliases.get(name) ?? []) set.add(other);
    }
    return set;
  };
  const booleans = withAliases(options.boolean);
  const allBooleans = options.boolean === true;
  const strings = withAliases(options.string);
  const collected = withAliases(options.collect);
  const negatable = withAliases(options.negatable);
  const result: Args = { _: [] };

  const isBoolean = (key: string) =>
    booleans.has(key) || [...aliases.get(key) ?? []].some((other) => booleans.has(other));

  const set = (key: string, given: string | boolean, arg: string, append = true) => {
    const known = booleans.has(key) || strings.has(key) || aliases.has(key) ||
      (allBooleans && /^--[^=]+$/.test(arg));
    if (!known && options.unknown?.(arg, key, given) === false) return;
    const value = typeof given === "string" && !strings.has(key) ? numberIfNumeric(given) : given;
    for (const name of [key, ...aliases.get(key) ?? []]) {
      if (!append || !collected.has(name)) {
        result[name] = value;
        continue;
      }
      const before = result[name];
      if (Array.isArray(before)) before.push(value);
      else result[name] = before ? [before, value] : [value];
    }
  };

  const end = args.indexOf("--");
  const flagsAndWords = end === -1 ? args : args.slice(0, end);
  const rest = end === -1 ? [] : args.slice(end + 1);

  /** Sets `key` from the argument at `next`, where that is its value; returns how many arguments it used. */
  const setFromNext = (key: string, arg: string, next: string | undefined, isValue: boolean) => {
    if (next && isValue) return set(key, next, arg), 1;
    if (next === "true" || next === "false") return set(key, next === "true", arg), 1;
    return set(key, strings.has(key) ? "" : true, arg), 0;
  };

  for (let i = 0; i < flagsAndWords.length; i++) {
    const arg = flagsAndWords[i];
    const next = flagsAndWords[i + 1];
    if (arg.startsWith("--")) {
      const { key: name, value } = splitAtEquals(arg.slice(2));
      const negated = name.startsWith("no-") && name.length > 3;
      if (value !== undefined) {
        // Upstream strips "no-" before it looks at the value: --no-color=x sets "color" to x.
        const key = negated ? name.slice(3) : name;
        set(key, booleans.has(key) ? value !== "false" : value, arg);
      } else if (negated && negatable.has(name.slice(3))) {
        set(name.slice(3), false, arg, false);
      } else {
        const isValue = !isBoolean(name) && !allBooleans && !next?.startsWith("-");
        i += setFromNext(name, arg, next, isValue);
      }
    } else if (arg.startsWith("-") && arg !== "-") {
      if (setLetters(arg, set, strings)) continue;
      const key = arg.slice(-1);
      if (key === "-") continue;
      i += setFromNext(key, arg, next, !isBoolean(key) && !/^--?[^-]/.test(next ?? ""));
    } else {
      if (options.unknown?.(arg) !== false) {
        result._.push(strings.has("_") ? arg : numberIfNumeric(arg));
      }
      if (options.stopEarly) {
        result._.push(...flagsAndWords.slice(i + 1));
        break;
      }
    }
  }

  for (const [key, value] of Object.entries(options.default ?? {})) {
    if (Object.hasOwn(result, key)) continue;
    for (const name of [key, ...aliases.get(key) ?? []]) result[name] = value;
  }
  for (const key of booleans) {
    if (!Object.hasOwn(result, key)) result[key] = collected.has(key) ? [] : false;
  }
  for (const key of strings) {
    if (!Object.hasOwn(result, key) && collected.has(key)) result[key] = [];
  }
  if (options["--"]) result["--"] = rest;
  else result._.push(...rest);
  return result;
}

/** Every name of a group of aliases -> the others of its group. */
function aliasGroups(alias: Record<string, string | readonly string[]>): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  for (const [key, value] of Object.entries(alias)) {
    const group = [key, ...typeof value === "string" ? [value] : value];
    for (const name of group) groups.set(name, new Set(group.filter((other) => other !== name)));
  }
  return groups;
}

/** Splits `key=value` at the first `=` that has something on both sides. */
function splitAtEquals(text: string): { key: string; value?: string } {
  const at = text.indexOf("=", 1);
  if (at === -1 || at === text.length - 1) return { key: text };
  return { key: text.slice(0, at), value: text.slice(at + 1) };
}

/**
 * Sets all letters but the last of `-abc`; a letter may carry its value: `-k=v`, `-n5`, `-o./x`.
 *
 * @returns Whether a value used up the rest, the last letter included.
 */
function setLetters(
  arg: string,
  set: (key: string, value: string | boolean, arg: string) => void,
  strings: ReadonlySet<string>,
): boolean {
  for (let j = 1; j < arg.length - 1; j++) {
    const letter = arg[j];
    const rest = arg.slice(j + 1);
    if (rest === "-") {
      set(letter, rest, arg);
      continue;
    }
    const isLetter = /[A-Za-z]/.test(letter);
    if (isLetter && rest.includes("=")) {
      set(letter, rest.slice(rest.indexOf("=") + 1), arg);
      return true;
    }
    const attachedNumber = isLetter && /-?\d+(\.\d*)?(e-?\d+)?$/.test(rest);
    const attachedWord = j < arg.length - 2 && /\W/.test(rest[0]);
    if (attachedNumber || attachedWord) {
      set(letter, rest, arg);
      return true;
    }
    set(letter, strings.has(letter) ? "" : true, arg);
  }
  return false;
}

/** The number that `text` spells in decimal or `0x…`, else `text`. */
function numberIfNumeric(text: string): string | number {
  const numeric = /^0x[0-9a-f]+$/i.test(text) ||
    /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(e[-+]?\d+)?$/.test(text);
  return numeric ? Number(text) : text;
}
