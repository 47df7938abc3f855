/** The folder that a verb writes its report into. @module */

import { writeAtomically } from "../core/atomic_write.ts";
import { UserError } from "../core/errors.ts";
import { isReport } from "../report/html_page.ts";
import { checkWritable, need } from "./paths.ts";

/** A folder that is ready to be written into. Disposing it takes it away again if it was made here and is still empty. */
export interface ReportFolder<Name extends string> extends AsyncDisposable {
  /** Writes one of the files, whole or not at all. @returns its path. */
  write(name: Name, text: string): Promise<string>;
}

/** Longest start of a file that tells whose it is, in bytes. */
const START_BYTES = 512;

/**
 * Makes a folder ready before the work begins, so that nothing can go wrong after it that could be known before. Of what is
 * there already, only reports of graft's own are replaced.
 *
 * @param names The files that may be written.
 * @param inputs Paths that the verb reads.
 * @throws {UserError} When the folder cannot be made, or one of the files cannot be written, is an input, or is someone else's.
 */
export async function openReportFolder<const Name extends string>(
  folder: string,
  names: readonly Name[],
  inputs: readonly (string | undefined)[],
): Promise<ReportFolder<Name>> {
  await need("write", folder, folder);
  const pathOf = (name: string) => `${folder.replace(/[/\\]+$/, "") || "/"}/${name}`;
  const made = await makeFolder(folder);
  const removeIfEmpty = async () => {
    if (made) await Deno.remove(folder).catch(() => {}); // it holds the report, or someone was quicker
  };
  try {
    for (const name of names) {
      await checkWritable(pathOf(name), inputs);
      if (!made) await checkOwn(pathOf(name));
    }
  } catch (error) {
    await removeIfEmpty();
    throw error;
  }
  return {
    async write(name, text) {
      await writeAtomically(pathOf(name), new TextEncoder().encode(text));
      return pathOf(name);
    },
    [Symbol.asyncDispose]: removeIfEmpty,
  };
}

/** Makes a folder, and those that it lies in. @returns whether it was not there before. @throws {UserError} When it cannot be made. */
export async function makeFolder(folder: string): Promise<boolean> {
  try {
    await Deno.mkdir(folder);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false; // were it a file, its files could not be opened
    if (error instanceof Deno.errors.NotFound) return await makeWithParents(folder);
    throw notMade(folder, error);
  }
}

async function makeWithParents(folder: string): Promise<true> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    return true;
  } catch (error) {
    throw notMade(folder, error);
  }
}

function notMade(folder: string, error: unknown): UserError {
  const detail = error instanceof Error ? error.message : error;
  return new UserError(`Cannot write to ${folder}: ${detail}; choose another place`);
}

/** @throws {UserError} When there is a file that graft did not write. */
async function checkOwn(path: string): Promise<void> {
  try {
    // Only creating tells without a permission to read whether a file is there.
    (await Deno.open(path, { write: true, createNew: true })).close();
    await Deno.remove(path);
    return;
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  await need("read", path, path);
  const start = new Uint8Array(START_BYTES);
  using file = await Deno.open(path);
  const read = await file.read(start) ?? 0;
  if (isReport(new TextDecoder().decode(start.subarray(0, read)))) return;
  throw new UserError(
    `Cannot write ${path}: there is a file that graft did not write; choose another folder`,
  );
}
