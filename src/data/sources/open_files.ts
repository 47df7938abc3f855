/** From files to images with classes. @module */

import { count } from "../../core/count.ts";
import { UserError } from "../../core/errors.ts";
import { quotedList } from "../../core/quoted.ts";
import { orderClasses } from "../class_names.ts";
import { checkFiles, type CheckOptions, siftPictures } from "./check_files.ts";
import { fileStore } from "./file_store.ts";
import { type LabelOrigin, labelPaths, type LabelPathsOptions } from "./label_paths.ts";
import type { OpenedSource, Parts } from "./opened_source.ts";
import type { PartKind, PartName } from "./part_name.ts";
import type { PathList } from "./path_csv.ts";
import type { PictureFiles, SkippedFile } from "./picture_files.ts";
import { labelsWithin, type TablesOptions } from "./tables_within.ts";

/** Options that {@linkcode openFiles} and {@linkcode openList} share. */
export interface OpenListOptions extends CheckOptions {
  /** Whether images without classes are refused. @default {true} */
  readonly requireLabels?: boolean;
  /** Whether guesses about classes and parts are among the notes. @default the value of `requireLabels` */
  readonly noteLabels?: boolean;
}

/** Options of {@linkcode openFiles}. */
export interface OpenFilesOptions extends OpenListOptions, LabelPathsOptions, TablesOptions {}

/** Files that are wanted, with what is known of them. */
interface Labelled {
  readonly files: PictureFiles;
  /** Numbers of the files. */
  readonly wanted: readonly number[];
  /** Label of each of those. */
  readonly labels: readonly (string | undefined)[];
  /** Part of each of those. */
  readonly parts: readonly (PartKind | undefined)[] | undefined;
  /** Where the labels are from. */
  readonly from: LabelOrigin | "table" | undefined;
  /** Guesses that were made. */
  readonly notes: readonly string[];
  /** Files that cannot be looked into. */
  readonly troubles: readonly SkippedFile[];
  /** Number of files that are nobody's images. */
  readonly passedOver: number;
}

/**
 * Makes a data set of the files of a folder or archive: their classes are where they lie or what they are called.
 *
 * @param source What to call it in messages.
 * @throws {UserError} When there are no images, none can be decoded, or their classes cannot be told.
 */
export async function openFiles(
  files: PictureFiles,
  source: string,
  options: OpenFilesOptions = {},
): Promise<OpenedSource> {
  const { requireLabels = true, noteLabels = requireLabels, onError = "skip", signal } = options;
  const { passedOver, troubles } = files;
  if (onError === "stop" && troubles.length > 0) throw problem(troubles[0]);
  const { pictures, others } = await siftPictures(files, signal);
  if (pictures.length === 0) throw noPictures(files, source);
  const byPath = labelPaths(pictures.map((index) => files.paths[index]), source, options);
  const { label, labelFrom } = options;
  const found = noteLabels
    ? await labelsWithin(files, pictures, byPath, { source, label, labelFrom, requireLabels })
    : byPath; // of which nothing is used
  if (requireLabels && found.labels.every((label) => label === undefined)) {
    const examples = quotedList(pictures.map((index) => files.paths[index]), 2);
    const obstacle = found.obstacle ??
      (pictures.length === 1
        ? `its only picture (${examples}) lies in no class's folder`
        : `its ${pictures.length} pictures lie in one folder and their names do not begin with classes (${examples})`);
    throw new UserError(
      `Cannot tell the classes of ${source}: ${obstacle}; put each class into a folder, or say where it stands ` +
        "in the path as labelFrom (--label-from PATTERN)",
    );
  }
  const { labels, parts, from, notes } = found;
  return await openLabelled(
    {
      ...{ files, labels, parts, from, notes, troubles },
      wanted: pictures,
      passedOver: passedOver + others,
    },
    source,
    options,
  );
}

/**
 * Makes a data set of files with given labels.
 *
 * @throws {UserError} When none can be decoded.
 */
export async function openList(
  { files, labels, parts, notes, labelNotes }: PathList,
  source: string,
  options: OpenListOptions = {},
): Promise<OpenedSource> {
  const wanted = [...files.paths.keys()];
  const given = { files, labels, parts, notes: labelNotes, wanted };
  const opened = await openLabelled(
    { ...given, from: "table", troubles: [], passedOver: 0 },
    source,
    options,
  );
  return { ...opened, notes: [...notes, ...opened.notes] };
}

async function openLabelled(
  { files, wanted, labels, parts, from, ...given }: Labelled,
  source: string,
  options: OpenListOptions,
): Promise<OpenedSource> {
  const { requireLabels = true, noteLabels = requireLabels, onError = "skip" } = options;
  const skipped: SkippedFile[] = [...given.troubles];
  const unlabelled = partsWithoutLabels(labels, parts);
  const leftOut = new Map<PartKind, number>();
  const used: number[] = []; // places among the wanted
  for (const [i, index] of wanted.entries()) {
    const part = parts?.[i];
    if (labels[i] !== undefined || !requireLabels) used.push(i);
    else if (part !== undefined && unlabelled.has(part)) {
      leftOut.set(part, (leftOut.get(part) ?? 0) + 1);
    } else {
      const trouble = { name: files.name(index), reason: noClass(from) };
      if (onError === "stop") throw problem(trouble);
      skipped.push(trouble);
    }
  }
  const checked = await checkFiles(files, used.map((i) => wanted[i]), options);
  skipped.push(...checked.skipped);
  if (checked.indices.length === 0) throw noneDecodable(source, skipped);

  const places = placesOf(checked.indices, wanted, used);
  const { classes, numbers, notes } = classesOf({ labels, parts, from }, places);
  const without = [...leftOut].map(([part, n]) =>
    `the ${count(n, "image")} of the ${part === "unlabelled" ? "unlabelled" : part} part ${
      n === 1 ? "has" : "have"
    } no label and ${n === 1 ? "is" : "are"} not used here: predict names classes`
  );
  return {
    source,
    store: fileStore(files, checked, options.maxPixels),
    classes,
    labels: places.map((i) => numbers.get(labels[i] ?? "") ?? -1),
    parts: parts && partsOf(parts, places),
    skipped,
    passedOver: given.passedOver,
    notes: [...without, ...noteLabels ? [...given.notes, ...notes] : []],
  };
}

