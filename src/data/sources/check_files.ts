/** Which files are pictures that can be decoded. @module */

import { UserError } from "../../core/errors.ts";
import type { ProgressOptions } from "../../core/progress.ts";
import { checkDecodable } from "../decode.ts";
import { pictureKind } from "../image_header.ts";
import type { PictureShape } from "../picture_store.ts";
import { hasPictureName, type PictureFiles, type SkippedFile } from "./picture_files.ts";

/** What is done with a file that cannot be used. */
export type OnError = "skip" | "stop";

/** Options of {@linkcode checkFiles}. */
export interface CheckOptions extends ProgressOptions {
  /** `"skip"` leaves a file out and says so, `"stop"` throws. @default {"skip"} */
  readonly onError?: OnError;
  /** Pictures of more pixels are refused before they are decoded. @default {64_000_000} */
  readonly maxPixels?: number;
}

/**
 * The files that are pictures by their content or by their name, in order; the others are none that anyone wanted.
 *
 * @throws {UserError} When a file cannot be read for want of a permission.
 */
export async function siftPictures(
  files: PictureFiles,
  signal?: AbortSignal,
): Promise<{ readonly pictures: number[]; readonly others: number }> {
  const pictures: number[] = [];
  for (const [index, path] of files.paths.entries()) {
    signal?.throwIfAborted();
    if (hasPictureName(path) || await looksLikePicture(files, index)) pictures.push(index);
  }
  return { pictures, others: files.paths.length - pictures.length };
}

async function looksLikePicture(files: PictureFiles, index: number): Promise<boolean> {
  try {
    return pictureKind(await files.head(index)) !== undefined;
  } catch (error) {
    if (isSkippable(error)) return false;
    throw error;
  }
}

/** Files that can be decoded, with their shapes. */
export interface CheckedFiles {
  /** Their numbers among the files. */
  readonly indices: Int32Array;
  /** Shape of each, upright. */
  readonly shapes: readonly PictureShape[];
  /** What was left out. */
  readonly skipped: readonly SkippedFile[];
}

/**
 * Reads and checks every file once, so that nothing fails in the middle of a training; see `checkDecodable` for the cost. A file
 * at a time is in memory.
 *
 * @param indices Numbers of the files to check.
 * @throws {UserError} With `onError` `"stop"` for the first file that cannot be used, else only for want of a permission.
 */
export async function checkFiles(
  files: PictureFiles,
  indices: readonly number[],
  { onError = "skip", maxPixels, onProgress, signal }: CheckOptions = {},
): Promise<CheckedFiles> {
  const kept: number[] = [];
  const shapes: PictureShape[] = [];
  const skipped: SkippedFile[] = [];
  const known = new Map<string, PictureShape>();
  for (const [i, index] of indices.entries()) {
    signal?.throwIfAborted();
    const name = files.name(index);
    try {
      const shape = await checkDecodable(await files.read(index), { name, maxPixels });
      // Most data sets have one shape or a few: one object for each, not one for each picture.
      const key = `${shape.height}x${shape.width}x${shape.channels}`;
      if (!known.has(key)) known.set(key, shape);
      shapes.push(known.get(key)!);
      kept.push(index);
    } catch (error) {
      if (onError === "stop" || !isSkippable(error)) throw error;
      skipped.push({ name, reason: reasonOf(error, name) });
    }
    onProgress?.({ stage: "check", done: i + 1, total: indices.length, unit: "images" });
  }
  return { indices: Int32Array.from(kept), shapes, skipped };
}

/** What lies with the file. A missing permission lies with the command line and would skip everything. */
export function isSkippable(error: unknown): error is UserError {
  return error instanceof UserError && !(error.cause instanceof Deno.errors.NotCapable);
}

/** What an error says after the file's name. */
export function reasonOf({ message }: UserError, name: string): string {
  return message.replace(`Cannot read ${name}: `, "");
}
