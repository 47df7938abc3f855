/** Bytes at any place of a file. @module */

import type { ProgressOptions } from "../../core/progress.ts";
import { readInto } from "../../core/read_file.ts";
import { type ByteInput, readAll, unreadable } from "../byte_input.ts";

/** A file, on the disk or in memory, that can be read anywhere. */
export interface RandomAccess {
  /** Length in bytes. */
  readonly size: number;
  /**
   * The bytes from `offset` on; fewer than `length` at the end of the file.
   *
   * @throws {UserError} When the file can no longer be read.
   */
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
}

/** Bytes that are read at once where reads follow one another: a thousand small pictures, or some of a camera. */
const WINDOW_BYTES = 1 << 20;

/** A read that begins so few bytes behind the end of the one before follows it: between files of an archive lie their headers. */
const NEAR_BYTES = 4096;

/**
 * A file of the disk, which is opened for each read: a data set holds no open files. Of reads that follow one another up to 1 MiB is
 * read at once and kept.
 *
 * @throws {UserError} When it cannot be read.
 */
export async function openRandomAccess(path: string | URL): Promise<RandomAccess> {
  const name = String(path);
  const size = await Deno.stat(path).then(
    (info) => info.size,
    (error) => {
      throw unreadable(name, error);
    },
  );
  let window = { start: 0, end: 0, bytes: Promise.resolve(new Uint8Array(0)) };
  let lastEnd = 0;
  return {
    size,
    async read(offset, length) {
      const end = Math.min(offset + length, size);
      const follows = offset >= lastEnd && offset <= lastEnd + NEAR_BYTES;
      lastEnd = end;
      const isOutside = () => offset < window.start || end > window.end;
      if (isOutside() && follows && end - offset < WINDOW_BYTES) {
        const bytes = readFrom(offset, WINDOW_BYTES);
        window = { start: offset, end: Math.min(offset + WINDOW_BYTES, size), bytes };
      }
      if (isOutside()) return await readFrom(offset, length);
      const { start, bytes } = window;
      // A copy: whoever keeps it shall not keep the window.
      return (await bytes).slice(offset - start, Math.max(end, offset) - start);
    },
  };

  async function readFrom(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    try {
      using file = await Deno.open(path, { read: true });
      file.seekSync(offset, Deno.SeekMode.Start);
      return await readInto(file, new Uint8Array(Math.max(0, Math.min(length, size - offset))));
    } catch (error) {
      throw unreadable(name, error);
    }
  }
}

/** More is not held in memory: a download that large is better kept as a file. */
const MAX_DOWNLOAD = 2 ** 30;
/** The same for what a server does not tell the length of, which may have no end. */
const MAX_UNTOLD_DOWNLOAD = 2 ** 28;

/** All of an input, in memory: what comes from an address can be walked through only once. @throws {UserError} When it is too large. */
export async function holdRandomAccess(
  input: ByteInput,
  { signal, onProgress }: ProgressOptions = {},
): Promise<RandomAccess> {
  const advice = "download it and give the path of the file";
  const { size: total } = input;
  async function* counted() {
    let done = 0;
    for await (const chunk of input.chunks) {
      yield chunk;
      done += chunk.length;
      onProgress?.({ stage: "download", done, total, unit: "bytes" });
    }
  }
  const bytes = await readAll({ ...input, chunks: counted() }, {
    limit: total === undefined ? MAX_UNTOLD_DOWNLOAD : MAX_DOWNLOAD,
    advice,
    signal,
  });
  return {
    size: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  };
}
