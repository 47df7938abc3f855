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

/** Kinds that their first few bytes do not tell, by patterns of one byte a character. */
const PATTERNS: readonly (readonly [start: RegExp, kind: string])[] = [
  // A zip archive, the first file of which is torch's pickle: 26 bytes lie between the signature and its name.
  [/^PK[^]{28}[^\0]{0,200}?data\.pkl/, "a PyTorch checkpoint"],
  // deno-lint-ignore no-control-regex -- PROTO, and which
  [/^\x80[\x02-\x05][^]/, "a Python pickle"],
  // deno-lint-ignore no-control-regex -- ModelProto: ir_version, then the producer's name
  [/^\x08[\x03-\x1f]\x12[\x01-\x40][\w .-]/, "an ONNX model"],
  [/^[^]{257}ustar/, "a tar archive"],
  // 8 bytes of length, the upper ones zero, then JSON, of which graft writes the metadata first.
  [/^[^]{4}\0{4}\{"__metadata__":\{[^]*"graft":"\{/, "a model that graft keeps"],
  [/^[^]{4}\0{4}\{"__metadata__":\{[^]*"datasetSha256":"/, "a file of features"],
  [/^[^]{4}\0{4}\{/, "a safetensors file"],
];

/** How text that is no table begins. */
const TEXT_STARTS: readonly (readonly [start: RegExp, kind: string])[] = [
  [/^<(!doctype|html|\?xml)/i, "a web page"],
  [/^\{/, "JSON"],
  [/^\[/, "JSON"],
];

const BINARY = "a binary file";

/**
 * Says what a file that should be a CSV looks like instead, in words for a message (`"a zip archive"`).
 *
 * @param head The first bytes of the file; a few hundred are enough to tell most kinds, 4 KiB all of them.
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
  const start = String.fromCharCode(...head.subarray(0, 4096));
  const known = PATTERNS.find(([pattern]) => pattern.test(start));
  if (known) return known[1];
  const signed = SIGNATURES.find(([signature]) => start.startsWith(signature));
  if (signed) return signed[1];
  const text = start.slice(0, 64).replace(/^\xef\xbb\xbf/, "").trimStart();
  const begun = TEXT_STARTS.find(([pattern]) => pattern.test(text));
  if (begun) return begun[1];
  // No text of any ASCII-compatible encoding holds a zero byte.
  return head.subarray(0, 4096).includes(0) ? BINARY : undefined;
}

/**
 * Says what a file is that should be something else: words that follow a colon (`"it is text"`, `"the file is empty"`).
 *
 * @param head The first bytes of the file; a few hundred are enough.
 *
 * @example
 * ```ts
 * import { whatItIs } from "./file_kind.ts";
 * if (whatItIs(new TextEncoder().encode("not found")) !== "it is text") throw new Error();
 * if (whatItIs(Uint8Array.of(0x50, 0x4b, 3, 4)) !== "it is a zip archive") throw new Error();
 * ```
 */
export function whatItIs(head: Uint8Array): string {
  if (head.length === 0) return "the file is empty";
  const kind = fileKind(head);
  if (kind !== undefined && kind !== BINARY) return `it is ${kind}`;
  // deno-lint-ignore no-control-regex -- text has none of these
  const isText = !/[\0-\x08\x0e-\x1f]/.test(String.fromCharCode(...head.subarray(0, 512)));
  return `it is ${isText ? "text" : "none that is known"}`;
}
