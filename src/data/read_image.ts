/** Picture files from disk, an address or memory. @module */

import { UserError } from "../core/errors.ts";
import { bytesOf, type FileBytes, holdsBytes } from "../core/given_bytes.ts";
import { awaitAdvice, givenKind } from "../core/given_kind.ts";
import { heldPipe, isPipe } from "../core/pipes.ts";
import { clip } from "../core/quoted.ts";
import { shownSource } from "../core/shown_source.ts";
import { lookInto, openBytes, readAll } from "./byte_input.ts";
import { decodeImage, type DecodeOptions, encodedShape } from "./decode.ts";
import { checkedImage, type Image } from "./image.ts";
import { pictureKind } from "./image_header.ts";
import type { KeptPicture } from "./kept_picture.ts";
import { isCalledPicture } from "./sources/check_ending.ts";
import { isSkippable, reasonOf } from "./sources/check_files.ts";
import { formOf } from "./sources/form.ts";
import { MAX_FILE_BYTES } from "./sources/picture_files.ts";

/** A picture: decoded, or the bytes, a `Blob` or `File`, the path or the address of a JPEG or PNG file. */
export type ImageSource = Image | FileBytes | string | URL;

/** Options of {@linkcode readImage}. */
export interface ReadImageOptions extends DecodeOptions {
  /** Stops a download. */
  readonly signal?: AbortSignal;
}

/**
 * Reads and decodes a JPEG or PNG file; a decoded picture is handed back as it is.
 *
 * @throws {UserError} When it cannot be read or decoded, or is no picture at all; the message names the file.
 *
 * @example
 * ```ts
 * import { readImage } from "./read_image.ts";
 * import { encodePng } from "./encode_png.ts";
 * const dot = { height: 1, width: 2, channels: 1, data: Uint8Array.of(0, 255) } as const;
 * const { height, width } = await readImage(await encodePng(dot)); // or: "cat.jpg", an address
 * if (height !== 1 || width !== 2) throw new Error(`${height} x ${width}`);
 * ```
 */
export async function readImage(
  source: ImageSource,
  { signal, ...options }: ReadImageOptions = {},
): Promise<Image> {
  const picture = await readPicture(source, { signal, name: options.name });
  return "file" in picture
    ? await decodeImage(picture.file, { ...options, name: picture.name })
    : picture;
}

/** Reads a JPEG or PNG file without decoding it; a decoded picture is handed back as it is. */
async function readPicture(
  source: ImageSource,
  { signal, name = nameOf(source) }: Pick<ReadImageOptions, "signal" | "name">,
): Promise<KeptPicture> {
  if (holdsBytes(source)) return { file: await bytesOf(source), name };
  if (typeof source !== "string" && !(source instanceof URL)) {
    if (isObject(source)) return checkedImage(source, name);
    throw new UserError(
      `Cannot read ${name}: it is ${
        givenKind(source)
      }, expected a decoded picture, or the path, the address or the bytes of a JPEG or PNG file; ` +
        (awaitAdvice(source) ?? "leave it out"),
    );
  }
  using input = await openBytes(source, { signal });
  const advice = "no picture that is allowed has as many; scale it down";
  return {
    file: await readAll(input, { limit: MAX_FILE_BYTES, advice, signal }),
    name: input.name,
  };
}

/** Whether a value may be a decoded picture, which says better itself what is wrong with it. */
function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && awaitAdvice(value) === undefined;
}

/** What to call a picture in messages, where nothing else is known: a `File` has a name, bytes have their place in a list. */
function nameOf(source: unknown, index?: number): string {
  if (typeof source === "string" || source instanceof URL) return shownSource(source);
  const place = index === undefined ? "the picture" : `picture ${index + 1}`;
  const name = typeof File === "function" && source instanceof File ? source.name : "";
  return name === "" ? place : `${place} (${clip(name)})`;
}

/** What is held at once, of files before they are decoded: the memory of some large pictures, or many small ones. */
const BATCH_BYTES = 64_000_000;
const BATCH_PICTURES = 256;

/** Options of {@linkcode readPictureBatches}. */
export interface ReadBatchesOptions {
  /** Stops a download. */
  readonly signal?: AbortSignal;
  /**
   * Takes the place of a picture that cannot be used, and why, in words that follow a colon; the picture is left out. Want of a
   * permission is thrown all the same.
   *
   * @default the first one is thrown
   */
  readonly onUnreadable?: (index: number, reason: string) => void;
}

/** Some of the pictures that {@linkcode readPictureBatches} reads. */
export interface PictureBatch {
  /** Decoded, or files that are no more known than by their headers: they may still turn out to be damaged. */
  readonly pictures: readonly KeptPicture[];
  /** Their places among all, in order. */
  readonly indices: readonly number[];
}

/**
 * Reads pictures in order, a few at a time, so that memory does not grow with their number. Files are not decoded: a data set of them
 * does that, on all cores.
 *
 * @returns Batches of one picture or more.
 * @throws {UserError} When one cannot be read, is no JPEG or PNG, or is too large.
 */
export async function* readPictureBatches(
  sources: readonly ImageSource[],
  { onUnreadable, signal }: ReadBatchesOptions = {},
): AsyncGenerator<PictureBatch> {
  let pictures: KeptPicture[] = [];
  let indices: number[] = [];
  let bytes = 0;
  for (const [i, source] of sources.entries()) {
    const name = nameOf(source, i);
    let picture: KeptPicture;
    try {
      picture = await readPicture(source, { signal, name });
      if ("file" in picture) encodedShape(picture.file, picture);
    } catch (error) {
      if (onUnreadable === undefined || !isSkippable(error)) {
        // One before it may turn out to be damaged: of several, the first is told.
        if (pictures.length > 0) yield { pictures, indices };
        throw error;
      }
      onUnreadable(i, reasonOf(error, name));
      continue;
    }
    const { length } = "file" in picture ? picture.file : picture.data;
    const isFull = bytes + length > BATCH_BYTES || pictures.length === BATCH_PICTURES;
    if (pictures.length > 0 && isFull) {
      yield { pictures, indices };
      [pictures, indices, bytes] = [[], [], 0];
    }
    pictures.push(picture);
    indices.push(i);
    bytes += length;
  }
  if (pictures.length > 0) yield { pictures, indices };
}

/**
 * Whether a file or address is to be read as a picture: it holds one, of a kind that can be decoded or not, by its first bytes, or
 * is called one and holds no data set. A pipe that is not held can be read only once: it is not looked into and counts as none.
 *
 * @throws {UserError} When it cannot be read, and is not called a picture: of those, whoever reads them says why.
 */
export async function isPicture(
  source: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<boolean> {
  if (!/^https?:/i.test(source)) {
    const path = /^file:/i.test(source) ? new URL(source) : source;
    const isFolder = await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
    if (isFolder || heldPipe(path) === undefined && await isPipe(path)) return false;
  }
  const isCalled = isCalledPicture(source);
  try {
    using input = await openBytes(source, options);
    const { head } = await lookInto(input);
    if (pictureKind(head) !== undefined) return true;
    return isCalled && (await formOf(head)).endsWith("csv"); // what it takes for one may be anything
  } catch (error) {
    if (isCalled && isSkippable(error)) return true;
    throw error;
  }
}
