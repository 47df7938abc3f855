/** One file of the disk. @module */

import { UserError } from "../../core/errors.ts";
import { clip } from "../../core/quoted.ts";
import { readInto } from "../../core/read_file.ts";
import { unreadable } from "../byte_input.ts";
import { MAX_FILE_BYTES } from "./picture_files.ts";

/**
 * Reads a file, or its beginning.
 *
 * @param length Read no more than this.
 * @throws {UserError} When there is none, it is a folder, a pipe or a device, it may not be read, or all of it is asked for and it is larger than
 * any picture.
 */
export async function readLocalFile(path: string, length?: number): Promise<Uint8Array> {
  try {
    // Before it is opened: opening a pipe that nobody writes to waits for ever.
    const { isFile, isDirectory } = await Deno.stat(path);
    if (!isFile) {
      throw new UserError(
        `Cannot read ${clip(path, 1000)}: it is ${
          isDirectory ? "a folder" : "a pipe or a device, expected a file"
        }`,
      );
    }
    using file = await Deno.open(path, { read: true });
    const { size } = file.statSync(); // open already: nothing to wait for
    if (length === undefined && size > MAX_FILE_BYTES) throw tooLarge(path, size);
    return await readInto(file, new Uint8Array(Math.min(length ?? size, size)));
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The error for what is larger than any picture. */
export function tooLarge(name: string, size: number): UserError {
  return new UserError(
    `Cannot read ${
      clip(name, 1000)
    }: the file has ${size} bytes, expected a picture of at most ${MAX_FILE_BYTES}; ` +
      "scale it down",
  );
}
