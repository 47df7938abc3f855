/** The files of a zip archive, unpacked one by one when they are asked for. @module */

import { UserError } from "../../core/errors.ts";
import { clip } from "../../core/quoted.ts";
import { importZip } from "../../deps.ts";
import { tooLarge } from "./local_file.ts";
import {
  HEAD_BYTES,
  isSystemName,
  MAX_FILE_BYTES,
  type PictureFiles,
  sortByPath,
} from "./picture_files.ts";
import type { RandomAccess } from "./random_access.ts";

/** Where a file lies in the archive and how it is packed. */
interface ZipEntry {
  /** Parts joined by `/`; a name and nothing else: it is never a path on the disk. */
  readonly path: string;
  /** Where its own header begins. */
  readonly offset: number;
  /** Bytes as packed. */
  readonly packed: number;
  /** Bytes unpacked, as the archive claims. */
  readonly size: number;
  readonly method: number;
  readonly crc: number;
  readonly encrypted: boolean;
}

/** APPNOTE.TXT 6.3.10, 4.3.7: the fixed part of a local header. */
const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER = 0x04034b50;
/** APPNOTE.TXT, 4.4.5. */
const STORED = 0;
const DEFLATED = 8;
/** Deflate makes no more bytes of one than this (zlib's technical notes): a higher claim is a lie. */
const MAX_DEFLATED = 1032;
/** Unpacked bytes that any file may have, and beyond those for each packed one: pictures are packed already. */
const FREE_BYTES = 1 << 24;
const MAX_EXPANSION = 64;
/** Name and extra field of a local header are read with it when they are not longer, as those of nearly all archives. */
const EXTRA_BYTES = 64;
/** Longer than the table of a deflated block can be (RFC 1951, 3.2.7), so that the first bytes behind it are had, too. */
const TABLE_BYTES = 512;

/**
 * Lists the files of a zip archive, sorted by path. Only its directory is read; names that point out of the archive
 * (`../../etc/passwd`) are names like others, nothing is written. Dot-files and what systems put beside pictures are passed over.
 *
 * @param name What to call the archive in messages.
 * @throws {UserError} When it is no whole zip archive, is encrypted, or its files lie over one another, as a bomb's do.
 */
