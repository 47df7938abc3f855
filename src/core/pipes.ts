/** Pipes as sources: what comes through one can be read only once, and is therefore held. @module */

import { UserError } from "./errors.ts";

/** More is not held in memory. */
const MAX_BYTES = 2 ** 30;

/** Content of each pipe that was read, by its path. */
const held = new Map<string, readonly Uint8Array[]>();

/**
 * Reads a pipe (a FIFO, `/dev/stdin` behind a `|`, `<(…)` of a shell) or a device to its end and holds what came, so that it can be
 * opened like a file, several times, for as long as the process lives; a program that may read a FIFO anew does not call it. Does
 * nothing for files, folders, and what is not there.
 *
 * @throws {UserError} When more than 1 GiB comes.
 * @throws What `Deno.open` throws.
 */
export async function holdPipe(path: string | URL): Promise<void> {
  if (held.has(keyOf(path)) || !await isPipe(path)) return;
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  using file = await Deno.open(path);
  const buffer = new Uint8Array(1 << 16);
  while (true) {
    const length = await file.read(buffer);
    if (length === null) break;
    bytes += length;
    if (bytes > MAX_BYTES) {
      throw new UserError(
        `Cannot read ${path}: more than ${MAX_BYTES} bytes come through the pipe; write them to a file and give its path`,
      );
    }
    pieces.push(buffer.slice(0, length));
  }
  held.set(keyOf(path), pieces);
}

/** What {@linkcode holdPipe} read, in pieces. */
export function heldPipe(path: string | URL): readonly Uint8Array[] | undefined {
  return held.get(keyOf(path));
}

/** Whether there is something that is neither a file nor a folder, as far as Deno may look. */
export async function isPipe(path: string | URL): Promise<boolean> {
  return await Deno.stat(path).then(
    ({ isFile, isDirectory }) => !isFile && !isDirectory,
    () => false,
  );
}

function keyOf(path: string | URL): string {
  return path instanceof URL ? decodeURIComponent(path.pathname) : path;
}
