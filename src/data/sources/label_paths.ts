/** Classes and parts of pictures, by where they lie and what they are called. @module */

import { UserError } from "../../core/errors.ts";
import { quoted, quotedList } from "../../core/quoted.ts";
import { type NamedPart, type PartKind, partNameOf } from "./part_name.ts";
import { withoutEnding } from "./picture_files.ts";

/** What the paths tell. */
export interface PathLabels {
  /** Class of each path; `undefined` where it cannot be told. */
  readonly labels: readonly (string | undefined)[];
  /** Part of each path, if there are folders `train`, `val` or `test`; `undefined` for an image beside them. */
  readonly parts: readonly (PartKind | undefined)[] | undefined;
  /** Where the classes are from; `undefined` where there are none. */
  readonly from: LabelOrigin | undefined;
  /** Why there are no classes, where more can be said than that. */
  readonly obstacle?: string;
  /** Guesses that were made, a line each. */
  readonly notes: readonly string[];
}

/** Where classes are from. */
export type LabelOrigin = "folders" | "file names" | "pattern";

/** Options of {@linkcode labelPaths}. */
export interface LabelPathsOptions {
  /** Pattern whose named or first group, in the path, is the class. @default folders, else the beginnings of file names */
  readonly labelFrom?: string | RegExp;
}

/**
 * Finds the class of each picture: the folder that it lies in, else, of pictures in a single folder, the file's name before its
 * number (`cat.0.jpg`, `chihuahua_99.jpg`, `cat (12).jpg`). Above the classes there may be folders for the parts of a split.
 *
 * @param paths Paths of pictures, `/` between the parts.
 * @param name What to call the source in messages.
 * @throws {UserError} When `labelFrom` is no pattern with a group or fits no path.
 *
 * @example
 * ```ts
 * import { labelPaths } from "./label_paths.ts";
 * const { labels } = labelPaths(["a/cat.0.jpg", "a/cat.1.jpg", "a/chihuahua_99.jpg"], "pets.zip");
 * if (labels.join() !== "cat,cat,chihuahua") throw new Error(labels.join());
 * const split = labelPaths(["train/cat/a.jpg", "train/dog/b.jpg", "val/dog/c.jpg"], "pets");
 * if (split.labels.join() !== "cat,dog,dog" || split.parts![2] !== "validation") throw new Error();
 * ```
 */
export function labelPaths(
  paths: readonly string[],
  name: string,
  { labelFrom }: LabelPathsOptions = {},
): PathLabels {
  const given = paths.map((path) =>
    // One class is one name, whether a system writes "é" as one character or as two.
    path.normalize("NFC").split("/").filter((part) => part !== "" && part !== "." && part !== "..")
  );
  const whole = stripShared(given);
  const parts = partsOf(whole.places);
  if (labelFrom !== undefined) {
    const labels = byPattern(given, labelFrom, name);
    const divided = parts === "unclear" || parts === undefined ? undefined : parts;
    return { labels, parts: divided?.of, from: "pattern", notes: divided?.notes ?? [] };
  }
  if (parts === "unclear") {
    const obstacle = "of its folders some are called like parts (train, test) and some are not";
    return {
      labels: given.map(() => undefined),
      parts: undefined,
      from: undefined,
      obstacle,
      notes: [],
    };
  }
  if (parts === undefined) {
    return { ...byPlace(whole.places, whole.stripped), ...partsInClasses(whole.places) };
  }
  const inner = withinParts(whole.places, parts.of);
  // Images to be tested on may come without classes: those to train on decide where to look.
  const rule = byPlace(inner.filter((_, i) => parts.of[i] === "train"), undefined);
  if (rule.from === "folders") unwrapUnlabelled(inner, parts.of, new Set(rule.labels));
  const found = rule.from === "folders"
    ? inner.map(folderOf)
    : rule.from === "file names"
    ? byName(inner)
    : [];
  // An image beside the parts is none of them.
  const labels = inner.map((_, i) =>
    parts.of[i] && parts.of[i] !== "unlabelled" ? found[i] : undefined
  );
  return { ...rule, parts: parts.of, labels, notes: parts.notes };
}