/** Places among the wanted of the files that can be used, both in order. */
function placesOf(
  indices: Int32Array,
  wanted: readonly number[],
  used: readonly number[],
): Int32Array {
  let next = 0;
  return indices.map((index) => {
    while (wanted[used[next]] !== index) next++;
    return used[next++];
  });
}

/** Parts, other than that to train on, of which no image has a label. */
function partsWithoutLabels(
  labels: readonly (string | undefined)[],
  parts: Labelled["parts"],
): ReadonlySet<PartKind> {
  const without = new Set<PartKind>();
  for (const part of parts ?? []) if (part !== undefined && part !== "train") without.add(part);
  labels.forEach((label, i) => {
    const part = parts?.[i];
    if (label !== undefined && part !== undefined) without.delete(part);
  });
  return without;
}

/** Rows of the parts; `undefined` if all that remain are to train on. */
function partsOf(
  parts: readonly (PartKind | undefined)[],
  places: Int32Array,
): Parts | undefined {
  const rowsOf = (part: PartName) =>
    Int32Array.from([...places.keys()].filter((row) => parts[places[row]] === part));
  const [train, validation, test] = (["train", "validation", "test"] as const).map(rowsOf);
  if (validation.length + test.length === 0) return undefined;
  return {
    train,
    ...validation.length > 0 ? { validation } : {},
    ...test.length > 0 ? { test } : {},
  };
}

/**
 * A folder, or what a pattern or a table says, is a class even if its files are all damaged: whoever trains is told that it has no
 * images. A file's name is but a guess: that of a stray one that cannot be used makes none.
 *
 * @param places The images that can be used.
 */
function classesOf(
  { labels, parts, from }: Pick<Labelled, "labels" | "parts" | "from">,
  places: Int32Array,
): {
  readonly classes: readonly string[];
  readonly numbers: ReadonlyMap<string, number>;
  readonly notes: readonly string[];
} {
  const known = new Map<string, Set<string | undefined>>();
  labels.forEach((label, i) => {
    if (label === undefined) return;
    const set = known.get(label);
    if (set === undefined) known.set(label, new Set([parts?.[i]]));
    else set.add(parts?.[i]);
  });
  const used = new Set(Array.from(places, (i) => labels[i]));
  const raw = [...known.keys()].filter((label) => from !== "file names" || used.has(label));
  const { classes, numberOf, notes } = orderClasses(raw, {
    numbers: from === "table",
    parts: raw.map((label) => known.get(label)!),
  });
  const numbers = new Map(raw.map((label, i) => [label, numberOf[i]]));
  if (from !== "file names") return { classes, numbers, notes };
  const dropped = [...known.keys()].filter((label) => !used.has(label));
  const without = dropped.length === 0
    ? ""
    : `; not ${quotedList(dropped)}, of which no file can be used`;
  const told = `the classes are taken from the file names: ${quotedList(classes, 10)}${without}`;
  return { classes, numbers, notes: [told, ...notes] };
}

function noClass(from: Labelled["from"]): string {
  return from === "table"
    ? "the table has no label for it"
    : from === "file names"
    ? "its name does not tell its class"
    : from === "pattern"
    ? "its path does not fit the pattern"
    : "it lies in no class's folder";
}

function problem({ name, reason }: SkippedFile): UserError {
  return new UserError(`Cannot read ${name}: ${reason}`);
}

function noPictures(
  { kind, paths, passedOver, troubles }: PictureFiles,
  source: string,
): UserError {
  const count = paths.length + passedOver;
  const trouble = troubles.length > 0 ? `; ${troubles[0].name}: ${troubles[0].reason}` : "";
  const idx = paths.find((path) => /images[-._]?idx\d/i.test(path));
  const advice = idx === undefined
    ? "expected JPEG or PNG pictures, each class in a folder of its own"
    : `give its file of pictures instead: ${source}/${idx}`;
  return new UserError(
    count === 0
      ? `Cannot read ${source}: the ${kind} is empty${trouble}; ${advice}`
      : `Cannot read ${source}: there are no pictures among the ${count} files of the ${kind}${trouble}; ${advice}`,
  );
}

function noneDecodable(source: string, skipped: readonly SkippedFile[]): UserError {
  const [{ name, reason }] = skipped;
  const [what, first] = skipped.length === 1
    ? ["its only picture cannot be used", ""]
    : [`none of its ${skipped.length} pictures can be used`, "the first one, "];
  return new UserError(`Cannot read ${source}: ${what}: ${first}${name}: ${reason}`);
}
