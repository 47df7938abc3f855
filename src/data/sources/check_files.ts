/** Which files are pictures that can be decoded. @module */

import { UserError } from "../../core/errors.ts";
import type { ProgressOptions } from "../../core/progress.ts";
import { nextTurn } from "../../core/next_turn.ts";
import { checkDecodable } from "../decode.ts";
import { pictureKind } from "../image_header.ts";
import {
  defaultPictureThreads,
  leastBusy,
  type PictureThread,
  pictureThreads,
} from "../picture_threads.ts";
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

/** Files that are read while others are checked, of fewer than these bytes in all as far as their sizes can be foreseen. */
const FILES_AHEAD = 8;
const BYTES_AHEAD = 1 << 23;

/** Reads files in order, some of them ahead: a small file costs hardly more than the wait for it. */
function readAhead(files: PictureFiles, indices: readonly number[]) {
  const reads: Promise<Uint8Array>[] = [];
  let largest = 1;
  let started = 0;
  return {
    /** The file at the next place. */
    async next(): Promise<Uint8Array> {
      const ahead = Math.max(1, Math.min(FILES_AHEAD, Math.floor(BYTES_AHEAD / largest)));
      while (reads.length < ahead && started < indices.length) {
        const read = files.read(indices[started++]);
        read.catch(() => {}); // thrown when its turn comes
        reads.push(read);
      }
      const file = await reads.shift()!;
      largest = Math.max(largest, file.length);
      return file;
    },
    /** Waits for the reads that nobody waits for any more: nothing is left open. */
    async end(): Promise<void> {
      await Promise.allSettled(reads);
    },
  };
}

/** Files of fewer bytes in all are checked before threads would have started. */
const BYTES_FOR_THREADS = 8_000_000;

/**
 * Reads and checks every file once, on all cores where there is much to check, so that nothing fails in the middle of a training; see
 * `checkDecodable` for the cost. A few files at a time are in memory.
 *
 * @param indices Numbers of the files to check.
 * @throws {UserError} With `onError` `"stop"` for the first file that cannot be used, else only for want of a permission.
 */
export async function checkFiles(
  files: PictureFiles,
  indices: readonly number[],
  { onError = "skip", maxPixels, onProgress, signal }: CheckOptions = {},
): Promise<CheckedFiles> {
  const found: (PictureShape | UserError)[] = [];
  let done = 0, bytes = 0;
  let failed: { readonly at: number; readonly error: unknown } | undefined;
  const settle = (at: number, result: PictureShape | UserError) => {
    found[at] = result;
    onProgress?.({ stage: "check", done: ++done, total: indices.length, unit: "images" });
  };
  const refuse = (at: number, error: unknown) => {
    if (onError === "skip" && isSkippable(error)) return settle(at, error);
    if (failed === undefined || at < failed.at) failed = { at, error };
  };
  let crew: readonly PictureThread[] = [];
  const under = new Set<Promise<void>>();
  const reader = readAhead(files, indices);
  for (const [at, index] of indices.entries()) {
    if (failed !== undefined || signal?.aborted) break;
    const name = files.name(index);
    try {
      const file = await reader.next();
      const isMuch = bytes >= BYTES_FOR_THREADS;
      bytes += file.length;
      if (!isMuch && bytes >= BYTES_FOR_THREADS) crew = await threads();
      const thread = leastBusy(crew);
      if (thread === undefined) {
        settle(at, checkDecodable(file, { name, maxPixels }));
        if (crew.length > 0) await nextTurn(); // takes the answers that have come meanwhile
        continue;
      }
      const asked = thread.check({ file, name, maxPixels })
        .then((shape) => settle(at, shape), (error) => refuse(at, error))
        .finally(() => under.delete(asked));
      under.add(asked);
    } catch (error) {
      refuse(at, error);
    }
  }
  await Promise.all(under);
  await reader.end();
  signal?.throwIfAborted();
  if (failed !== undefined) throw failed.error;
  return sorted(files, indices, found);
}

async function threads(): Promise<readonly PictureThread[]> {
  return (await pictureThreads(defaultPictureThreads())).threads;
}

/** What became of the files, in their order. */
function sorted(
  files: PictureFiles,
  indices: readonly number[],
  found: readonly (PictureShape | UserError)[],
): CheckedFiles {
  const kept: number[] = [];
  const shapes: PictureShape[] = [];
  const skipped: SkippedFile[] = [];
  const known = new Map<string, PictureShape>();
  for (const [at, index] of indices.entries()) {
    const result = found[at];
    const name = files.name(index);
    if (result instanceof UserError) {
      skipped.push({ name, reason: reasonOf(result, name) });
      continue;
    }
    // Most data sets have one shape or a few: one object for each, not one for each picture.
    const key = `${result.height}x${result.width}x${result.channels}`;
    if (!known.has(key)) known.set(key, result);
    shapes.push(known.get(key)!);
    kept.push(index);
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
