/** Files that a verb will write. @module */

import { UserError } from "../core/errors.ts";

/**
 * Refuses a path that cannot be written before minutes of work go by, not after. Where Deno has to ask, it asks now.
 *
 * @throws {UserError} when the path is a folder, lies in none that exists, or may not be written.
 */
export async function checkWritable(path: string): Promise<void> {
  const { state } = await Deno.permissions.request({ name: "write", path });
  if (state !== "granted") {
    throw new UserError(`Cannot write ${path}: Deno may not; run with --allow-write=${path}`);
  }
  if (await isFolder(path)) {
    throw new UserError(`Cannot write ${path}: it is a folder; give the name of a file`);
  }
  const folder = /^(.*)[/\\][^/\\]*$/.exec(path)?.[1] ?? ".";
  if (await isFolder(folder || "/") === false) {
    throw new UserError(`Cannot write ${path}: the folder ${folder} does not exist; create it`);
  }
}

/** Whether a path is a folder; undefined where Deno may not look. */
async function isFolder(path: string): Promise<boolean | undefined> {
  const { state } = Deno.permissions.querySync({ name: "read", path });
  if (state !== "granted") return undefined;
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}
