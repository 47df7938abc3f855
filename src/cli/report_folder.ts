/** The folder that a verb writes its report into. @module */

import { writeAtomically } from "../core/atomic_write.ts";
import { UserError } from "../core/errors.ts";
import { isReport } from "../report/html_page.ts";
import { checkWritable, need } from "./paths.ts";

/** A folder that is ready to be written into. Disposing it takes away again what was made here and is still empty. */
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
 * @param options `inputs` are paths that the verb reads; `note` says that files are going to be written in place.
 * @throws {UserError} When the folder cannot be made, or one of the files cannot be written, is an input, or is someone else's.
 */
export async function openReportFolder<const Name extends string>(
  folder: string,
  names: readonly Name[],
  { inputs, note }: {
    readonly inputs: readonly (string | undefined)[];
    readonly note: (line: string) => void;
  },
): Promise<ReportFolder<Name>> {
  await need("write", folder, folder);
  const pathOf = (name: string) => `${folder.replace(/[/\\]+$/, "") || "/"}/${name}`;
  const made = await makeFolder(folder);
  try {
    for (const [i, name] of names.entries()) {
      await checkWritable(pathOf(name), i === 0 ? note : () => {}, inputs);
      if (made.length === 0) await checkOwn(pathOf(name));
    }
  } catch (error) {
    await removeEmpty(made);
    throw error;
  }
  return {
    async write(name, text) {
      await writeAtomically(pathOf(name), new TextEncoder().encode(text));
      return pathOf(name);
    },
    [Symbol.asyncDispose]: () => removeEmpty(made),
  };
}

/**
 * Makes a folder, and those that it lies in.
 *
 * @returns Those that were not there before, from the outside in.
 * @throws {UserError} When it cannot be made.
 */
export async function makeFolder(folder: string): Promise<string[]> {
  try {
    await Deno.mkdir(folder);
    return [folder];
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return []; // were it a file, its files could not be opened
    const around = /^(.*[^/\\])[/\\]+[^/\\]+[/\\]*$/.exec(folder)?.[1];
    if (!(error instanceof Deno.errors.NotFound) || around === undefined) {
      throw notMade(folder, error);
    }
    if (!await mayWrite(around)) return await makeWithParents(folder);
    return [...await makeFolder(around), ...await makeWithin(folder)];
  }
}

/** Makes a folder in one that is there by now; some, as `/proc`, hold none and say that there is nothing. */
async function makeWithin(folder: string): Promise<string[]> {
  try {
    await Deno.mkdir(folder);
    return [folder];
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return []; // someone was quicker
    throw notMade(folder, error);
  }
}

async function mayWrite(path: string): Promise<boolean> {
  return (await Deno.permissions.query({ name: "write", path })).state === "granted";
}

/** With leave for the folder alone, Deno makes those around it unasked, and does not say which. */
async function makeWithParents(folder: string): Promise<string[]> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    return [folder];
  } catch (error) {
    throw notMade(folder, error);
  }
}

/** Takes folders away again that {@linkcode makeFolder} made, but for those that hold something by now. */
export async function removeEmpty(made: readonly string[]): Promise<void> {
  for (const folder of made.toReversed()) {
    await Deno.remove(folder).catch(() => {}); // it holds what was written, or someone was quicker
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
