/**
 * The entries of a zip archive, as far as `torch.save` uses zip: everything stored plainly.
 *
 * Compressed entries are refused rather than inflated. PyTorch's writer never compresses tensors or
 * pickles, so nobody loses a file, and an archive can then never grow: what is read is a view of the
 * bytes that are there, which leaves nothing for a zip bomb to do. Checksums are not compared either,
 * as PyTorch does not: since 2.6 it may be told to write no true ones (`set_crc32_options`); downloads
 * are checked by SHA-256.
 *
 * Written from PKWARE's APPNOTE.TXT 6.3.10; section numbers below are its.
 *
 * @module
 */

import { UserError } from "../core/errors.ts";
import { clip } from "../core/quoted.ts";

/** Where an entry lies and how it is kept. */
export interface ZipEntry {
  /** Path inside of the archive. */
  readonly name: string;
  /** 0 is stored, 8 deflated (4.4.5). */
  readonly method: number;
  /** Whether the entry is encrypted (4.4.4, bit 0). */
  readonly encrypted: boolean;
  /** Bytes as kept. */
  readonly compressedSize: number;
  /** Bytes when unpacked, as claimed. */
  readonly size: number;
  /** Index of the entry's own header. */
  readonly headerOffset: number;
}

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END = 0x06054b50;
const ZIP64_END = 0x06064b50;
const ZIP64_LOCATOR = 0x07064b50;
const LOCAL_HEADER_BYTES = 30;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
/** Most entries: an archive has one for each storage, of which EfficientNet-B7 and its optimizer have 3,000. */
const MAX_ENTRIES = 100_000;

/**
 * The archive's entries by name.
 *
 * @param bytes The whole archive.
 * @param name What messages call the file.
 *
 * @throws {UserError} The archive is truncated, its directory is malformed, a name occurs twice, entries overlap, or there are more
 * than 100,000.
 */
export function listZip(bytes: Uint8Array, name: string): Map<string, ZipEntry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const damaged = (what: string) =>
    new UserError(
      `Cannot read ${name}: ${what}; the zip archive is truncated or damaged, fetch it again`,
    );
  const { start, size, count } = findDirectory(view, damaged);
  if (start + size > bytes.length) throw damaged("its directory lies beyond the end of the file");
  if (count > MAX_ENTRIES) {
    throw damaged(`it claims ${count} entries, of which a checkpoint has at most ${MAX_ENTRIES}`);
  }
  const entries = new Map<string, ZipEntry>();
  let at = start;
  for (let i = 0; i < count; i++) {
    const fixed = at + 46; // 4.3.12
    if (fixed > start + size || view.getUint32(at, true) !== CENTRAL_HEADER) {
      throw damaged(`its directory has ${i} entries of ${count}`);
    }
    const nameEnd = fixed + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    const next = extraEnd + view.getUint16(at + 32, true);
    if (next > start + size) throw damaged(`entry ${i} of its directory is cut off`);
    const entry: ZipEntry = {
      name: new TextDecoder().decode(bytes.subarray(fixed, nameEnd)),
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) !== 0,
      ...readSizes(view, at, nameEnd, extraEnd, damaged),
    };
    if (entries.has(entry.name)) throw damaged(`it holds "${clip(entry.name)}" twice`);
    entries.set(entry.name, entry);
    at = next;
  }
  checkApart([...entries.values()], start, damaged);
  return entries;
}

/** Entries lie one behind the other, before the directory: one that reaches into another was written by nobody. */
function checkApart(entries: readonly ZipEntry[], directory: number, damaged: Damaged): void {
  let end = 0;
  for (const entry of entries.toSorted((a, b) => a.headerOffset - b.headerOffset)) {
    if (entry.headerOffset < end) throw damaged(`its entry "${clip(entry.name)}" overlaps another`);
    end = entry.headerOffset + LOCAL_HEADER_BYTES + entry.compressedSize;
  }
  if (end > directory) throw damaged("its entries reach into its directory");
}

