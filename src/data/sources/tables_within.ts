/** Tables of labels among the images of a folder or an archive. @module */

import { UserError } from "../../core/errors.ts";
import { clip, quoted, quotedList } from "../../core/quoted.ts";
import { isSkippable } from "./check_files.ts";
import type { ImagePlaces } from "./find_images.ts";
import type { PathLabels } from "./label_paths.ts";
import { partNameOf } from "./part_name.ts";
import { type ImageTable, isPathList, readImageTable } from "./path_csv.ts";
import type { PictureFiles } from "./picture_files.ts";

/** Options of {@linkcode labelsWithin}. */
export interface TablesOptions {
  /** Name of the column of labels: the classes are then those of a table. @default found by looking */
  readonly label?: string | null;
  /** Classes are in the paths: no table is read. */
  readonly labelFrom?: string | RegExp;
  /** Whether different classes of folders and tables are refused, else noted. @default {true} */
  readonly requireLabels?: boolean;
}

/** Classes and parts of images, and where they are from. */
export type FoundLabels = Omit<PathLabels, "from"> & {
  /** Where the classes are from. */
  readonly from: PathLabels["from"] | "table";
};

/** What a table says of the images. */
interface ReadTable {
  /** Its path inside the folder. */
  readonly path: string;
  /** Label of each image, by its place. */
  readonly labels: ReadonlyMap<number, string>;
  readonly parts: ReadonlyMap<number, NonNullable<PathLabels["parts"]>[number]>;
  readonly notes: readonly string[];
}

/** Tables that are looked into. */
const MAX_TABLES = 8;

/** Tables that list fewer of the images are about something else. */
const LEAST_SHARE = 0.5;

/**
 * The classes by the tables that lie beside the images, if those have labels for them and the paths do not tell them better.
 *
 * @param pictures Numbers of the files that are images.
 * @param found What the paths tell.
 * @param source What to call it all in messages.
 * @throws {UserError} When folders and a table, or two tables, tell different classes; for a column of labels that no table has.
 */
export async function labelsWithin(
  files: PictureFiles,
  pictures: readonly number[],
  found: PathLabels,
  { source, label, labelFrom, requireLabels = true }: TablesOptions & { readonly source: string },
): Promise<FoundLabels> {
  const paths = files.paths.flatMap((path, index) => /\.(csv|tsv)$/i.test(path) ? [index] : []);
  if (labelFrom !== undefined || label === null) return found;
  const notes: string[] = [];
  const tables: ReadTable[] = [];
  for (const index of paths.slice(0, MAX_TABLES)) {
    const table = await readTable(files, index, pictures, { label, notes });
    if (table !== undefined) tables.push(table);
  }
  if (tables.length === 0) {
    if (label === undefined) return { ...found, notes: [...found.notes, ...notes] };
    throw new UserError(
      `Cannot read ${source}: no table in it has labels of its images in a column ${
        quoted(label)
      } (--label)${notes.length > 0 ? `; ${notes[0]}` : ""}`,
    );
  }
  const named = quotedList(tables.map(({ path }) => path), 3);
  const labels = mergeTables(tables, pictures.length, source);
  const listed = labels.filter((one) => one !== undefined).length;
  const classes = new Set(found.labels.filter((one) => one !== undefined));
  const noted = (note: string) => ({ ...found, notes: [...found.notes, ...notes, note] });
  const wanted = pictures.filter((_, i) => (found.parts?.[i] ?? "train") === "train").length;
  if (label === undefined && found.from !== undefined && listed < LEAST_SHARE * wanted) {
    return noted(
      `${named} is not read: it has labels of ${listed} of ${pictures.length} images only`,
    );
  }
  // A single folder is where the images lie rather than a class.
  if (label === undefined && found.from === "folders" && classes.size > 1) {
    if (isSameDivision(found.labels, labels)) {
      return noted(`the classes are the folders, as ${named} has them`);
    }
    const differ = `its folders (${quotedList([...classes], 3)}) and ${named} (${
      quotedList([...new Set(labels.filter((one) => one !== undefined))], 3)
    }) differ; say --label COLUMN for those of the table, or --label-from '([^/]+)/[^/]+$' for the folders`;
    if (!requireLabels) return noted(`the classes are the folders: ${differ}`);
    throw new UserError(`Cannot tell the classes of ${source}: ${differ}`);
  }
  const ofTables = new Map(tables.flatMap(({ parts }) => [...parts]));
  const parts = ofTables.size > 0 && new Set(ofTables.values()).size > 1
    ? pictures.map((_, i) => ofTables.get(i))
    : found.parts;
  return {
    labels,
    parts,
    from: "table",
    notes: [
      ...parts === found.parts ? found.notes : [],
      `the classes are those of ${named}: ${listed} of ${pictures.length} images`,
      ...tables.flatMap(({ notes }) => notes),
    ],
  };
}

