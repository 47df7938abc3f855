/** What the header of a CSV of pixels says. @module */

import { UserError } from "../core/errors.ts";
import { parseCsv } from "../deps.ts";
import { columnName } from "../core/excerpt.ts";
import { quoted } from "../core/quoted.ts";
import { makesPictures } from "./pixel_shape.ts";

/** Names under which labels are looked for if none is given. */
export const LABEL_NAMES: readonly string[] = ["y", "label", "class", "target"];

/** The columns of a CSV of pixels. */
export interface CsvHeader {
  /** Column names, in order. */
  readonly columns: readonly string[];
  /** Index of the label column; -1 when there is none. */
  readonly labelColumn: number;
  /** Indices of the columns that are left out: pandas' row index, which has no name, and what can be neither pixel nor label. */
  readonly leftOut: readonly number[];
  /** Number of the other columns, which hold pixels. */
  readonly pixelCount: number;
  /** Guesses that were made, a line each. */
  readonly notes: readonly string[];
}

/** How to find the labels. */
export interface LabelOptions {
  /**
   * Name of the label column; `null` when there is none and all columns are pixels.
   *
   * @default the one of {@linkcode LABEL_NAMES} that the file has, upper or lower case
   */
  readonly label?: string | null;
  /** Whether a file without a label column is refused (only when `label` is not given). @default {true} */
  readonly requireLabels?: boolean;
}

/** Columns that number the rows or say what they are for. */
const OTHER_NAMES = /^(id|index|idx|row|image_?id|img_?id|file_?name|split|usage|set|subset)$/i;

/**
 * Reads the first line of a CSV of pixels.
 *
 * @param line The line without its line end and without a byte order mark.
 * @param name What to call the file in errors.
 * @param options `shape` is that of the pictures, if it is known.
 * @throws {UserError} When there is no label column or several may be it, or the line is not a header.
 *
 * @example
 * ```ts
 * import { readCsvHeader } from "./csv_header.ts";
 * const header = readCsvHeader('"V1","V2","y"', "data.csv");
 * if (header.labelColumn !== 2 || header.pixelCount !== 2) throw new Error(JSON.stringify(header));
 * ```
 */
export function readCsvHeader(
  line: string,
  name: string,
  { label, requireLabels = true, shape }: LabelOptions & { readonly shape?: readonly number[] } =
    {},
): CsvHeader {
  const columns = splitHeader(line, name);
  refuseOtherSeparators(columns, name);
  refuseNumbers(columns, name);
  const labelColumn = findLabelColumn(columns, { label, requireLabels }, name);
  if (columns.length === 1 && labelColumn < 0) {
    throw new UserError(
      `Cannot read ${name}: line 1 (${
        columnName(columns[0])
      }) has no comma, expected the names of the columns: one for each pixel and one for the label`,
    );
  }
  const indexColumn = labelColumn !== 0 && /^(Unnamed: 0)?$/.test(columns[0]) ? [0] : [];
  const others = columns.flatMap((column, i) =>
    i !== labelColumn && (OTHER_NAMES.test(column) || isLabelName(column)) ? [i] : []
  );
  const all = columns.length - (labelColumn < 0 ? 0 : 1) - indexColumn.length;
  const isBetter = others.length > 0 && !makesPictures(all, shape) &&
    makesPictures(all - others.length, shape);
  const leftOut = isBetter ? [...indexColumn, ...others] : indexColumn;
  const pixelCount = isBetter ? all - others.length : all;
  if (pixelCount === 0) {
    throw new UserError(
      `Cannot read ${name}: the header names no pixel columns, only ${
        listColumns(columns)
      }; expected one column for each pixel`,
    );
  }
  const notes = isBetter
    ? [`left out what are no pixels: ${listColumns(others.map((i) => columns[i]))}`]
    : [];
  return { columns, labelColumn, leftOut, pixelCount, notes };
}

function splitHeader(line: string, name: string): string[] {
  try {
    return parseCsv(line)[0].map((column) => column.trim());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    refuseOtherSeparators(line.replaceAll('"', "").split(","), name); // a quote after a semicolon is misplaced
    throw new UserError(
      `Cannot read ${name}: line 1, the header, has a misplaced or missing quote (${
        error.message.replace(/^.*, column/, "column")
      }); fix that line`,
      { cause: error },
    );
  }
}

function refuseOtherSeparators(columns: readonly string[], name: string): void {
  if (columns.length > 1) return;
  const separators = [[";", "semicolons"], ["\t", "tabs"], ["|", "bars"]];
  const other = separators.find(([separator]) => columns[0].split(separator).length > 2);
  if (!other) return;
  throw new UserError(
    `Cannot read ${name}: its fields are separated by ${other[1]}, expected commas; save it as a ` +
      "comma-separated file",
  );
}

/** Pixels where names should be: numbers only, and some of them twice. Names such as 0, 1, 2 … are fine. */
function refuseNumbers(columns: readonly string[], name: string): void {
  const allNumbers = columns.every((column) => /^-?\d+(\.\d*)?$/.test(column));
  if (!allNumbers || new Set(columns).size === columns.length) return;
  throw new UserError(
    `Cannot read ${name}: line 1 holds numbers, expected the names of the columns; add a header line`,
  );
}

/** Whether labels are looked for under a name, upper or lower case. */
function isLabelName(column: string): boolean {
  return LABEL_NAMES.includes(column.toLowerCase());
}

/**
 * Index of the column that holds the labels, by its name; -1 if there is none.
 *
 * @param name What to call the file in errors.
 * @throws {UserError} When the column asked for, or one that is required, is not there or is there twice; when several may be it.
 */
export function findLabelColumn(
  columns: readonly string[],
  { label, requireLabels = true }: LabelOptions,
  name: string,
): number {
  if (label === null) return -1;
  if (label !== undefined) {
    const found = columns.indexOf(label);
    if (found < 0) {
      throw new UserError(
        `Cannot read ${name}: there is no label column ${
          quoted(label)
        }; its ${columns.length} columns are ${listColumns(columns)}`,
      );
    }
    refuseTwice(columns, found, name);
    return found;
  }
  const found = columns.flatMap((column, i) => isLabelName(column) ? [i] : []);
  if (found.length > 0) {
    refuseTwice(columns, found[0], name);
    if (found.length > 1) {
      throw severalLabels(found.map((i) => columns[i]), name);
    }
    return found[0];
  }
  if (!requireLabels) return -1;
  throw new UserError(
    `Cannot read ${name}: none of its columns is called ${
      LABEL_NAMES.map(quoted).join(", ")
    }; name the one that holds the labels as the label (--label NAME): its ${columns.length} columns are ${
      listColumns(columns)
    }`,
  );
}

/** The error for a table of which several columns may be the labels. */
export function severalLabels(columns: readonly string[], name: string): UserError {
  return new UserError(
    `Cannot read ${name}: ${
      columns.map(columnName).join(" and ")
    } may each be the column of labels; name the right one as the label (--label NAME)`,
  );
}

function refuseTwice(columns: readonly string[], found: number, name: string): void {
  const again = columns.indexOf(columns[found], found + 1);
  if (again < 0) return;
  throw new UserError(
    `Cannot read ${name}: the label column ${
      columnName(columns[found])
    } is there twice, as columns ${found + 1} ` +
      `and ${again + 1}; rename one`,
  );
}

/** The first names and the last ones: labels stand at either end. */
export function listColumns(columns: readonly string[]): string {
  const names = columns.map(columnName);
  if (columns.length <= 12) return names.join(", ");
  return `${names.slice(0, 4).join(", ")}, … ${names.slice(-3).join(", ")}`;
}
