/** Paths that a verb was given, checked before the work begins. @module */

import { UserError } from "../core/errors.ts";
import { findCheckpoint } from "../weights/checkpoints.ts";

/**
 * Refuses a local path that Deno may not read. Where Deno has to ask, it asks now.
 *
 * @param source A path; addresses and names of checkpoints pass.
 * @throws {UserError} Naming the flag to add.
 */
export async function checkReadable(source: string): Promise<void> {
  if (/^https?:/i.test(source) || findCheckpoint(source) !== undefined) return;
  const path = /^file:/i.test(source) && URL.canParse(source) ? new URL(source) : source;
  await need("read", path, source);
}

/**
 * Refuses a path that cannot be written before minutes of work go by, not after. Where Deno has to ask, it asks now.
 *
 * @throws {UserError} When the path is a folder, lies in none that exists, or may not be written.
 */
export async function checkWritable(path: string): Promise<void> {
  await need("write", path, path);
  if (await isFolder(path)) {
    throw new UserError(`Cannot write ${path}: it is a folder; give the name of a file`);
  }
  const folder = /^(.*)[/\\][^/\\]*$/.exec(path)?.[1] ?? ".";
  if (await isFolder(folder || "/") === false) {
    throw new UserError(`Cannot write ${path}: the folder ${folder} does not exist; create it`);
  }
}

/**
 * Checks a file that is read if it is there and written if not.
 *
 * @throws {UserError} As {@linkcode checkReadable} and {@linkcode checkWritable}.
 */
export async function checkCache(path: string): Promise<void> {
  await checkReadable(path);
  const exists = await Deno.stat(path).then(() => true, () => false);
  if (!exists) await checkWritable(path);
}

async function need(name: "read" | "write", path: string | URL, shown: string): Promise<void> {
  const { state } = await Deno.permissions.request({ name, path });
  if (state === "granted") return;
  throw new UserError(`Cannot ${name} ${shown}: Deno may not; run with --allow-${name}=${shown}`);
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
