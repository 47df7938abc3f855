/** A table that lists image files with their labels. @module */

import { excerpt } from "../../core/excerpt.ts";
import { UserError } from "../../core/errors.ts";
import { clip } from "../../core/quoted.ts";
import { type ByteInput, readAll } from "../byte_input.ts";
import { findImages, type ImagePlaces, placesOnDisk } from "./find_images.ts";
import { readLocalFile } from "./local_file.ts";
import type { PartKind } from "./part_name.ts";
import { HEAD_BYTES, type PictureFiles } from "./picture_files.ts";
import { lacksHeader, parseTable, readTableHead } from "./table.ts";
import { type ColumnOptions, findColumns, listsImages } from "./table_columns.ts";

/** Images of a table, in its order. */
export interface ImageTable {
  /** Paths, relative to the table's folder. */
  readonly paths: readonly string[];
  /** Their labels as the table has them; `undefined` = unknown. */
  readonly labels: readonly (string | undefined)[];
  /** Part of each, if a column says it. */
  readonly parts: readonly (PartKind | undefined)[] | undefined;
  /** Guesses about the paths, a line each. */
  readonly notes: readonly string[];
  /** Guesses about labels and parts, a line each. */
  readonly labelNotes: readonly string[];
}

/** Listed files, and what the table says of them. */
export interface PathList extends Omit<ImageTable, "paths"> {
  /** The files; their names are paths from where the program runs. */
  readonly files: PictureFiles;
}

/** Longest list, in bytes: two million paths of a hundred characters. */
const MAX_BYTES = 1 << 28;

/** Whether a table lists images, by its first lines; else its cells are pixels. */
export function isPathList(head: Uint8Array): boolean {
  const { first, rows } = readTableHead(head);
  return lacksHeader(first) || listsImages(first, rows);
}

/**
 * Reads a table of images: separated by commas, semicolons or tabs; with a header, of whose columns one holds paths or identifiers of
 * images and one, or one for each class, the labels; or without one, where each line is `path` or `path,label`.
 *
 * @param places Where the images may lie.
 * @throws {UserError} With the row, for whatever is not such a table.
 */
export async function readImageTable(
  bytes: Uint8Array,
  { name, places, ...options }: ColumnOptions & {
    readonly name: string;
    readonly places: ImagePlaces;
  },
): Promise<ImageTable> {
  const { requireLabels = true } = options;
  const fail = (detail: string) => new UserError(`Cannot read ${name}: ${detail}`);
  const table = parseTable(bytes, name);
  const found = await findColumns(table, places, options);
  const cells = table.rows.map((row, i) => {
    // As programs on Windows write them.
    const cell = row[found.path].replaceAll("\\", "/");
    if (cell === "") throw fail(`row ${i + 1} has no path`);
    const address = /^[a-z][a-z+]+:/i.exec(cell);
    if (address) {
      throw fail(
        `row ${i + 1} holds an address (${
          excerpt(address[0])
        }), expected a path; download the files`,
      );
    }
    return cell;
  });
  const without = found.labels.findIndex((label, i) =>
    label === undefined && (found.parts?.[i] ?? "train") === "train"
  );
  if (requireLabels && without >= 0) throw fail(`row ${without + 1} has no label`);
  const images = await findImages(cells, { name, places, column: table.columns?.[found.path] });
  return {
    paths: images.paths,
    labels: found.labels.map((label) => label?.normalize("NFC")),
    parts: found.parts,
    notes: [...table.notes, ...found.notes, ...images.notes],
    labelNotes: found.labelNotes,
  };
}

/**
 * Reads a table of images on the disk, see {@linkcode readImageTable}. Paths are relative to its folder.
 *
 * @param folder Where the table lies; empty for the folder that the program runs in.
 * @throws {UserError} With the row, for whatever is not such a table.
 */
export async function readPathList(
  input: ByteInput,
  folder: string,
  { signal, ...options }: ColumnOptions & { readonly signal?: AbortSignal } = {},
): Promise<PathList> {
  const bytes = await readAll(input, { limit: MAX_BYTES, advice: "divide it", signal });
  const places = placesOnDisk(folder);
  const { paths, ...table } = await readImageTable(bytes, { ...options, name: input.name, places });
  const pathOf = (index: number) => {
    const path = paths[index];
    const isAbsolute = /^(\/|[a-z]:)/i.test(path);
    return isAbsolute || folder === "" ? path : `${folder}/${path}`;
  };
  const files = {
    kind: "list",
    paths,
    passedOver: 0,
    troubles: [],
    name: (index: number) => clip(pathOf(index), 1000),
    head: (index: number) => readLocalFile(pathOf(index), HEAD_BYTES),
    read: (index: number) => readLocalFile(pathOf(index)),
  };
  return { files, ...table };
}
