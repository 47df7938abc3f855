/** Class names from the labels of a data set. @module */

import { quoted } from "../core/quoted.ts";

/** Classes in order, and the class of each raw label. */
export interface ClassNames {
  /** Class names: by number if all are whole numbers, else by name. */
  readonly classes: readonly string[];
  /** Class number of each of the raw labels. */
  readonly numberOf: Int32Array;
  /** Guesses that were made, a line each. */
  readonly notes: readonly string[];
}

/** Options of {@linkcode orderClasses}. */
export interface ClassNameOptions {
  /**
   * Whether `1.0` is another spelling of `1`, as in tables: pandas writes whole numbers so when one of the column is missing.
   *
   * @default {false}
   */
  readonly numbers?: boolean;
  /**
   * Parts (`train`, `test` …) in which each raw label occurs. Spellings that differ by case only are one class if no part has both.
   *
   * @default all labels are of one part
   */
  readonly parts?: readonly ReadonlySet<string | undefined>[];
}

/** A whole number without leading zeros: `01` may be a code, of which nobody knows whether it is `1`. */
const WHOLE = /^[+-]?(0|[1-9]\d*)(\.0*)?$/;

/** Pairs of spellings that a note names. */
const NAMED_PAIRS = 3;

/**
 * Orders class names: `"2"` before `"10"` if all labels are whole numbers, else by code unit, whatever the machine's language. Labels
 * are text as written, but for the exceptions of the options, each of which is reported.
 *
 * @param raw The distinct labels.
 *
 * @example
 * ```ts
 * import { orderClasses } from "./class_names.ts";
 * const { classes, numberOf, notes } = orderClasses(["10", "2", "10.0"], { numbers: true });
 * if (classes.join() !== "2,10" || numberOf.join() !== "1,0,1" || notes.length !== 1) throw new Error();
 * if (orderClasses(["7", "007"], { numbers: true }).classes.length !== 2) throw new Error();
 * ```
 */
export function orderClasses(
  raw: readonly string[],
  { numbers = false, parts }: ClassNameOptions = {},
): ClassNames {
  const notes: string[] = [];
  // One class is one name, whether a system writes "é" as one character or as two.
  let names = raw.map((label) => label.normalize("NFC"));
  if (numbers) names = sameNumbers(names, notes);
  names = sameButForCase(names, parts, notes);
  const classes = orderNames(names);
  const index = new Map(classes.map((name, i) => [name, i]));
  return { classes, numberOf: Int32Array.from(names, (name) => index.get(name)!), notes };
}

/** Whole numbers as they are commonly written, if all labels are such. */
function sameNumbers(names: string[], notes: string[]): string[] {
  if (!names.every((name) => WHOLE.test(name))) {
    const written = new Set(names);
    const padded = names.find((name) => /^0+\d+$/.test(name) && written.has(plain(name)));
    if (padded !== undefined) {
      notes.push(
        `labels ${quoted(plain(padded))} and ${
          quoted(padded)
        } stay two classes: labels are text; ` +
          "write them alike if they are one",
      );
    }
    return names;
  }
  // As text: identifiers of 20 digits must not run together.
  const whole = names.map((name) => name.replace(/^\+|\.0*$/g, "").replace(/^-0$/, "0"));
  const odd = names.findIndex((name, i) => name !== whole[i]);
  if (odd < 0) return names;
  notes.push(
    new Set(whole).size < new Set(names).size
      ? `labels such as ${quoted(names[odd])} and ${quoted(whole[odd])} are read as one class, ${
        quoted(whole[odd])
      }`
      : `labels such as ${quoted(names[odd])} are read as whole numbers: class ${
        quoted(whole[odd])
      }`,
  );
  return whole;
}

