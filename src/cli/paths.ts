/** Paths that a verb was given, checked before the work begins. @module */

import { isReplaceable } from "../core/atomic_write.ts";
import { UserError } from "../core/errors.ts";
import { holdPipe } from "../core/pipes.ts";
import { unreadable } from "../data/byte_input.ts";
import { findCheckpoint } from "../weights/checkpoints.ts";

/**
 * Refuses a local path that Deno may not read. Where Deno has to ask, it asks now. A pipe is read: it can be looked into from then on.
 *
 * @param source A path; addresses and names of checkpoints pass.
 * @throws {UserError} Naming the flag to add.
 */
export async function checkReadable(source: string): Promise<void> {
  if (/^https?:/i.test(source) || findCheckpoint(source) !== undefined) return;
  const path = /^file:/i.test(source) && URL.canParse(source) ? new URL(source) : source;
  await need("read", path, source);
  try {
    await holdPipe(path);
  } catch (error) {
    throw unreadable(source, error);
  }
}

/**
 * Refuses a path that cannot be written before minutes of work go by, not after. Where Deno has to ask, it asks now.
 *
 * @param note Says on stderr that the file is going to be written in place, where Deno may write nothing but the file.
 * @param inputs Paths that the verb reads: writing over one would destroy what the user gave.
 * @returns Whether there is a file already, which is going to be replaced.
 * @throws {UserError} When the path is a folder, lies in none that exists, may not be written, or is an input.
 */
export async function checkWritable(
  path: string,
  note: (line: string) => void,
  inputs: readonly (string | undefined)[] = [],
): Promise<boolean> {
  const exists = await checkPlace(path, inputs);
  if (!await isReplaceable(path)) {
    const folder = folderOf(path);
    note(
      `${path} is written in place, for want of permission for a temporary file beside it: if graft is killed while it ` +
        `writes, ${
          exists ? "the old file is lost" : "a part of the file is left"
        }; to avoid that, run with ` +
        `--allow-read=${folder} --allow-write=${folder}`,
    );
  }
  return exists;
}

/** @returns Whether there is a file already. */
async function checkPlace(
  path: string,
  inputs: readonly (string | undefined)[],
): Promise<boolean> {
  await need("write", path, path);
  const same = inputs.find((input) => input !== undefined && isSameFile(input, path));
  if (same !== undefined) {
    throw new UserError(
      `Cannot write ${path}: ${same} is read by the same command; name another file`,
    );
  }
  try {
    // Opening needs no permission to read, which looking does. What is there stays as it is.
    (await Deno.open(path, { append: true })).close();
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw unwritable(path, error);
    try {
      (await Deno.open(path, { write: true, createNew: true })).close();
      await Deno.remove(path);
      return false;
    } catch (error) {
      throw unwritable(path, error);
    }
  }
}

/**
 * Refuses one file for two things that a command writes.
 *
 * @param flags What each flag names, by its name; undefined where it was not given.
 * @throws {UserError} With the names of the flags.
 */
export function checkApart(flags: Readonly<Record<string, string | undefined>>): void {
  const given = Object.entries(flags).filter((entry): entry is [string, string] => !!entry[1]);
  for (const [i, [name, path]] of given.entries()) {
    const [other] = given.slice(0, i).find(([, earlier]) => isSameFile(earlier, path)) ?? [];
    if (other === undefined) continue;
    throw new UserError(
      `Cannot write ${path}: --${other} and --${name} name the same file; name another for one of them`,
    );
  }
}

/** A path that was written to, as a result tells it. */
export function writtenPath(path: string, replaced: boolean): string {
  return replaced ? `${path} (replaced)` : path;
}

/** The folder that a path lies in. */
function folderOf(path: string): string {
  return (/^(.*)[/\\][^/\\]*$/.exec(path)?.[1] ?? ".") || "/";
}

function unwritable(path: string, error: unknown): Error {
  if (error instanceof Deno.errors.NotFound) {
    return new UserError(
      `Cannot write ${path}: the folder ${folderOf(path)} does not exist; create it`,
    );
  }
  if (error instanceof Deno.errors.IsADirectory) {
    return new UserError(`Cannot write ${path}: it is a folder; give the name of a file`);
  }
  return new UserError(
    `Cannot write ${path}: ${error instanceof Error ? error.message : error}; choose another place`,
  );
}

/** Whether two paths are one file, as far as Deno may look. */
function isSameFile(a: string, b: string): boolean {
  // Without a look at the disk: the same words relative to the same place.
  const spelled = (path: string) => new URL(path.replaceAll("\\", "/"), "file:///here/").href;
  if (spelled(a) === spelled(b)) return true;
  const mayLook = (path: string) =>
    Deno.permissions.querySync({ name: "read", path }).state === "granted";
  if (!mayLook(a) || !mayLook(b)) return false;
  try {
    return Deno.realPathSync(a) === Deno.realPathSync(b);
  } catch {
    return false; // one is not there
  }
}

/**
 * Checks a file that is read if it is there and written if not.
 *
 * @throws {UserError} As {@linkcode checkReadable} and {@linkcode checkWritable}.
 */
export async function checkCache(path: string, note: (line: string) => void): Promise<void> {
  await checkReadable(path);
  const exists = await Deno.stat(path).then(() => true, () => false);
  if (!exists) await checkWritable(path, note);
}

/** Asks for a permission, where Deno has to ask, or refuses. @throws {UserError} Naming the flag to add. */
export async function need(
  name: "read" | "write",
  path: string | URL,
  shown: string,
): Promise<void> {
  const { state } = await Deno.permissions.request({ name, path });
  if (state === "granted") return;
  throw new UserError(`Cannot ${name} ${shown}: Deno may not; run with --allow-${name}=${shown}`);
}
