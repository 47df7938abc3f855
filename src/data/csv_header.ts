/** What the header of a CSV of pixels says. @module */

import { UserError } from "../core/errors.ts";
import { parseCsv } from "../deps.ts";
import { quoted, quotedList } from "../core/quoted.ts";

/** Names under which labels are looked for, in this order, when none is given. */
export const LABEL_NAMES: readonly string[] = ["y", "label", "class", "target"];

/** The columns of a CSV of pixels. */
export interface CsvHeader {
  /** Column names, in order. */
  readonly columns: readonly string[];
  /** Index of the label column; -1 when there is none. */
  readonly labelColumn: number;
  /** Index of a column that is left out: pandas' row index, which has no name; -1 when there is none. */
  readonly indexColumn: number;
  /** Number of the other columns, which hold pixels. */
  readonly pixelCount: number;
}

/** How to find the labels. */
export interface LabelOptions {
  /**
   * Name of the label column; `null` when there is none and all columns are pixels.
   *
   * @default the first of {@linkcode LABEL_NAMES} that the file has, upper or lower case
   */
  readonly label?: string | null;
  /** Whether a file without a label column is refused (only when `label` is not given). @default {true} */
  readonly requireLabels?: boolean;
}

/**
 * Reads the first line of a CSV of pixels.
 *
 * @param line The line without its line end.
 * @param name What to call the file in errors.
 * @throws {UserError} When there is no label column, or the line is no header.
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
  { label, requireLabels = true }: LabelOptions = {},
): CsvHeader {
  const columns = splitHeader(line, name);
  refuseOtherSeparators(columns, name);
  refuseNumbers(columns, name);
  const labelColumn = findLabelColumn(columns, { label, requireLabels }, name);
  const indexColumn = labelColumn !== 0 && /^(Unnamed: 0)?$/.test(columns[0]) ? 0 : -1;
  const pixelCount = columns.length - (labelColumn < 0 ? 0 : 1) - (indexColumn < 0 ? 0 : 1);
  if (pixelCount === 0) {
    throw new UserError(
      `Cannot read ${name}: the header names no pixel columns, only ${
        quotedList(columns)
      }; expected one ` +
        "column for each pixel",
    );
  }
  return { columns, labelColumn, indexColumn, pixelCount };
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
    `Cannot read ${name}: line 1 holds numbers (${
      quotedList(columns, 3)
    }), expected the names of the ` +
      "columns; add a header line",
  );
}

/**
 * Index of the column that holds the labels; -1 when there is none.
 *
 * @param name What to call the file in errors.
 * @throws {UserError} When the column asked for, or one that is required, is not there or is there twice.
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
        }; its ${columns.length} columns are ` +
          `${listColumns(columns)}`,
      );
    }
    refuseTwice(columns, found, name);
    return found;
  }
  for (const known of LABEL_NAMES) {
    const found = columns.findIndex((column) => column.toLowerCase() === known);
    if (found < 0) continue;
    refuseTwice(columns, found, name);
    return found;
  }
  if (!requireLabels) return -1;
  throw new UserError(
    `Cannot read ${name}: none of its columns is called ${
      LABEL_NAMES.map(quoted).join(", ")
    }; name the one ` +
      `that holds the labels as the label (--label NAME): its ${columns.length} columns are ${
        listColumns(columns)
      }`,
  );
}

function refuseTwice(columns: readonly string[], found: number, name: string): void {
  const again = columns.indexOf(columns[found], found + 1);
  if (again < 0) return;
  throw new UserError(
    `Cannot read ${name}: the label column ${quoted(columns[found])} is there twice, as columns ${
      found + 1
    } ` +
      `and ${again + 1}; rename one`,
  );
}

/** The first names and the last ones: labels stand at either end. */
function listColumns(columns: readonly string[]): string {
  if (columns.length <= 12) return quotedList(columns, 12);
  const quotedNames = columns.map(quoted);
  return `${quotedNames.slice(0, 4).join(", ")}, … ${quotedNames.slice(-3).join(", ")}`;
}
