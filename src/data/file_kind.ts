/** What a file is, by its first bytes. @module */

/** Signatures at the start of files, as text of one byte a character. */
const SIGNATURES: readonly (readonly [start: string, kind: string])[] = [
  ["PK\x03\x04", "a zip archive"],
  ["PK\x05\x06", "an empty zip archive"],
  ["\x1f\x8b", "a gzip archive"],
  ["BZh", "a bzip2 archive"],
  ["\xfd7zXZ", "an xz archive"],
  ["\x28\xb5\x2f\xfd", "a zstandard archive"],
  ["7z\xbc\xaf", "a 7z archive"],
  ["\x89PNG", "a PNG picture"],
  ["\xff\xd8\xff", "a JPEG picture"],
  ["GIF8", "a GIF picture"],
  ["%PDF", "a PDF document"],
  ["PAR1", "a Parquet file"],
  ["\x93NUMPY", "a NumPy .npy file"],
  ["\x89HDF", "an HDF5 file"],
  ["SQLite format 3", "a SQLite database"],
  ["\xd0\xcf\x11\xe0", "an old Excel or Word file"],
  ["\x00\x00\x08", "an IDX file"],
  ["\xff\xfe", "UTF-16 text"],
  ["\xfe\xff", "UTF-16 text"],
];

/** How text that is no table begins. */
const TEXT_STARTS: readonly (readonly [start: RegExp, kind: string])[] = [
  [/^<(!doctype|html|\?xml)/i, "a web page"],
  [/^\{/, "JSON"],
  [/^\[/, "JSON"],
];

/**
 * Says what a file that should be a CSV looks like instead, in words for a message (`"a zip archive"`).
 *
 * @param head The first bytes of the file; a few hundred are enough.
 * @returns `undefined` when it may well be a CSV.
 *
 * @example
 * ```ts
 * import { fileKind } from "./file_kind.ts";
 * if (fileKind(new TextEncoder().encode("a,b\n1,2")) !== undefined) throw new Error();
 * if (fileKind(Uint8Array.of(0x50, 0x4b, 3, 4)) !== "a zip archive") throw new Error();
 * ```
 */
export function fileKind(head: Uint8Array): string | undefined {
  const start = String.fromCharCode(...head.subarray(0, 64));
  const signed = SIGNATURES.find(([signature]) => start.startsWith(signature));
  if (signed) return signed[1];
  const text = start.replace(/^\xef\xbb\xbf/, "").trimStart();
  const begun = TEXT_STARTS.find(([pattern]) => pattern.test(text));
  if (begun) return begun[1];
  // No text of any ASCII-compatible encoding holds a zero byte.
  return head.subarray(0, 4096).includes(0) ? "a binary file" : undefined;
}
