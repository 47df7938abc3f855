/** One row of a CSV of pixels, from bytes to bytes. @module */

import { UserError } from "../core/errors.ts";
import type { CsvHeader } from "./csv_header.ts";
import { columnName, excerpt } from "../core/excerpt.ts";

const COMMA = 0x2c;
const QUOTE = 0x22;
const DOT = 0x2e;
const ZERO = 0x30;

/** A line of the file: `bytes[start]` up to `bytes[end]`, which is its line end (CR or LF). */
export interface CsvLine {
  /** The buffer that holds the line. */
  readonly bytes: Uint8Array;
  /** Index of its first byte. */
  readonly start: number;
  /** Index of the CR or LF that ends it: there always is one. */
  readonly end: number;
  /** Line number, from 1, for errors. */
  readonly number: number;
}

/** Parses one row: writes its pixels to `out` from index `at` on and returns its label (`""` without labels). */
export type RowParser = (line: CsvLine, out: Uint8Array, at: number) => string;

/**
 * Makes the parser for the rows of a file. It works on bytes: 47 million pixels would be as many strings otherwise.
 *
 * @param header The file's columns.
 * @param name What to call the file in errors.
 * @returns A parser that throws {@linkcode UserError} with line and column for whatever is no row of the file.
 *
 * @example
 * ```ts
 * import { createRowParser } from "./csv_rows.ts";
 * const header = { columns: ["a", "b", "y"], labelColumn: 2, leftOut: [], pixelCount: 2, notes: [] };
 * const bytes = new TextEncoder().encode('7,"255",coat\n');
 * const out = new Uint8Array(2);
 * const parse = createRowParser(header, "data.csv");
 * const label = parse({ bytes, start: 0, end: bytes.length - 1, number: 2 }, out, 0);
 * if (label !== "coat" || out.join() !== "7,255") throw new Error(`${label} ${out}`);
 * ```
 */
