/** Reader of CSV files whose rows are pictures: one column for each pixel. @module */

import { UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";
import type { ByteInput } from "./byte_input.ts";
import { orderClasses } from "./class_names.ts";
import { type CsvHeader, type LabelOptions, readCsvHeader } from "./csv_header.ts";
import { createRowParser, type RowParser } from "./csv_rows.ts";
import { fileKind } from "./file_kind.ts";
import { createPixelBlocks, type PixelBlocks } from "./pixel_blocks.ts";
import { pixelShape } from "./pixel_shape.ts";

/** Options of {@linkcode readPixelCsv}. */
export interface PixelCsvOptions extends LabelOptions {
  /** Height, width and, if not 1, channels of each picture. @default the square of as many pixels, grey or in colour */
  readonly shape?: readonly number[];
  /** Read no more rows than these. @default {Infinity} */
  readonly maxRows?: number;
}

/** The pictures of a CSV file. */
export interface PixelTable {
  /** Their pixels. */
  readonly pixels: PixelBlocks;
  /** Class names, by number when all are whole numbers, else by name; empty without labels. */
  readonly classes: readonly string[];
  /** Class number of each row; -1 without labels. */
  readonly labels: Int32Array;
  /** Guesses that were made, a line each. */
  readonly notes: readonly string[];
}

/** A longer line is none of pictures that anyone classifies: 64 MiB are 4,000 x 4,000 pixels. */
const MAX_LINE_BYTES = 1 << 26;

const LF = 0x0a;
const CR = 0x0d;

/**
 * Reads a CSV of pixels in one pass: a header line, then one picture a row, row-major, each pixel 0 to 255 (`12`,
 * `"12"` or `12.0`), the label in a column of its own. Line ends LF or CRLF; a byte order mark and blank lines are
 * passed over, and so is a first column without a name (pandas' row index).
 *
 * Memory: the pixels, a byte each, and a buffer of the longest line or 1 MiB.
 *
 * @throws {UserError} With line and column, for whatever is not such a file.
 */
export async function readPixelCsv(
  input: ByteInput,
  options: PixelCsvOptions & ProgressOptions = {},
): Promise<PixelTable> {
  const { name } = input;
  const { onProgress, signal, maxRows = Infinity } = options;
  let header: CsvHeader | undefined;
  let parse: RowParser | undefined;
  let pixels: PixelBlocks | undefined;
  const labels = createLabelColumn();

  /** Takes one line; `false` when no more are wanted. */
  const takeLine = (bytes: Uint8Array, start: number, lineEnd: number, number: number): boolean => {
    const end = lineEnd > start && bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    if (end === start) return true;
    if (header === undefined || parse === undefined || pixels === undefined) {
      const line = decodeHeader(bytes.subarray(start, end), name);
      if (line.trim() === "") return true;
      header = readCsvHeader(line, name, options);
      parse = createRowParser(header, name);
      pixels = createPixelBlocks(pixelShape(header.pixelCount, options.shape, name));
    } else {
      const { block, offset } = pixels.nextRow();
      const label = parse({ bytes, start, end, number }, block, offset);
      pixels.keepRow();
      labels.push(label);
    }
    return pixels.length < maxRows;
  };

  let done = 0;
  for await (const end of readLines(input, takeLine)) {
    signal?.throwIfAborted();
    done = end;
    onProgress?.({ stage: "read", done, total: input.size, unit: "bytes" });
  }
  if (header === undefined) {
    throw new UserError(`Cannot read ${name}: the file is empty, expected a CSV of pixels`);
  }
  if (pixels === undefined || pixels.length === 0) {
    throw new UserError(
      `Cannot read ${name}: there are no rows below the header, expected one for each picture`,
    );
  }
  if (header.labelColumn < 0) {
    const unknown = new Int32Array(pixels.length).fill(-1);
    return { pixels, classes: [], labels: unknown, notes: header.notes };
  }
  const named = labels.finish();
  return { pixels, ...named, notes: [...header.notes, ...named.notes] };
}

/** Calls `takeLine` for each line of the input; yields the number of bytes done after each piece. */
async function* readLines(
  { name, chunks }: ByteInput,
  takeLine: (bytes: Uint8Array, start: number, end: number, number: number) => boolean,
): AsyncGenerator<number> {
  let buffer = new Uint8Array(1 << 20);
  /** Bytes in the buffer; without a line end among them, all of them belong to a line begun. */
  let filled = 0;
  let done = 0;
  let number = 0;

  /** Takes all whole lines in the buffer, whose first `scanned` bytes hold no line end; `false` to stop. */
  const takeLines = (scanned: number): boolean => {
    const view = buffer.subarray(0, filled);
    let start = 0;
    for (let end = view.indexOf(LF, scanned); end >= 0; end = view.indexOf(LF, start)) {
      if (!takeLine(view, start, end, ++number)) return false;
      start = end + 1;
    }
    buffer.copyWithin(0, start, filled);
    filled -= start;
    return true;
  };

  for await (const chunk of chunks) {
    if (done === 0) refuseOtherKinds(chunk, name);
    // One byte more than needed: for the line end that the last line may lack.
    if (filled + chunk.length >= buffer.length) {
      if (filled > MAX_LINE_BYTES) {
        throw new UserError(
          `Cannot read ${name}: line ${
            number + 1
          } is longer than 64 MiB, expected one picture a line`,
        );
      }
      const larger = new Uint8Array(2 * (filled + chunk.length));
      larger.set(buffer.subarray(0, filled));
      buffer = larger;
    }
    buffer.set(chunk, filled);
    const scanned = filled;
    filled += chunk.length;
    done += chunk.length;
    const wantsMore = takeLines(scanned);
    yield done;
    if (!wantsMore) return;
  }
  if (filled > 0) {
    buffer[filled++] = LF;
    takeLines(filled - 1);
    yield done;
  }
}

function refuseOtherKinds(head: Uint8Array, name: string): void {
  const kind = fileKind(head);
  if (!kind) return;
  const advice = kind.endsWith("picture")
    ? "expected many: give the folder that holds them"
    : kind.endsWith("archive") && !/\bzip/.test(kind)
    ? "expected a folder, a zip archive or a CSV; unpack it"
    : "expected a folder of pictures, a zip archive, a CSV or IDX files";
  throw new UserError(`Cannot read ${name}: it looks like ${kind}, ${advice}`);
}

/** The header line as text; a byte order mark is dropped. */
function decodeHeader(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UserError(
      `Cannot read ${name}: line 1 is not UTF-8 text, expected the names of the columns; save the file as UTF-8`,
      { cause: error },
    );
  }
}

/** Labels as they come, each distinct text once. */
function createLabelColumn() {
  const numbers = new Map<string, number>();
  const rows: number[] = [];
  return {
    push(label: string): void {
      let number = numbers.get(label);
      if (number === undefined) numbers.set(label, number = numbers.size);
      rows.push(number);
    },
    finish(): Omit<PixelTable, "pixels"> {
      const { classes, numberOf, notes } = orderClasses([...numbers.keys()], { numbers: true });
      return { classes, labels: Int32Array.from(rows, (number) => numberOf[number]), notes };
    },
  };
}