/** Spellings that differ by case only. */
function sameButForCase(
  names: string[],
  parts: ClassNameOptions["parts"],
  notes: string[],
): string[] {
  const spellings = new Map<string, Map<string, Set<string | undefined>>>();
  names.forEach((name, i) => {
    const key = name.toLowerCase();
    const known = spellings.get(key) ?? new Map<string, Set<string | undefined>>();
    spellings.set(key, known);
    known.set(name, (known.get(name) ?? new Set()).union(parts?.[i] ?? new Set([undefined])));
  });
  const renamed = new Map<string, string>();
  const kept: string[] = [];
  for (const known of spellings.values()) {
    if (known.size < 2) continue;
    const ofParts = [...known.values()];
    const total = ofParts.reduce((sum, set) => sum + set.size, 0);
    const isApart = total === ofParts.reduce((all, set) => all.union(set)).size;
    const written = [...known.keys()].sort();
    if (!isApart) {
      kept.push(written.map(quoted).join(" and "));
      continue;
    }
    const name = written.find((one) => known.get(one)!.has("train")) ?? written[0];
    for (const one of written) renamed.set(one, name);
  }
  if (renamed.size > 0) {
    const pairs = [...renamed].filter(([from, to]) => from !== to)
      .map(([from, to]) => `${quoted(from)} is read as ${quoted(to)}`);
    notes.push(`classes of the parts differ by case only: ${few(pairs)}`);
  }
  if (kept.length > 0) {
    notes.push(
      `classes that differ by case only stay apart: ${few(kept)}; name them alike if they are one`,
    );
  }
  return renamed.size === 0 ? names : names.map((name) => renamed.get(name) ?? name);
}

function few(texts: readonly string[]): string {
  const more = texts.length - NAMED_PAIRS;
  return texts.slice(0, NAMED_PAIRS).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** A number without leading zeros. */
function plain(digits: string): string {
  return digits.replace(/^0+(?=\d)/, "");
}

/**
 * Orders names: `"2"` before `"10"` if all are whole numbers, else by code unit. They stay as they are: `"01"` is not `"1"`.
 *
 * @param names Names, each as often as it comes.
 *
 * @example
 * ```ts
 * import { orderNames } from "./class_names.ts";
 * if (orderNames(["10", "2", "1", "2"]).join() !== "1,2,10") throw new Error();
 * ```
 */
export function orderNames(names: readonly string[]): string[] {
  const distinct = [...new Set(names)].sort();
  if (!distinct.every((name) => /^-?\d+$/.test(name))) return distinct;
  const values = new Map(distinct.map((name) => [name, BigInt(name)]));
  return distinct.sort((a, b) => {
    const [first, second] = [values.get(a)!, values.get(b)!];
    return first < second ? -1 : first > second ? 1 : 0;
  });
}

/**
 * Finds classes among known ones: by name, else by another spelling of it (`01` of `1`, `Anger` of `anger`) that no other class has.
 * Models of older versions have classes `1` from tables with labels `01`.
 *
 * @param own Class names of some data.
 * @param known Class names of a model.
 * @returns Place of each among the known ones, -1 for none, and notes of the spellings that differ.
 *
 * @example
 * ```ts
 * import { matchClasses } from "./class_names.ts";
 * const { places, notes } = matchClasses(["01", "2"], ["1", "2"]);
 * if (places.join() !== "0,1" || notes.length !== 1) throw new Error();
 * if (matchClasses(["01", "1"], ["1", "2"]).places.join() !== "-1,0") throw new Error();
 * ```
 */
export function matchClasses(
  own: readonly string[],
  known: readonly string[],
): { readonly places: readonly number[]; readonly notes: readonly string[] } {
  const index = new Map(known.map((name, i) => [name, i]));
  const [ownSpellings, knownSpellings] = [own, known].map((names) =>
    Map.groupBy(names, (name) => spelling(name))
  );
  const notes: string[] = [];
  const places = own.map((name) => {
    const place = index.get(name);
    const same = knownSpellings.get(spelling(name));
    if (place !== undefined || same?.length !== 1) return place ?? -1;
    if (ownSpellings.get(spelling(name))!.length > 1) return -1;
    notes.push(`class ${quoted(name)} is read as the known class ${quoted(same[0])}`);
    return index.get(same[0])!;
  });
  const more = notes.length - NAMED_PAIRS;
  if (more > 0) notes.splice(NAMED_PAIRS, more, `so are ${more} more that are written differently`);
  return { places, notes };
}

/** The same for spellings that differ by case, or by how a whole number is written. */
function spelling(name: string): string {
  if (/^\d+$/.test(name)) return plain(name);
  return WHOLE.test(name) ? name.replace(/^\+|\.0*$/g, "") : name.toLowerCase();
}