/**
 * The bytes of a stored entry: a view, nothing is copied.
 *
 * @throws {UserError} The entry is compressed or encrypted, or lies beyond the end of the file.
 */
export function readStored(bytes: Uint8Array, entry: ZipEntry, name: string): Uint8Array {
  const what = `Cannot read ${name}: its entry "${clip(entry.name)}"`;
  if (entry.method !== 0 || entry.encrypted) {
    throw new UserError(
      `${what} is ${entry.encrypted ? "encrypted" : "compressed"}, which torch.save never does; ` +
        "in Python load the file and save it again with torch.save",
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { headerOffset, compressedSize, size } = entry;
  const fixed = headerOffset + LOCAL_HEADER_BYTES; // 4.3.7; its sizes may be zero, the directory's count
  if (fixed <= bytes.length && view.getUint32(headerOffset, true) === LOCAL_HEADER) {
    const start = fixed + view.getUint16(headerOffset + 26, true) +
      view.getUint16(headerOffset + 28, true);
    if (size === compressedSize && start + size <= bytes.length) {
      return bytes.subarray(start, start + size);
    }
  }
  throw new UserError(
    `${what} lies beyond the end of the file or is malformed; the zip archive is truncated or damaged, fetch it again`,
  );
}

type Damaged = (what: string) => UserError;

/** Where the directory lies, from the record at the file's end (4.3.16), or its zip64 form (4.3.14). */
function findDirectory(
  view: DataView,
  damaged: Damaged,
): { start: number; size: number; count: number } {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT_BYTES); at--) {
    if (view.getUint32(at, true) !== END || at + view.getUint16(at + 20, true) !== last) continue;
    const locator = at - 20;
    if (locator >= 0 && view.getUint32(locator, true) === ZIP64_LOCATOR) {
      const end64 = readSafe(view, locator + 8);
      if (end64 + 56 > view.byteLength || view.getUint32(end64, true) !== ZIP64_END) {
        throw damaged("its zip64 end record is not where it should be");
      }
      return {
        count: readSafe(view, end64 + 32),
        size: readSafe(view, end64 + 40),
        start: readSafe(view, end64 + 48),
      };
    }
    return {
      count: view.getUint16(at + 10, true),
      size: view.getUint32(at + 12, true),
      start: view.getUint32(at + 16, true),
    };
  }
  throw damaged("it has no end record");
}

/** An entry's sizes and place, from its directory line or, where that is full, its zip64 field (4.5.3). */
function readSizes(
  view: DataView,
  at: number,
  extraStart: number,
  extraEnd: number,
  damaged: Damaged,
): Pick<ZipEntry, "size" | "compressedSize" | "headerOffset"> {
  let size = view.getUint32(at + 24, true);
  let compressedSize = view.getUint32(at + 20, true);
  let headerOffset = view.getUint32(at + 42, true);
  const FULL = 0xffffffff;
  if (size !== FULL && compressedSize !== FULL && headerOffset !== FULL) {
    return { size, compressedSize, headerOffset };
  }
  for (let field = extraStart; field + 4 <= extraEnd;) {
    const end = field + 4 + view.getUint16(field + 2, true);
    if (view.getUint16(field, true) === 1 && end <= extraEnd) {
      let value = field + 4;
      const next = () => {
        if (value + 8 > end) throw damaged("the zip64 field of an entry is too short");
        value += 8;
        return readSafe(view, value - 8);
      };
      if (size === FULL) size = next();
      if (compressedSize === FULL) compressedSize = next();
      if (headerOffset === FULL) headerOffset = next();
      return { size, compressedSize, headerOffset };
    }
    field = end;
  }
  throw damaged("an entry lacks its zip64 field");
}

/** A 64-bit number; what a double cannot hold exactly is beyond any file, and stays so when rounded. */
function readSafe(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}