/** A path's parts. */
type Place = readonly string[];

/** Takes away the folders that hold everything; the last of them is handed back. */
function stripShared(places: readonly Place[]): { places: Place[]; stripped: string | undefined } {
  let depth = 0;
  const shared = () => {
    const first = places[0]?.[depth];
    return places.every((place) => place.length > depth + 1 && place[depth] === first);
  };
  while (places.length > 0 && shared()) depth++;
  return {
    places: places.map((place) => place.slice(depth)),
    stripped: depth > 0 ? places[0][depth - 1] : undefined,
  };
}

/** Part of each path, and what was guessed. */
interface Divided {
  readonly of: (PartKind | undefined)[];
  readonly notes: readonly string[];
}

/**
 * The parts, if the folders are called so and one is for training; a class may be called `train`, but hardly two like parts. Names
 * that say more than a part (`seg_train`) count only if all folders are parts and they say the same, or one says nothing more.
 */
function partsOf(places: readonly Place[]): Divided | undefined | "unclear" {
  const folders = new Set(places.flatMap((place) => place.length > 1 ? [place[0]] : []));
  const named = new Map<string, NamedPart>();
  for (const folder of folders) {
    const part = partNameOf(folder);
    if (part !== undefined) named.set(folder, part);
  }
  const rests = new Set([...named.values()].map(({ rest }) => rest));
  const isLoose = named.size === folders.size && (rests.size === 1 || rests.has(""));
  for (const [folder, { rest }] of named) if (rest !== "" && !isLoose) named.delete(folder);
  const kinds = new Set([...named.values()].map(({ part }) => part));
  if (!kinds.has("train") || kinds.size < 2) return undefined;
  if (named.size < folders.size) return "unclear";
  const guessed = [...named].filter(([, { rest }]) => rest !== "");
  const texts = guessed.map(([folder, { part }]) => `${quoted(folder)} as ${part}`);
  return {
    of: places.map((place) => place.length > 1 ? named.get(place[0])?.part : undefined),
    notes: texts.length === 0 ? [] : [`folders are read as parts: ${texts.join(", ")}`],
  };
}

/** Parts below the classes: `cat/train/1.jpg`, if that is what all paths are like. */
function partsInClasses(
  places: readonly Place[],
): Pick<PathLabels, "parts" | "notes"> {
  const parts = places.map((place) => {
    const named = place.length === 3 ? partNameOf(place[1]) : undefined;
    return named?.rest === "" ? named.part : undefined;
  });
  const kinds = new Set(parts);
  const isDivided = !kinds.has(undefined) && kinds.has("train") && kinds.size > 1 &&
    new Set(places.map(([folder]) => folder)).size > 1;
  return isDivided
    ? { parts, notes: ["folders within those of the classes are read as parts: train, test …"] }
    : { parts: undefined, notes: [] };
}

/** Takes away the folder that all images of a part lie in, unless it is a class to train on: `test/images/1.jpg` has no class. */
function unwrapUnlabelled(
  inner: Place[],
  parts: readonly (PartKind | undefined)[],
  classes: ReadonlySet<string | undefined>,
): void {
  const known = new Set([...classes].map((name) => name?.toLowerCase()));
  for (const part of new Set(parts)) {
    if (part === undefined || part === "train") continue;
    const rows = parts.flatMap((other, i) => other === part ? [i] : []);
    const first = inner[rows[0]][0];
    const isOne = rows.every((i) => inner[i].length > 1 && inner[i][0] === first);
    if (isOne && !known.has(first.toLowerCase())) {
      for (const i of rows) inner[i] = inner[i].slice(1);
    }
  }
}