/** Reads a table, if it is one of labels of these images; says so if it cannot be used. */
async function readTable(
  files: PictureFiles,
  index: number,
  pictures: readonly number[],
  { label, notes }: { readonly label: string | undefined; readonly notes: string[] },
): Promise<ReadTable | undefined> {
  const path = files.paths[index];
  const told = `${clip(path)} is not read: `;
  if (/submission/i.test(path)) { // its labels are made up
    notes.push(`${told}it is called a submission`);
    return undefined;
  }
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const places = new Map<string, number>();
  pictures.forEach((picture, i) => places.set(files.paths[picture], i));
  try {
    const bytes = await files.read(index);
    if (!isPathList(bytes.subarray(0, 1 << 16))) return undefined;
    const at = placesWithin(places, folder);
    const table = await readImageTable(bytes, {
      ...{ name: path, places: at, label, requireLabels: false },
    });
    return matched(path, table, (cell) => at.index(cell));
  } catch (error) {
    if (!isSkippable(error)) throw error;
    notes.push(told + error.message.replace(`Cannot read ${path}: `, ""));
    return undefined;
  }
}

/** Images by their paths, relative to a folder, else to the whole. */
function placesWithin(
  places: ReadonlyMap<string, number>,
  folder: string,
): ImagePlaces & { readonly index: (path: string) => number | undefined } {
  const index = (path: string) => {
    const plain = path.replace(/^(\.?\/)+/, "");
    return places.get(folder + plain) ?? places.get(plain);
  };
  return {
    index,
    has: (path) => Promise.resolve(index(path) !== undefined),
    list: () => Promise.resolve([...places.keys()]),
  };
}

function matched(
  path: string,
  table: ImageTable,
  place: (cell: string) => number | undefined,
): ReadTable | undefined {
  const labels = new Map<number, string>();
  const parts: [number, NonNullable<ImageTable["parts"]>[number]][] = [];
  const ofName = partNameOf(path.slice(path.lastIndexOf("/") + 1).replace(/\.\w+$/, ""));
  table.paths.forEach((cell, row) => {
    const index = place(cell);
    const label = table.labels[row];
    if (index === undefined || label === undefined) return;
    labels.set(index, label);
    const part = table.parts?.[row] ?? ofName?.part;
    if (part !== undefined) parts.push([index, part]);
  });
  if (labels.size === 0) return undefined;
  return { path, labels, parts: new Map(parts), notes: [...table.notes, ...table.labelNotes] };
}

/** Label of each image by all tables. @throws {UserError} When two tell different ones. */
function mergeTables(
  tables: readonly ReadTable[],
  images: number,
  source: string,
): (string | undefined)[] {
  const labels: (string | undefined)[] = new Array(images).fill(undefined);
  const from = new Map<number, string>();
  for (const table of tables) {
    for (const [index, label] of table.labels) {
      if (labels[index] !== undefined && labels[index] !== label) {
        throw new UserError(
          `Cannot tell the classes of ${source}: ${quoted(from.get(index)!)} and ${
            quoted(table.path)
          } have different labels for the same images; take one away, or unpack and give the right one`,
        );
      }
      labels[index] = label;
      from.set(index, table.path);
    }
  }
  return labels;
}

/** Whether labels that both have divide the images alike. */
function isSameDivision(
  a: readonly (string | undefined)[],
  b: readonly (string | undefined)[],
): boolean {
  const [forth, back] = [new Map<string, string>(), new Map<string, string>()];
  return a.every((one, i) => {
    const other = b[i];
    if (one === undefined || other === undefined) return true;
    if (!forth.has(one)) forth.set(one, other);
    if (!back.has(other)) back.set(other, one);
    return forth.get(one) === other && back.get(other) === one;
  });
}
