/** Columns of a table of images: which holds what. @module */

import { columnName } from "../../core/excerpt.ts";
import { UserError } from "../../core/errors.ts";
import { listColumns } from "../csv_header.ts";
import type { ImagePlaces } from "./find_images.ts";
import { type PartKind, partNameOf } from "./part_name.ts";
import { hasPictureName } from "./picture_files.ts";
import type { Headed, Table } from "./table.ts";
import { findLabels, ID_NAME, type LabelColumnOptions } from "./table_labels.ts";

/** Names of the column that holds the paths, in this order. */
const PATH_NAMES = [
  ...["path", "file", "filename", "image", "filepath", "file_name", "image_path"],
  ...["file_path", "img_path", "image_name", "img_name", "image_file", "img"],
];

/** Names of a column of parts. */
const SPLIT_NAME = /^(split|usage|subset|partition)$/i;

/** Rows that are looked at to tell what a column holds. */
const SAMPLED = 1000;

/** How to read the columns. */
export interface ColumnOptions extends LabelColumnOptions {
  /** Name of the column of paths. @default found by content and name */
  readonly path?: string;
}

/** What the columns of a table hold. */
export interface TableColumns {
  /** Index of the column of paths or identifiers. */
  readonly path: number;
  /** Label of each row; `undefined` if it has none. */
  readonly labels: readonly (string | undefined)[];
  /** Part of each row; `undefined` for a table that is not divided. */
  readonly parts: readonly (PartKind | undefined)[] | undefined;
  /** Guesses about the paths, a line each. */
  readonly notes: readonly string[];
  /** Guesses about labels and parts, a line each. */
  readonly labelNotes: readonly string[];
}

/**
 * Whether a table lists images rather than holding their pixels, by its first lines: a column is called so, or its cells are names of
 * images, or it is called an identifier and the others are no pixels.
 */
export function listsImages(
  first: readonly string[],
  rows: readonly (readonly string[])[],
): boolean {
  if (first.some(hasPictureName)) return true;
  const cells = (column: number) => rows.map((row) => row[column] ?? "");
  const areNumbers = (column: number) =>
    cells(column).every((cell) => /^\d+(\.0*)?$/.test(cell)) && rows.length > 0;
  const places = [...first.keys()];
  if (places.some((column) => mostly(cells(column), hasPictureName))) return true;
  if (
    places.some((column) => isPathName(first[column]) && !(first.length > 64 && areNumbers(column)))
  ) {
    return true;
  }
  const pixels = places.filter((column) => !ID_NAME.test(first[column]) && areNumbers(column));
  return first.some((column) => ID_NAME.test(column)) && pixels.length < 4;
}

/**
 * Finds what the columns of a table hold. Of several that may be it, content decides, and the note says so; if that decides nothing, it
 * is an error.
 *
 * @throws {UserError} With the columns' names, and the row where it has one.
 */
export async function findColumns(
  table: Table,
  places: ImagePlaces,
  options: ColumnOptions,
): Promise<TableColumns> {
  const { columns, rows } = table;
  const notes: string[] = [];
  if (columns === undefined) {
    const path = rows[0].findIndex(hasPictureName);
    const label = rows[0].length === 2 && options.label !== null ? 1 - path : -1;
    const labels = rows.map((row) => row[label] || undefined);
    return { path, labels, parts: undefined, notes, labelNotes: [] };
  }
  const path = await findPath({ ...table, columns }, places, options.path, notes);
  const labelNotes: string[] = [];
  const split = findSplit({ ...table, columns }, path, labelNotes);
  const parts = split < 0 ? undefined : rows.map((row) => partNameOf(row[split])?.part);
  const labels = findLabels({ ...table, columns }, { path, split }, options, labelNotes);
  return { path, labels, parts, notes, labelNotes };
}

function isPathName(column: string): boolean {
  return PATH_NAMES.includes(column.toLowerCase());
}

async function findPath(
  { columns, rows, name }: Headed,
  places: ImagePlaces,
  asked: string | undefined,
  notes: string[],
): Promise<number> {
  const fail = (detail: string) => new UserError(`Cannot read ${name}: ${detail}`);
  if (asked !== undefined) {
    if (columns.includes(asked)) return columns.indexOf(asked);
    throw fail(
      `there is no column of paths ${columnName(asked)}; its columns are ${listColumns(columns)}`,
    );
  }
  const sample = rows.slice(0, SAMPLED);
  const all = [...columns.keys()];
  const named = PATH_NAMES.flatMap((known) =>
    all.filter((i) => columns[i].toLowerCase() === known)
  );
  let found = all.filter((i) => mostly(sample.map((row) => row[i]), hasPictureName));
  if (found.length === 0) found = named;
  if (found.length === 0) found = all.filter((i) => ID_NAME.test(columns[i])).slice(0, 1);
  if (found.length === 0) {
    throw fail(
      `none of its columns is called "path", "file", "filename", "image" or holds names of images; name the ` +
        `one that holds the paths (--path NAME): its columns are ${listColumns(columns)}`,
    );
  }
  if (found.length === 1) return found[0];
  const chosen = await chooseLike(
    found,
    async (i) => await anyOf(sample.slice(0, 3), (row) => places.has(row[i])),
  ) ??
    await chooseLike(found, (i) => Promise.resolve(named.includes(i)));
  const texts = found.map((i) => columnName(columns[i]));
  if (chosen === undefined) {
    throw fail(
      `${texts.join(" and ")} may each be the column of paths; name the right one (--path NAME)`,
    );
  }
  notes.push(
    `the paths are those of column ${columnName(columns[chosen])}, of ${texts.join(" and ")}`,
  );
  return chosen;
}

/** The only one that passes. */
async function chooseLike(
  candidates: readonly number[],
  passes: (candidate: number) => Promise<boolean>,
): Promise<number | undefined> {
  const passing: number[] = [];
  for (const candidate of candidates) if (await passes(candidate)) passing.push(candidate);
  return passing.length === 1 ? passing[0] : undefined;
}

async function anyOf<T>(
  items: readonly T[],
  test: (item: T) => Promise<boolean>,
): Promise<boolean> {
  for (const item of items) if (await test(item)) return true;
  return false;
}

/** The column whose cells are all called after parts, one of them for training; -1 for none. */
function findSplit({ columns, rows }: Headed, path: number, notes: string[]): number {
  const found = [...columns.keys()].filter((column) => {
    if (column === path) return false;
    const kinds = new Set<PartKind | undefined>();
    for (const row of rows) {
      const named = partNameOf(row[column]);
      // FER2013 has Training, PublicTest and PrivateTest.
      kinds.add(named?.rest === "" || SPLIT_NAME.test(columns[column]) ? named?.part : undefined);
      if (kinds.has(undefined)) return false;
    }
    return kinds.has("train") && kinds.size > 1;
  });
  const chosen = found.find((i) => SPLIT_NAME.test(columns[i])) ?? found[0] ?? -1;
  const passedOver = columns.filter((column, i) => i !== chosen && SPLIT_NAME.test(column));
  if (chosen >= 0) notes.push(`the parts are those of column ${columnName(columns[chosen])}`);
  for (const column of passedOver) {
    notes.push(`column ${columnName(column)} is passed over: its cells are not train, val or test`);
  }
  return chosen;
}

/** Whether at least half of the cells that are not empty pass. */
function mostly(cells: readonly string[], passes: (cell: string) => boolean): boolean {
  const filled = cells.filter((cell) => cell !== "");
  return filled.length > 0 && 2 * filled.filter(passes).length >= filled.length;
}