/** Places within the parts; a folder that holds all of a part (`training_set/training_set/…`) goes, too. */
function withinParts(
  places: readonly Place[],
  parts: readonly (PartKind | undefined)[],
): Place[] {
  const inner = places.map((place, i) => parts[i] ? place.slice(1) : place);
  for (const part of new Set(parts)) {
    if (part === undefined) continue;
    const rows = parts.flatMap((other, i) => other === part ? [i] : []);
    const [first] = inner[rows[0]];
    const isWrapped = rows.every((i) => {
      return inner[i][0] === first && (inner[i].length > 2 || first === places[i][0]);
    });
    if (isWrapped && rows.every((i) => inner[i].length > 1)) {
      for (const i of rows) inner[i] = inner[i].slice(1);
    }
  }
  return inner;
}

function byPlace(
  places: readonly Place[],
  folder: string | undefined,
): Omit<PathLabels, "parts" | "notes"> {
  const beside = places.filter((place) => place.length === 1).length;
  const inFolders = places.length - beside;
  if (inFolders > 0) {
    if (beside < inFolders) return { labels: places.map(folderOf), from: "folders" };
    const obstacle = `of its pictures ${inFolders} lie in sub-folders and ${beside} beside them`;
    return { labels: places.map(() => undefined), from: undefined, obstacle };
  }
  const labels = byName(places);
  const classes = new Set(labels);
  classes.delete(undefined);
  // One folder of one class.
  if (classes.size < 2 && folder !== undefined) {
    return { labels: places.map(() => folder), from: "folders" };
  }
  // Names that are nearly all different are no classes.
  const isPlausible = classes.size > 0 && 3 * classes.size <= 2 * places.length;
  return isPlausible
    ? { labels, from: "file names" }
    : { labels: places.map(() => undefined), from: undefined };
}

function folderOf(place: Place): string | undefined {
  return place.length > 1 ? place[0] : undefined;
}

/** The text before the number at the end; a name without a number counts where others have it before theirs. */
function byName(places: readonly Place[]): (string | undefined)[] {
  const stems = places.map((place) => withoutEnding(place[place.length - 1]).trim());
  const numbered = stems.map(beforeNumber);
  const known = new Set(numbered);
  return stems.map((stem, i) => numbered[i] ?? (known.has(stem) ? stem : undefined));
}

/** `american_bulldog` of `american_bulldog_203`, `cat` of `cat (7)` and of `cat7`; a class has a letter. */
function beforeNumber(stem: string): string | undefined {
  const found = /^(.+?)[ ._-]+\(?\d+\)?$/.exec(stem) ?? /^(.*?\p{L})\(?\d+\)?$/u.exec(stem);
  return found && /\p{L}/u.test(found[1]) ? found[1].trim() : undefined;
}

function byPattern(
  places: readonly Place[],
  labelFrom: string | RegExp,
  name: string,
): (string | undefined)[] {
  const pattern = compile(labelFrom);
  const labels = places.map((place) => {
    const found = pattern.exec(place.join("/"));
    const label = found?.groups ? Object.values(found.groups)[0] : found?.[1];
    return label?.trim() || undefined;
  });
  if (places.length > 0 && labels.every((label) => label === undefined)) {
    throw new UserError(
      `Cannot tell the classes of ${name}: the pattern ${
        quoted(pattern.source)
      } fits none of its ${places.length} ` +
        `pictures, which are ${
          quotedList(places.map((place) => place.join("/")), 2)
        }; change the pattern`,
    );
  }
  return labels;
}

function compile(labelFrom: string | RegExp): RegExp {
  const text = labelFrom instanceof RegExp ? labelFrom.source : labelFrom;
  let pattern: RegExp;
  try {
    const flags = labelFrom instanceof RegExp ? labelFrom.flags.replace(/[gy]/g, "") : "u";
    pattern = new RegExp(text, flags);
  } catch (error) {
    throw new UserError(
      `Cannot use the pattern ${quoted(text)}: ${
        (error as Error).message
      }; expected a regular expression`,
      { cause: error },
    );
  }
  // An empty alternative always fits and shows how many groups there are.
  if (new RegExp(`${text}|`, pattern.flags).exec("")!.length > 1) return pattern;
  throw new UserError(
    `Cannot use the pattern ${
      quoted(text)
    }: it has no group, expected one around the class, as in "^([a-z]+)"`,
  );
}
