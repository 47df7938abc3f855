/** Text in columns, whatever separates them. @module */

import { count } from "../../core/count.ts";
import { excerpt } from "../../core/excerpt.ts";
import { UserError } from "../../core/errors.ts";
import { parseCsv } from "../../deps.ts";
import { hasPictureName } from "./picture_files.ts";

/** A table as it is written. */
export interface Table {
  /** What messages call it. */
  readonly name: string;
  /** Names of the columns; `undefined` without a header. */
  readonly columns: readonly string[] | undefined;
  /** Its rows, each with as many cells as there are columns, without surrounding white space. */
  readonly rows: readonly (readonly string[])[];
  /** Guesses that were made, a line each. */
  readonly notes: readonly string[];
}

/** A table with a header. */
export type Headed = Table & { readonly columns: readonly string[] };

/** What may separate cells, in this order, and what people call it. */
const SEPARATORS: readonly (readonly [separator: string, words: string])[] = [
  [",", "commas"],
  [";", "semicolons"],
  ["\t", "tabs"],
  ["|", "bars"],
];

/** The first lines of a table, whose last one may be cut off. */
export interface TableHead {
  /** Cells of the first line. */
  readonly first: readonly string[];
  /** Cells of the whole lines below it. */
  readonly rows: readonly (readonly string[])[];
}

/** Bytes and lines that are looked at. */
const HEAD_BYTES = 1 << 16;
const HEAD_LINES = 10;

/** Reads the first lines of what may be a table. */
export function readTableHead(head: Uint8Array): TableHead {
  const lines = new TextDecoder().decode(head.subarray(0, HEAD_BYTES))
    .split(/\r?\n/, HEAD_LINES + 1);
  if (lines.length > 1) lines.pop();
  const filled = lines.filter((line) => line.trim() !== "");
  const separator = separatorOf(filled);
  const [first = [], ...rows] = filled.map((line) => cellsOf(line, separator));
  return { first, rows };
}

/** Whether a table has no header: its first line is a path of an image, alone or with one more cell. */
export function lacksHeader(first: readonly string[]): boolean {
  return first.length <= 2 && first.some(hasPictureName);
}

/**
 * Parses a whole table.
 *
 * @throws {UserError} With the line, for what is not one.
 */
export function parseTable(bytes: Uint8Array, name: string): Table {
  const fail = (detail: string) => new UserError(`Cannot read ${name}: ${detail}`);
  const text = decode(bytes, fail);
  const separator = separatorOf(firstLines(text));
  const all = parse(text, separator, fail)
    .map((row) => row.map((cell) => cell.trim()))
    .filter((row) => row.some((cell) => cell !== ""));
  if (all.length === 0) throw fail("the file is empty, expected paths of images");
  const [first] = all;
  const columns = lacksHeader(first) ? undefined : first;
  if (columns?.some(hasPictureName)) {
    throw fail("its first line is no header, expected the names of the columns; add such a line");
  }
  const rows = columns === undefined ? all : all.slice(1);
  if (rows.length === 0) throw fail("there are no rows below the header, expected a path in each");
  const ragged = rows.findIndex((row) => row.length !== first.length);
  if (ragged >= 0) {
    throw fail(
      `row ${ragged + 1} has ${count(rows[ragged].length, "field")}, expected ${first.length}`,
    );
  }
  const words = SEPARATORS.find(([one]) => one === separator)![1];
  const notes = separator === "," || first.length < 2 ? [] : [`columns are separated by ${words}`];
  return { name, columns, rows, notes };
}

/** The separator that all lines have equally often, a comma first. */
function separatorOf(lines: readonly string[]): string {
  const some = lines.slice(0, HEAD_LINES);
  for (const [separator] of SEPARATORS) {
    const counts = new Set(some.map((line) => cellsOf(line, separator).length));
    if (counts.size === 1 && !counts.has(1)) return separator;
  }
  // Lines that differ are refused by whoever reads them all: by what the first line has.
  const first = some[0] ?? "";
  return SEPARATORS.find(([separator]) => cellsOf(first, separator).length > 1)?.[0] ?? ",";
}

function firstLines(text: string): string[] {
  return text.slice(0, HEAD_BYTES).split(/\r?\n/, HEAD_LINES).filter((line) => line.trim() !== "");
}

/** Cells of a line; one with a misplaced quote is split as it stands. */
function cellsOf(line: string, separator: string): string[] {
  const plain = line.replace(/^\ufeff/, "");
  let cells = plain.split(separator);
  try {
    if (plain.includes('"')) cells = parseCsv(plain, { separator })[0] ?? [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return cells.map((cell) => cell.trim());
}

function decode(bytes: Uint8Array, fail: (detail: string) => UserError): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw fail("it is not UTF-8 text; save the file as UTF-8");
    throw error;
  }
}

function parse(
  text: string,
  separator: string,
  fail: (detail: string) => UserError,
): string[][] {
  try {
    return parseCsv(text, { separator });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const place = /line \d+/.exec(error.message)?.[0] ?? `after ${excerpt(text)}`;
    throw fail(`a quote is misplaced or missing (${place}); fix that line`);
  }
}
