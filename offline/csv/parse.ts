/**
 * Stands in for `@std/csv@1.0.6/parse` where JSR cannot be reached: same signatures, results and errors for
 * comma-separated text by RFC 4180 and for the options below. Never published: users of graft get the genuine
 * package.
 *
 * @module
 */

/** Options of {@linkcode parse}. */
export interface ParseOptions {
  /** Text between two values. @default {","} */
  separator?: string;
  /** Lines that begin with it are left out. @default {undefined} */
  comment?: string;
  /** Whether white space before a value is dropped. @default {false} */
  trimLeadingSpace?: boolean;
  /** Whether quotes may stand where RFC 4180 forbids them. @default {false} */
  lazyQuotes?: boolean;
  /** Values that every record must have: 0 = as many as the first record; below 0 = any number. @default {-1} */
  fieldsPerRecord?: number;
  /** Whether the first record is a header: it names the columns unless `columns` does. @default {false} */
  skipFirstRow?: boolean;
  /** Names of the columns. @default {undefined} */
  columns?: readonly string[];
}

/** A record by column name. */
export type RecordWithColumn<C extends string> = string extends C ? Record<string, string>
  : Record<C, string>;

/** What {@linkcode parse} returns for the options `T`. */
export type ParseResult<ParseOptions, T> = T extends
  ParseOptions & { columns: readonly (infer C extends string)[] } ? RecordWithColumn<C>[]
  : T extends ParseOptions & { skipFirstRow: true } ? Record<string, string>[]
  : T extends ParseOptions & { columns?: undefined; skipFirstRow?: false | undefined } ? string[][]
  : Record<string, string>[] | string[][];

/**
 * Parses comma-separated text to an array of records.
 *
 * @returns Arrays of values; with `skipFirstRow` or `columns`, objects by column name.
 * @throws {SyntaxError} For a misplaced or missing quote, or (`fieldsPerRecord`) a wrong number of values.
 *
 * @example
 * ```ts
 * import { parse } from "./parse.ts";
 * const rows = parse('a,"b ""c"""\r\n1,2');
 * if (JSON.stringify(rows) !== '[["a","b \\"c\\""],["1","2"]]') throw new Error(JSON.stringify(rows));
 * ```
 */
export function parse(input: string): string[][];
/** Parses comma-separated text to an array of records, by `options`. */
export function parse<const T extends ParseOptions>(
  input: string,
  options: T,
): ParseResult<ParseOptions, T>;
export function parse<const T extends ParseOptions>(
  input: string,
  options: T = {} as T,
): ParseResult<ParseOptions, T> {
  const records = parseRecords(input, options);
  if (!options.skipFirstRow && !options.columns) return records as ParseResult<ParseOptions, T>;

  const first = options.skipFirstRow ? records.shift() : undefined;
  if (options.skipFirstRow && !first) {
    throw new TypeError("Cannot parse input: headers must be defined");
  }
  const names = options.columns ?? first!;
  const offset = options.skipFirstRow ? 1 : 0;
  const objects = records.map((record, i) => {
    if (record.length !== names.length) {
      throw new Error(
        `Syntax error on line ${offset + i + 1}: The record has ${record.length} fields, ` +
          `but the header has ${names.length} fields`,
      );
    }
    return Object.fromEntries(names.map((name, column) => [name, record[column]]));
  });
  return objects as ParseResult<ParseOptions, T>;
}

/** All records as arrays; empty and comment lines are none. */
function parseRecords(input: string, options: ParseOptions): string[][] {
  const { separator = ",", comment, fieldsPerRecord } = options;
  const forbidden = ["\r", "\n", '"'];
  if (
    forbidden.includes(separator) || (comment !== undefined && forbidden.includes(comment)) ||
    separator === comment
  ) {
    throw new Error("Cannot parse input: invalid delimiter");
  }
  const lines = splitLines(input.startsWith("\ufeff") ? input.slice(1) : input);
  const records: string[][] = [];
  let expected = fieldsPerRecord && fieldsPerRecord > 0 ? fieldsPerRecord : undefined;
  // Upstream counts a record that runs over several lines as one line.
  let number = 0;
  for (let next = 0; next < lines.length;) {
    const line = lines[next];
    const skipped = line === "" || (comment && line[0] === comment);
    const { values, end } = skipped
      ? { values: [], end: next + 1 }
      : parseRecord(lines, next, number, { ...options, separator });
    next = end;
    number++;
    if (number === 1 && fieldsPerRecord === 0) expected = values.length;
    if (values.length === 0) continue;
    if (expected !== undefined && expected !== values.length) {
      throw new SyntaxError(
        `Syntax error on line ${number}: expected ${expected} fields but got ${values.length}`,
      );
    }
    records.push(values);
  }
  return records;
}

/** Lines without their ends, which are LF or CRLF; a CR at the very end of the text is one, too. */
function splitLines(text: string): string[] {
  if (text === "") return [];
  const lines = text.split(/\r?\n/);
  if (lines[lines.length - 1] === "") lines.pop();
  else lines[lines.length - 1] = lines[lines.length - 1].replace(/\r$/, "");
  return lines;
}

/** The record that starts at `lines[start]`, and the index of the line after it. */
function parseRecord(
  lines: readonly string[],
  start: number,
  number: number,
  options: ParseOptions & { separator: string },
): { values: string[]; end: number } {
  const { separator, lazyQuotes, trimLeadingSpace } = options;
  const values: string[] = [];
  let current = start;
  let line = lines[start];
  let at = 0;

  const fail = (column: number, problem: string): never => {
    const onLine = number + (current - start) + 1;
    // Columns count code points from 1.
    const codePoints = [...line.slice(0, column)].length + 1;
    throw new SyntaxError(
      `Syntax error on line ${
        number + 1
      }; parse error on line ${onLine}, column ${codePoints}: ${problem}`,
    );
  };
  const unfinished = 'extraneous or missing " in quoted-field';

  while (true) {
    if (trimLeadingSpace) at = line.length - line.slice(at).trimStart().length;
    if (line[at] !== '"') {
      const found = line.indexOf(separator, at);
      const value = line.slice(at, found < 0 ? undefined : found);
      const quote = value.indexOf('"');
      if (quote >= 0 && !lazyQuotes) fail(at + quote, 'bare " in non-quoted-field');
      values.push(value);
      if (found < 0) return { values, end: current + 1 };
      at = found + separator.length;
      continue;
    }

    at++;
    let value = "";
    let closed = false;
    while (!closed) {
      const quote = line.indexOf('"', at);
      if (quote < 0) {
        value += line.slice(at);
        if (current + 1 === lines.length) {
          // Upstream has stepped past the last line by then, unless nothing was left on it.
          if (!lazyQuotes) fail(at === line.length ? at : 0, unfinished);
          values.push(value);
          return { values, end: current + 1 };
        }
        line = lines[++current];
        at = 0;
        value += "\n";
        continue;
      }
      value += line.slice(at, quote);
      at = quote + 1;
      if (line[at] === '"') {
        value += '"';
        at++;
      } else if (at === line.length || line.startsWith(separator, at)) {
        closed = true;
      } else if (lazyQuotes) {
        value += '"';
      } else {
        fail(quote, unfinished);
      }
    }
    values.push(value);
    if (at === line.length) return { values, end: current + 1 };
    at += separator.length;
  }
}