export async function listZip(
  archive: RandomAccess,
  name: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<PictureFiles> {
  const found: ZipEntry[] = [];
  let passedOver = 0;
  let packed = 0;
  for await (const entry of directoryOf(archive, name)) {
    signal?.throwIfAborted();
    packed += entry.packed;
    if (entry.path.split("/").some(isSystemName)) passedOver++;
    else found.push(entry);
  }
  if (packed > archive.size) {
    throw new UserError(
      `Cannot read ${name}: its files lie over one another, as in a zip bomb; pack it anew`,
    );
  }
  if (found.length > 0 && found.every(({ encrypted }) => encrypted)) {
    throw new UserError(
      `Cannot read ${name}: it is encrypted; unpack it with its password and give the folder`,
    );
  }
  const entries = sortByPath(found, ({ path }) => path);
  const nameOf = (index: number) => clip(entries[index].path, 1000);
  const unpackNamed = (index: number, limit?: number) =>
    unpack(archive, entries[index], nameOf(index), limit);
  return {
    kind: "zip archive",
    paths: entries.map(({ path }) => path),
    passedOver,
    troubles: [],
    name: nameOf,
    head: (index) => unpackNamed(index, HEAD_BYTES),
    read: (index) => unpackNamed(index),
  };
}

/** The entries of the archive's directory but for folders. */
async function* directoryOf(archive: RandomAccess, name: string): AsyncGenerator<ZipEntry> {
  const { ZipReader } = await importZip();
  const reader = { size: archive.size, readUint8Array: archive.read };
  try {
    // Names are checked by nobody: they stay names. Anything else must be plain.
    const options = { filenameValidation: "tolerant" } as const;
    // The library's own readers are classes with more methods, none of which lists an archive.
    const zip = new ZipReader(reader as unknown as ConstructorParameters<typeof ZipReader>[0]);
    for await (const entry of zip.getEntriesGenerator(options)) {
      if (entry.directory) continue;
      yield {
        path: entry.filename.split(/[/\\]/).filter((part) => !/^\.{0,2}$/.test(part)).join("/"),
        offset: entry.offset,
        packed: entry.compressedSize,
        size: entry.uncompressedSize,
        method: entry.compressionMethod,
        crc: entry.crc32!, // every directory has it
        encrypted: entry.encrypted,
      };
    }
  } catch (error) {
    if (error instanceof UserError || !(error instanceof Error)) throw error;
    throw new UserError(
      `Cannot read ${name}: the zip archive is cut off or damaged (${
        clip(error.message)
      }); get it again`,
      { cause: error },
    );
  }
}

/**
 * One file, or its beginning.
 *
 * @param limit Bytes of the beginning; all of it, checked, where it is absent.
 */
async function unpack(
  archive: RandomAccess,
  entry: ZipEntry,
  name: string,
  limit?: number,
): Promise<Uint8Array> {
  const fail = (detail: string) => new UserError(`Cannot read ${name}: ${detail}`);
  const damaged = () => fail("its place in the zip archive is damaged; get the archive again");
  const { path, offset, packed, size, method, crc, encrypted } = entry;
  if (encrypted) throw fail("it is encrypted; unpack the archive with its password");
  if (method !== STORED && method !== DEFLATED) {
    throw fail(`it is packed by method ${method}, expected deflate; pack the archive anew`);
  }
  if (limit === undefined && size > MAX_FILE_BYTES) throw tooLarge(name, size);
  const most = method === STORED ? packed : packed * MAX_DEFLATED;
  if (size > most || method === STORED && size !== packed) throw damaged();
  if (limit === undefined && size > FREE_BYTES + packed * MAX_EXPANSION) {
    throw fail(
      `${packed} packed bytes become ${size}, more than ${MAX_EXPANSION} times as many, as in a zip bomb; if that is right, ` +
        "unpack the archive and give the folder",
    );
  }

  const wanted = limit === undefined ? packed : Math.min(packed, limit + TABLE_BYTES);
  const nameBytes = 3 * path.length; // at the most, in UTF-8
  const header = await archive.read(
    offset,
    LOCAL_HEADER_BYTES + nameBytes + EXTRA_BYTES + wanted,
  );
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (header.length < LOCAL_HEADER_BYTES || view.getUint32(0, true) !== LOCAL_HEADER) {
    throw damaged();
  }
  // Name and extra field (4.3.7); they may differ in length from those in the directory.
  const start = LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  const data = start + wanted <= header.length
    ? header.subarray(start, start + wanted)
    : await archive.read(offset + start, wanted);
  if (data.length < wanted) throw damaged();
  const { constants, crc32, inflateRawSync } = await import("node:zlib");
  if (method === STORED) {
    return limit === undefined ? checked(data.slice()) : data.subarray(0, limit);
  }
  let unpacked: Uint8Array;
  try {
    const { buffer, byteOffset, length } = limit === undefined
      // Not a byte more than was claimed: a bomb ends here.
      // One buffer of that size, or it would be there twice when the pieces are joined.
      ? inflateRawSync(data, {
        maxOutputLength: Math.max(size, 1),
        chunkSize: Math.max(size, constants.Z_MIN_CHUNK),
      })
      : inflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }); // ends amid a block
    unpacked = new Uint8Array(buffer, byteOffset, length);
  } catch {
    throw damaged();
  }
  return limit === undefined ? checked(unpacked) : unpacked.subarray(0, limit);

  function checked(bytes: Uint8Array): Uint8Array {
    if (bytes.length !== size || crc32(bytes) !== crc) throw damaged();
    return bytes;
  }
}
