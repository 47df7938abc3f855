/** Headers of a JPEG file's scans, and what the scans cost. @module */

import { UserError } from "../core/errors.ts";
import { type JpegFrame, type JpegPart, type JpegSegment, nextSegment } from "./jpeg_frame.ts";

/**
 * Blocks that all scans of a file visit together. A block of which a scan says nothing costs a few nanoseconds and next to no
 * bytes of the file: this bounds the time of a file of many scans to some tenths of a second. The largest image that is
 * decoded, 64 megapixels with whole chroma, may still have 21 scans of everything; libjpeg's own progression visits each block
 * less than 7 times.
 */
const MAX_BLOCK_VISITS = 64_000_000;

/** Each scan counts as so many blocks more: what it costs to begin one. */
const SCAN_OVERHEAD = 1000;

/** What the header of a scan says. */
export interface JpegScan {
  /** Numbers of the components. */
  readonly which: readonly number[];
  /** Of each: number of the table of first coefficients and, plus 4, of the others. */
  readonly tables: readonly (readonly [first: number, others: number])[];
  readonly first: number;
  readonly last: number;
  readonly before: number;
  readonly left: number;
}

/** Units that a scan of all components has. */
function units({ height, width, parts }: JpegFrame): { across: number; down: number } {
  const side = (length: number, factor: (part: JpegPart) => number) =>
    Math.ceil(length / (8 * Math.max(...parts.map(factor))));
  return {
    across: side(width, ({ across }) => across),
    down: side(height, ({ down }) => down),
  };
}

/** Blocks that a scan of these components visits. */
export function visits(frame: JpegFrame, which: readonly number[]): number {
  const { across, down } = units(frame);
  // A component alone has fewer in its last row and column: not counted.
  return which.reduce(
    (sum, i) => sum + across * down * (frame.parts[i]?.across ?? 0) * (frame.parts[i]?.down ?? 0),
    0,
  );
}

/**
 * Counts what the scans of a file visit, by their headers alone.
 *
 * @returns `false` when it is damaged.
 * @throws {UserError} When they are too many.
 */
export function visitsAreFew(bytes: Uint8Array, frame: JpegFrame, name: string): boolean {
  let left = MAX_BLOCK_VISITS, scans = 0;
  for (let at = 2;;) {
    const segment = nextSegment(bytes, at);
    if (segment === undefined || segment.marker === 0xd9) return true;
    at = segment.to;
    if (segment.marker !== 0xda) continue;
    const scan = readScanHeader(bytes, segment, frame);
    if (scan === undefined) return false;
    scans++;
    left -= visits(frame, scan.which) + SCAN_OVERHEAD;
    // Nothing follows the one scan of a sequential file that would cost anything.
    if (frame.marker !== 0xc2 && scan.which.length === frame.parts.length && scans === 1) {
      return true;
    }
    if (left < 0) throw tooMany(frame, name, scans);
  }
}

function tooMany({ height, width }: JpegFrame, name: string, scans: number): UserError {
  return new UserError(
    `Cannot read ${name}: the JPEG has ${scans} scans or more of ${width} x ${height} pixels; expected scans that visit at ` +
      `most ${
        MAX_BLOCK_VISITS / 1e6
      } million blocks of 8 x 8 pixels in all; save it again as an ordinary JPEG`,
  );
}

export function readScanHeader(
  bytes: Uint8Array,
  { from, to }: JpegSegment,
  { parts }: JpegFrame,
): JpegScan | undefined {
  const count = bytes[from];
  if (count < 1 || count > 4 || to - from !== 4 + 2 * count) return undefined;
  const which: number[] = [];
  const tables: [number, number][] = [];
  for (let i = 0; i < count; i++) {
    const at = from + 1 + 2 * i;
    // As libjpeg does it: of several of one name each has its turn.
    const part = parts.findIndex(({ id }, part) => part >= i && id === bytes[at]);
    const [first, others] = [bytes[at + 1] >> 4, bytes[at + 1] & 15];
    if (part < 0 || which.includes(part) || first > 3 || others > 3) return undefined;
    which.push(part);
    tables.push([first, 4 + others]);
  }
  const [first, last, bits] = bytes.subarray(to - 3, to);
  return { which, tables, first, last, before: bits >> 4, left: bits & 15 };
}
