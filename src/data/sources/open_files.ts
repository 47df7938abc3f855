/** From files to pictures with classes. @module */

import { UserError } from "../../core/errors.ts";
import { quotedList } from "../../core/quoted.ts";
import { orderClasses, orderNames } from "../class_names.ts";
import { checkFiles, type CheckOptions, siftPictures } from "./check_files.ts";
import { fileStore } from "./file_store.ts";
import {
  type LabelOrigin,
  labelPaths,
  type LabelPathsOptions,
  type PartName,
  type PathLabels,
} from "./label_paths.ts";
import type { OpenedSource, Parts } from "./opened_source.ts";
import type { PathList } from "./path_csv.ts";
import type { PictureFiles, SkippedFile } from "./picture_files.ts";

/** Options of {@linkcode openFiles}. */
export interface OpenFilesOptions extends CheckOptions, LabelPathsOptions {
  /** Whether pictures without classes are refused. @default {true} */
  readonly requireLabels?: boolean;
}

/**
 * Makes a data set of the files of a folder or archive: their classes are where they lie or what they are called.
 *
 * @param source What to call it in messages.
 * @throws {UserError} When there are no pictures, none can be decoded, or their classes cannot be told.
 */
export async function openFiles(
  files: PictureFiles,
  source: string,
  options: OpenFilesOptions = {},
): Promise<OpenedSource> {
  const { requireLabels = true, onError = "skip", signal } = options;
  const { passedOver, troubles } = files;
  if (onError === "stop" && troubles.length > 0) throw problem(troubles[0]);
  const { pictures, others } = await siftPictures(files, signal);
  if (pictures.length === 0) throw noPictures(files, source);
  const found = labelPaths(pictures.map((index) => files.paths[index]), source, options);
  const { labels, from } = found;
  const skipped: SkippedFile[] = [...troubles];
  if (requireLabels && labels.every((label) => label === undefined)) {
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
  const wanted: number[] = [];
  const place = new Map<number, number>();
  for (const [i, index] of pictures.entries()) {
    if (labels[i] === undefined && requireLabels) {
      const trouble = { name: files.name(index), reason: noClass(from) };
      if (onError === "stop") throw problem(trouble);
      skipped.push(trouble);
      continue;
    }
    place.set(index, i);
    wanted.push(index);
  }
  const checked = await checkFiles(files, wanted, options);
  skipped.push(...checked.skipped);
  if (checked.indices.length === 0) throw noneDecodable(source, skipped);

  const places = checked.indices.map((index) => place.get(index)!);
  const { classes, dropped } = classesOf(found, places);
  const numbers = new Map(classes.map((name, number) => [name, number]));
  return {
    source,
    store: fileStore(files, checked, options.maxPixels),
    classes,
    labels: places.map((i) => numbers.get(labels[i]!) ?? -1),
    parts: found.parts && partsOf(found.parts, places),
    skipped,
    passedOver: passedOver + others,
    notes: requireLabels ? notesOf(found, classes, dropped) : [],
  };
}

/**
 * Makes a data set of files with given labels.
 *
 * @throws {UserError} When none can be decoded.
 */
export async function openList(
  { files, labels }: PathList,
  source: string,
  options: CheckOptions = {},
): Promise<OpenedSource> {
  const checked = await checkFiles(files, [...files.paths.keys()], options);
  if (checked.indices.length === 0) throw noneDecodable(source, checked.skipped);
  const known = [...new Set(labels)].filter((label) => label !== undefined);
  const { classes, numberOf, notes } = orderClasses(known, { numbers: true });
  const numbers = new Map(known.map((label, i) => [label, numberOf[i]]));
  return {
    source,
    store: fileStore(files, checked, options.maxPixels),
    classes,
    labels: checked.indices.map((index) => numbers.get(labels[index] ?? "") ?? -1),
    skipped: checked.skipped,
    passedOver: 0,
    notes,
  };
}

function partsOf(parts: readonly (PartName | undefined)[], places: Int32Array): Parts {
  const rowsOf = (part: PartName) =>
    Int32Array.from([...places.keys()].filter((row) => parts[places[row]] === part));
  const [train, validation, test] = (["train", "validation", "test"] as const).map(rowsOf);
  return {
    train,
    ...validation.length > 0 ? { validation } : {},
    ...test.length > 0 ? { test } : {},
  };
}

/**
 * A folder, or what a pattern finds, is a class even where its files are all damaged: whoever trains is told that it has no pictures.
 * A file's name is but a guess: that of a stray one that cannot be used makes none.
 *
 * @param places The pictures that can be used.
 */
function classesOf(
  { labels, from }: PathLabels,
  places: Int32Array,
): { readonly classes: readonly string[]; readonly dropped: readonly string[] } {
  const named = orderNames(labels.filter((label) => label !== undefined));
  if (from !== "file names") return { classes: named, dropped: [] };
  const used = new Set(Array.from(places, (i) => labels[i]));
  return {
    classes: named.filter((name) => used.has(name)),
    dropped: named.filter((name) => !used.has(name)),
  };
}

/** Guesses are told. */
function notesOf(
  { from }: PathLabels,
  classes: readonly string[],
  dropped: readonly string[],
): string[] {
  if (from !== "file names") return [];
  const without = dropped.length === 0
    ? ""
    : `; not ${quotedList(dropped)}, of which no file can be used`;
  return [`the classes are taken from the file names: ${quotedList(classes, 10)}${without}`];
}

function noClass(from: LabelOrigin | undefined): string {
  return from === "file names"
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
