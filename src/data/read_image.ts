/** Picture files from disk, an address or memory. @module */

import { UserError } from "../core/errors.ts";
import { type ByteInput, openBytes } from "./byte_input.ts";
import { decodeImage, type DecodeOptions } from "./decode.ts";
import type { Image } from "./image.ts";
import { pictureKind } from "./image_header.ts";

/** A picture: decoded, or the bytes, the path or the address of a JPEG or PNG file. */
export type ImageSource = Image | Uint8Array | string | URL;

/** Options of {@linkcode readImage}. */
export interface ReadImageOptions extends DecodeOptions {
  /** Stops a download. */
  readonly signal?: AbortSignal;
}

/** A larger file is no picture of the pixels that are allowed; 64 megapixels of noise as PNG are 192 MB. */
const MAX_FILE_BYTES = 1 << 28;

/**
 * Reads and decodes a JPEG or PNG file; a decoded picture is handed back as it is.
 *
 * @throws {UserError} When it cannot be read or decoded; the message names the file.
 *
 * @example
 * ```ts ignore
 * import { readImage } from "./read_image.ts";
 * const { height, width } = await readImage("cat.jpg");
 * ```
 */
export async function readImage(
  source: ImageSource,
  { signal, ...options }: ReadImageOptions = {},
): Promise<Image> {
  if (source instanceof Uint8Array) return await decodeImage(source, options);
  if (typeof source !== "string" && !(source instanceof URL)) return source;
  using input = await openBytes(source, { signal });
  const bytes = await readWhole(input, signal);
  return await decodeImage(bytes, { name: input.name, ...options });
}

/** Pictures that are held decoded at once: the memory of one large picture, or many small ones. */
const BATCH_PIXELS = 64_000_000;
const BATCH_PICTURES = 256;

/**
 * Reads pictures in order, a few at a time, so that memory does not grow with their number.
 *
 * @returns Batches of one picture or more; one empty batch when there are no sources.
 * @throws {UserError} When one cannot be read or decoded.
 */
export async function* readImageBatches(
  sources: readonly ImageSource[],
  options: ReadImageOptions = {},
): AsyncGenerator<Image[]> {
  let batch: Image[] = [];
  let pixels = 0;
  for (const [i, source] of sources.entries()) {
    const name = source instanceof Uint8Array ? `picture ${i + 1}` : undefined;
    const image = await readImage(source, { ...name && { name }, ...options });
    const size = image.height * image.width;
    if (batch.length > 0 && (pixels + size > BATCH_PIXELS || batch.length === BATCH_PICTURES)) {
      yield batch;
      batch = [];
      pixels = 0;
    }
    batch.push(image);
    pixels += size;
  }
  yield batch;
}

/**
 * Whether a file or address holds a picture, of a kind that can be decoded or not, by its first bytes. A pipe can be
 * read only once, so that it is not looked into and counts as none.
 *
 * @throws {UserError} When it cannot be read.
 */
export async function isPicture(
  source: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<boolean> {
  if (!/^https?:/i.test(source)) {
    const path = /^file:/i.test(source) ? new URL(source) : source;
    const isOther = await Deno.stat(path).then(({ isFile }) => !isFile, () => false);
    if (isOther) return false;
  }
  using input = await openBytes(source, options);
  let head: Uint8Array = new Uint8Array(0);
  for await (const chunk of input.chunks) {
    head = joined([head, chunk.subarray(0, HEAD_BYTES)]);
    if (head.length >= HEAD_BYTES) break;
  }
  return pictureKind(head) !== undefined;
}

/** Enough for {@linkcode pictureKind}. */
const HEAD_BYTES = 16;

async function readWhole(
  { name, size, chunks }: ByteInput,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  checkLength(size ?? 0, name);
  let length = 0;
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    length += chunk.length;
    checkLength(length, name);
    pieces.push(chunk.slice()); // a piece is valid until the next one
  }
  return joined(pieces);
}

function checkLength(length: number, name: string): void {
  if (length <= MAX_FILE_BYTES) return;
  throw new UserError(
    `Cannot read ${name}: the file has ${length} bytes or more, expected a picture of at most ${MAX_FILE_BYTES}; ` +
      "scale it down",
  );
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
