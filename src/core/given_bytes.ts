/** Bytes in any of the forms in which programs hold them. @module */

/** The bytes of a file: an array of bytes, the buffer or a view of one, or a `Blob` or `File`, which is read. */
export type FileBytes = Uint8Array | Uint8ClampedArray | DataView | ArrayBufferLike | Blob;

/**
 * Whether a value holds the bytes of a file. Arrays of wider numbers do not: they may be pixels, never a file.
 *
 * @example
 * ```ts
 * import { holdsBytes } from "./given_bytes.ts";
 * if (!holdsBytes(new ArrayBuffer(1)) || holdsBytes("ab") || holdsBytes(new Float32Array(1))) throw new Error();
 * ```
 */
export function holdsBytes(value: unknown): value is FileBytes {
  return value instanceof Uint8Array || value instanceof Uint8ClampedArray ||
    value instanceof DataView || value instanceof ArrayBuffer ||
    typeof SharedArrayBuffer === "function" && value instanceof SharedArrayBuffer ||
    typeof Blob === "function" && value instanceof Blob;
}

/**
 * The bytes, without copying those in memory.
 *
 * @example
 * ```ts
 * import { bytesOf } from "./given_bytes.ts";
 * if ((await bytesOf(new Blob(["ab"]))).join() !== "97,98") throw new Error();
 * ```
 */
export async function bytesOf(file: FileBytes): Promise<Uint8Array> {
  if (file instanceof Uint8Array) return file;
  if (ArrayBuffer.isView(file)) {
    return new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  }
  return new Uint8Array(file instanceof Blob ? await file.arrayBuffer() : file);
}
