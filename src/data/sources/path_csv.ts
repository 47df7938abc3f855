/** A CSV that lists picture files with their labels. @module */

import { UserError } from "../../core/errors.ts";
import { quoted } from "../../core/quoted.ts";
import { parseCsv } from "../../deps.ts";
import { type ByteInput, readAll } from "../byte_input.ts";
import { findLabelColumn, type LabelOptions } from "../csv_header.ts";
import { readLocalFile } from "./local_file.ts";
import type { PartKind } from "./part_name.ts";
import { hasPictureName, HEAD_BYTES, type PictureFiles } from "./picture_files.ts";

/** Names of the column that holds the paths, in this order. */
const PATH_NAMES = ["path", "file", "filename", "image", "filepath", "file_name", "image_path"];

/** Listed files, and the label of each; `undefined` = unknown. */
export interface PathList {
  /** The files; their names are paths from where the program runs. */
  readonly files: PictureFiles;
  /** Their labels as the file has them. */
  readonly labels: readonly (string | undefined)[];
  /** Part of each, if a column says it. */
  readonly parts: readonly (PartKind | undefined)[] | undefined;
  /** Guesses that were made, a line each. */
  readonly notes: readonly string[];
}

/** What has more columns has pixels in them. */
const MAX_COLUMNS = 64;

/** Longest list, in bytes: two million paths of a hundred characters. */
const MAX_BYTES = 1 << 28;

/** Whether a CSV lists paths, by its first line: a column is called so, or holds the name of a picture where there is no header. */
export function isPathList(head: Uint8Array): boolean {
  const text = new TextDecoder().decode(head);
  const line = /^\ufeff?([^\r\n]*)/.exec(text)![1];
  const fields = line.split(",").map((field) => field.trim().replace(/^"(.*)"$/, "$1").trim());
  const isNamed = fields.some((field) => PATH_NAMES.includes(field.toLowerCase()));
  return isNamed && fields.length <= MAX_COLUMNS || lacksHeader(fields);
}

/** One field or two, one of which is the name of a picture. */
function lacksHeader(fields: readonly string[]): boolean {
  return fields.length <= 2 && fields.some(hasPictureName);
}

/**
 * Reads a CSV of paths and labels: a header that names the columns (`path`, `file`, `filename` or `image`, and one of labels), or
 * none where each line is `path` or `path,label`. Paths are relative to the CSV's folder.
 *
 * @param folder Where the CSV lies; empty for the folder that the program runs in.
 * @throws {UserError} With the line, for whatever is not such a file.
 */
export async function readPathList(
  input: ByteInput,
  folder: string,
  { label, requireLabels = true, signal }: LabelOptions & { readonly signal?: AbortSignal } = {},
): Promise<PathList> {
  const { name } = input;
  const fail = (detail: string) => new UserError(`Cannot read ${name}: ${detail}`);
  const rows = parseRows(
    await readAll(input, { limit: MAX_BYTES, advice: "divide it", signal }),
    fail,
  );
  if (rows.length === 0) throw fail("the file is empty, expected paths of pictures");
  const headless = lacksHeader(rows[0].map((field) => field.trim()));
  const columns = headless
    ? headlessColumns(rows[0], fail)
    : namedColumns(rows[0].map((column) => column.trim()), name, { label, requireLabels });
  const body = headless ? rows : rows.slice(1);
  if (body.length === 0) {
    throw fail("there are no rows below the header, expected a path in each");
  }
  const [paths, labels]: [string[], (string | undefined)[]] = [[], []];
  for (const [i, row] of body.entries()) {
    const line = `row ${i + 1}`;
    const path = row[columns.path]?.trim() ?? "";
    if (row.length !== rows[0].length) {
      throw fail(`${line} has ${row.length} fields, expected ${rows[0].length}`);
    }
    if (path === "") throw fail(`${line} has no path`);
    if (/^[a-z][a-z+]+:/i.test(path)) {
      throw fail(`${line} holds an address (${quoted(path)}), expected a path; download the files`);
    }
    const text = columns.label < 0 ? "" : row[columns.label].trim();
    if (text === "" && requireLabels) throw fail(`${line} has no label`);
    // As programs on Windows write them.
    paths.push(path.replaceAll("\\", "/"));
    labels.push(text.normalize("NFC") || undefined);
  }
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
    name: pathOf,
    head: (index: number) => readLocalFile(pathOf(index), HEAD_BYTES),
    read: (index: number) => readLocalFile(pathOf(index)),
  };
  return { files, labels, parts: undefined, notes: [] };
}

/** Indices of the columns; -1 = none. */
interface Columns {
  readonly path: number;
  readonly label: number;
}

function namedColumns(
  columns: readonly string[],
  name: string,
  { label, requireLabels }: LabelOptions,
): Columns {
  const lower = columns.map((column) => column.toLowerCase());
  const known = PATH_NAMES.find((path) => lower.includes(path));
  if (known === undefined) {
    throw new UserError(
      `Cannot read ${name}: none of its columns is called ${
        PATH_NAMES.slice(0, 4).map(quoted).join(", ")
      }; rename the one that holds the paths`,
    );
  }
  const path = lower.indexOf(known);
  if (label === null) return { path, label: -1 };
  // Of two columns, one holds the paths and the other one what else there is to say.
  const other = columns.length === 2 && label === undefined ? columns[1 - path] : label;
  return { path, label: findLabelColumn(columns, { label: other, requireLabels }, name) };
}

function headlessColumns(row: readonly string[], fail: (detail: string) => UserError): Columns {
  const path = row.findIndex((field) => hasPictureName(field.trim()));
  if (row.length > 2) throw fail("its first line is no header, expected the names of the columns");
  return { path, label: row.length === 2 ? 1 - path : -1 };
}

function parseRows(bytes: Uint8Array, fail: (detail: string) => UserError): string[][] {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return parseCsv(text).filter((row) => row.length > 1 || row[0].trim() !== "");
  } catch (error) {
    if (error instanceof TypeError) throw fail("it is not UTF-8 text; save the file as UTF-8");
    if (error instanceof SyntaxError) {
      throw fail(`a quote is misplaced or missing (${error.message}); fix that line`);
    }
    throw error;
  }
}