export function createRowParser(
  { columns, labelColumn, leftOut }: CsvHeader,
  name: string,
): RowParser {
  const last = columns.length - 1;
  const isLeftOut = Uint8Array.from(columns.keys(), (column) => leftOut.includes(column) ? 1 : 0);

  return (line, out, at) => {
    const { bytes, end } = line;
    let label = "";
    let cursor = line.start;
    for (let column = 0; column <= last; column++) {
      if (column === labelColumn) {
        const stop = fieldEnd(line, cursor, column);
        label = labelText(line, cursor, stop, column);
        cursor = stop;
      } else if (isLeftOut[column] === 1) {
        cursor = fieldEnd(line, cursor, column);
      } else {
        // XOR with "0" turns the digits, and nothing else, into 0 to 9. The line end is no digit, so that
        // nothing behind it is taken for one.
        const start = cursor;
        const isQuoted = bytes[cursor] === QUOTE;
        if (isQuoted) cursor++;
        const first = bytes[cursor] ^ ZERO;
        let value = first;
        let next = bytes[++cursor] ^ ZERO;
        if (next <= 9) {
          value = value * 10 + next;
          next = bytes[++cursor] ^ ZERO;
          if (next <= 9) {
            value = value * 10 + next;
            cursor++;
          }
        }
        const isClosed = !isQuoted || bytes[cursor++] === QUOTE;
        const isEnded = bytes[cursor] === COMMA || cursor === end;
        if (!(first <= 9 && value <= 255 && isClosed && isEnded)) {
          // Anything but one to three digits: written as "12.0", spaced, or wrong.
          cursor = fieldEnd(line, start, column);
          value = oddPixel(line, start, cursor, column);
        }
        out[at++] = value;
      }
      if (column < last) {
        if (cursor >= end) throw ragged(line);
        cursor++;
      }
    }
    if (cursor < end) throw ragged(line);
    return label;
  };

  /** Index of the comma or line end that ends the field at `start`. */
  function fieldEnd({ bytes, end, number }: CsvLine, start: number, column: number): number {
    let cursor = start;
    while (bytes[cursor] === 0x20) cursor++;
    if (bytes[cursor] === QUOTE) {
      cursor++;
      // Two quotes in a quoted field stand for one.
      while (cursor < end && (bytes[cursor] !== QUOTE || bytes[cursor + 1] === QUOTE)) {
        cursor += bytes[cursor] === QUOTE ? 2 : 1;
      }
      if (cursor >= end) {
        throw new UserError(
          `Cannot read ${name}: the quote that opens ${
            place(number, column)
          } is not closed on that line; ` +
            "close it or take it away",
        );
      }
    }
    while (cursor < end && bytes[cursor] !== COMMA) cursor++;
    return cursor;
  }

  function labelText(line: CsvLine, start: number, end: number, column: number): string {
    let label: string;
    try {
      label = fieldText(line.bytes, start, end);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw problem(line, column, "is not UTF-8 text; save the file as UTF-8");
    }
    if (label === "") throw problem(line, column, "is empty, expected a label");
    return label;
  }

  /** A pixel that is not just one to three digits. */
  function oddPixel(line: CsvLine, start: number, end: number, column: number): number {
    const { bytes } = line;
    // "12.0", as a table with a missing value somewhere is written by pandas; by hand, for speed.
    let value = 0;
    let cursor = start;
    while (cursor < end && (bytes[cursor] ^ ZERO) <= 9) {
      value = value * 10 + (bytes[cursor++] ^ ZERO);
    }
    if (cursor > start && bytes[cursor] === DOT) {
      cursor++;
      while (cursor < end && bytes[cursor] === ZERO) cursor++;
      if (cursor === end && value <= 255) return value;
    }
    const text = fieldText(bytes, start, end, { fatal: false });
    if (text === "") throw problem(line, column, "is empty, expected a pixel from 0 to 255");
    const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
    const found = `is ${excerpt(text)}, expected`;
    if (Number.isNaN(number)) throw problem(line, column, `${found} a number from 0 to 255`);
    if (number < 0 || number > 255) {
      throw problem(line, column, `${found} a pixel from 0 to 255; scale the pixels to that range`);
    }
    if (!Number.isInteger(number)) {
      throw problem(
        line,
        column,
        `${found} a whole number from 0 to 255; scale and round the pixels to that range`,
      );
    }
    return number;
  }

  function problem(line: CsvLine, column: number, what: string): UserError {
    // A field too many or too few puts others into wrong columns: that is the cause to name.
    if (countFields(line) !== columns.length) return ragged(line);
    const { number } = line;
    return new UserError(`Cannot read ${name}: ${place(number, column)} ${what}`);
  }

  function ragged(line: CsvLine): UserError {
    const fields = countFields(line);
    return new UserError(
      `Cannot read ${name}: line ${line.number} has ${fields} ${
        fields === 1 ? "field" : "fields"
      }, the header has ` +
        `${columns.length}; fix or remove that line`,
    );
  }

  function place(number: number, column: number): string {
    return `line ${number}, column ${column + 1} (${columnName(columns[column])})`;
  }
}

function countFields({ bytes, start, end }: CsvLine): number {
  let fields = 1;
  let inQuotes = false;
  for (let i = start; i < end; i++) {
    if (bytes[i] === QUOTE) inQuotes = !inQuotes;
    else if (bytes[i] === COMMA && !inQuotes) fields++;
  }
  return fields;
}

/** Text of the field between two indices, without quotes and surrounding white space. */
function fieldText(bytes: Uint8Array, start: number, end: number, { fatal = true } = {}): string {
  const text = new TextDecoder("utf-8", { fatal }).decode(bytes.subarray(start, end)).trim();
  return text.startsWith('"') && text.endsWith('"') && text.length > 1
    ? text.slice(1, -1).replaceAll('""', '"').trim()
    : text;
}
