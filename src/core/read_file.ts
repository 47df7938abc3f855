/** Files read whole. @module */

import { joinBytes } from "./join_bytes.ts";
import { heldPipe } from "./pipes.ts";

/**
 * The bytes of a file, as `Deno.readFile` gives them, but in memory that is taken once: it takes twice the file's size, which for
 * features of many pictures is much, and for a model that answers one picture a twentieth of the time.
 *
 * @param path Path or `file:` URL; what is no regular file, such as a pipe, is read to its end, too.
 * @throws What `Deno.stat`, `Deno.open` and `Deno.readFile` throw, and the signal's reason.
 */
export async function readFile(
  path: string | URL,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  signal?.throwIfAborted();
  const pieces = heldPipe(path);
  if (pieces !== undefined) return joinBytes(pieces);
  const { size, isFile } = await Deno.stat(path);
  // A size of 0 is what files of /proc say; a pipe must not be opened twice.
  if (!isFile || size === 0) return await Deno.readFile(path, { signal });
  using file = await Deno.open(path);
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    signal?.throwIfAborted();
    const count = await file.read(bytes.subarray(length));
    if (count === null) return bytes.slice(0, length); // cut short since
    length += count;
  }
  const grown = await file.read(new Uint8Array(1)) !== null;
  return grown ? await Deno.readFile(path, { signal }) : bytes;
}

/**
 * Fills `bytes` from where an open file stands.
 *
 * @returns What was filled: a view of `bytes`, shorter where the file ends.
 * @throws What `read` throws.
 */
export async function readInto(
  file: Deno.FsFile,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  let filled = 0;
  while (filled < bytes.length) {
    const read = await file.read(bytes.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}
