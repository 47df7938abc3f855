/** Files that are written whole or not at all. @module */
import { UserError } from "./errors.ts";
import { lock, tryLock } from "./file_lock.ts";

/** How a file came to be: see {@linkcode writeAtomically}. */
export type WriteOutcome = "renamed" | "in place";

/**
 * Writes a file under a temporary name in the same folder, then renames it, so that whoever reads `path` finds the old
 * content or the new one, never a part.
 *
 * Renaming requires permission to read and to write the folder. With permission for less (`--allow-write=model.safetensors`) the
 * file is written in place: an error leaves no part behind, but a process that is killed then leaves neither the old file nor the
 * new one. {@linkcode isReplaceable} says beforehand which it will be. Never prompts for more permission than the file itself
 * needs.
 *
 * Temporary files that killed processes left for the same destination are removed after a successful write. One that a living
 * process writes is locked, and stays.
 *
 * A file that is replaced keeps its mode, and a link stays a link: what it points to is replaced.
 *
 * @param path Path or `file:` URL; the folder must exist.
 * @param content All of it, or its pieces in order, which are written as they come; an error among them passes as it is.
 * @returns Which of the two was done.
 * @throws {UserError} When the file cannot be written, or is a device or a pipe, which would be replaced; what was there before is
 * then still there, except when writing in place.
 */
export async function writeAtomically(
  path: string | URL,
  content: Uint8Array | FilePieces,
): Promise<WriteOutcome> {
  return await writeAllAtomically([[path, content]]);
}

/**
 * Writes several files, all of them or none: each under a temporary name first, and when the last one is whole all get their names.
 * With permission for the files alone they are written in place, and removed when one of them cannot be written. A full disk is
 * met before the first gets its name; a process that is killed amid the renaming leaves some new and some old files.
 *
 * @param files Path and content of each; the last one named should be the one that readers begin with.
 * @throws {UserError} As {@linkcode writeAtomically} does.
 */
export async function writeAllAtomically(
  files: Iterable<readonly [path: string | URL, content: Uint8Array | FilePieces]>,
): Promise<WriteOutcome> {
  const written: Written[] = [];
  try {
    for (const [path, content] of files) written.push(await write(path, content));
    for (const file of written) await file.finish();
  } catch (error) {
    for (const file of written) await file.undo();
    throw error;
  }
  const renamed = written.filter(({ outcome }) => outcome === "renamed");
  for (const { destination } of renamed) await removeLeftovers(destination);
  return renamed.length === written.length ? "renamed" : "in place";
}

/** A file whose content is on the disk, but not yet under its name unless it was written in place. */
interface Written {
  readonly outcome: WriteOutcome;
  readonly destination: string;
  /** Gives it its name. */
  readonly finish: () => Promise<void>;
  /** Removes it. */
  readonly undo: () => Promise<void>;
}

/** Writes a file up to the point where it gets its name. */
async function write(
  path: string | URL,
  content: Uint8Array | FilePieces,
): Promise<Written> {
  const { destination, old, canReplace } = await lookAt(path);
  if (old?.isSpecial) {
    throw new UserError(
      `Cannot write ${path}: it is a device or a pipe, expected a file; choose another place`,
    );
  }
  const mode = old?.mode;
  const { pieces, hasFailed } = watched(content instanceof Uint8Array ? [content] : content);
  const explained = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      throw hasFailed() ? error : explain(path, error);
    }
  };
  const remove = (target: string | URL) => Deno.remove(target).catch(() => {});
  if (!canReplace) {
    await explained(async () => {
      using file = await Deno.open(path, { write: true, truncate: true, create: true });
      await fill(file, path, pieces);
    });
    const undo = () => remove(path);
    return { outcome: "in place", destination, finish: async () => {}, undo };
  }
  let temporary!: Temporary;
  await explained(async () => {
    temporary = await openTemporary(destination, mode);
    try {
      await fill(temporary.file, temporary.path, pieces);
    } catch (error) {
      temporary.file.close();
      throw error;
    }
  });
  let isOpen = true;
  const close = () => {
    if (isOpen) temporary.file.close();
    isOpen = false;
  };
  return {
    outcome: "renamed",
    destination,
    finish: () =>
      explained(async () => {
        // The mode at opening keeps a private file private; this restores what the umask took.
        if (mode !== undefined) await Deno.chmod(temporary.path, mode);
        await Deno.rename(temporary.path, destination);
        close(); // it was open, and so locked, until it had its name
      }),
    async undo() {
      if (isOpen) await remove(temporary.path);
      close();
    },
  };
}

/**
 * Whether {@linkcode writeAtomically} can replace the file by renaming, instead of writing it in place: a question of permissions
 * alone.
 */
export async function isReplaceable(path: string | URL): Promise<boolean> {
  return (await lookAt(path)).canReplace;
}

/** What there is at a path and what may be done. */
async function lookAt(path: string | URL): Promise<{
  /** The path, links followed. */
  readonly destination: string;
  readonly old: Existing | undefined;
  readonly canReplace: boolean;
}> {
  const old = await existing(path);
  const destination = old?.path ??
    (path instanceof URL ? (await import("node:url")).fileURLToPath(path) : path);
  return { destination, old, canReplace: await mayRename(temporaryName(destination)) };
}

/** Content that comes bit by bit. */
export type FilePieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Tells errors of whoever makes the pieces from those of writing them. */
function watched(content: FilePieces): {
  readonly pieces: AsyncIterable<Uint8Array>;
  readonly hasFailed: () => boolean;
} {
  let failed = false;
  async function* pieces() {
    try {
      yield* content;
    } catch (error) {
      failed = true;
      throw error;
    }
  }
  return { pieces: pieces(), hasFailed: () => failed };
}

/** A file that is there already. */
interface Existing {
  /** Its path, links followed. */
  readonly path: string;
  readonly mode: number | undefined;
  readonly isSpecial: boolean;
}

/** What stands at `path` now; undefined where there is nothing, or Deno may not look. */
async function existing(path: string | URL): Promise<Existing | undefined> {
  if ((await Deno.permissions.query({ name: "read", path })).state !== "granted") return undefined;
  try {
    const real = await Deno.realPath(path);
    const { mode, isFile, isDirectory } = await Deno.stat(real);
    return {
      path: real,
      mode: mode === null ? undefined : mode & 0o777,
      isSpecial: !isFile && !isDirectory,
    };
  } catch {
    return undefined;
  }
}

/** A file that is being written. */
interface Temporary {
  readonly path: string;
  readonly file: Deno.FsFile;
}

/** A new temporary file, locked for as long as it is open. */
async function openTemporary(
  destination: string,
  mode: number | undefined,
): Promise<Temporary> {
  while (true) {
    const path = temporaryName(destination);
    const file = await Deno.open(path, { write: true, createNew: true, mode });
    await lock(file);
    // Between its creation and its lock another process may have taken it for a leftover.
    if (await Deno.stat(path).then(() => true, () => false)) return { path, file };
    file.close();
  }
}

/** Writes all pieces and waits until the disk has them; removes the file when that fails. */
async function fill(
  file: Deno.FsFile,
  path: string | URL,
  pieces: AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    for await (const bytes of pieces) {
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    }
    await file.sync();
  } catch (error) {
    await Deno.remove(path).catch(() => {}); // the first error is the one to report
    throw error;
  }
}

/** A name beside `path` that no other process picks. */
function temporaryName(path: string): string {
  return `${path}.${crypto.randomUUID()}.tmp`;
}

/** What {@linkcode temporaryName} appends. */
const TEMPORARY_ENDING = /^\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/**
 * Removes the temporary files of a destination that killed processes left. Never throws: a file that cannot be removed harms nobody.
 *
 * @param destination Path of the file that they were to become.
 */
export async function removeLeftovers(destination: string): Promise<void> {
  const [, folder = "", base] = /^(.*[/\\])?([^/\\]*)$/.exec(destination)!;
  try {
    for await (const { name, isFile } of Deno.readDir(folder || ".")) {
      if (!isFile || !name.startsWith(base) || !TEMPORARY_ENDING.test(name.slice(base.length))) {
        continue;
      }
      try {
        using file = await Deno.open(folder + name, { read: true, write: true });
        if (await tryLock(file) === "locked") await Deno.remove(folder + name);
      } catch {
        // Removed by someone else, or not ours to remove; the others may be.
      }
    }
  } catch {
    // A folder that cannot be listed.
  }
}

async function mayRename(temporary: string): Promise<boolean> {
  for (const name of ["read", "write"] as const) {
    const { state } = await Deno.permissions.query({ name, path: temporary });
    if (state !== "granted") return false;
  }
  return true;
}

function explain(path: string | URL, error: unknown): unknown {
  const fail = (detail: string) =>
    new UserError(`Cannot write ${path}: ${detail}`, { cause: error });
  if (error instanceof Deno.errors.NotFound) return fail("its folder does not exist; create it");
  if (error instanceof Deno.errors.IsADirectory) return fail("it is a folder; give a file name");
  if (error instanceof Deno.errors.NotCapable) {
    return fail("Deno was not allowed to; run with --allow-write for that path");
  }
  if (error instanceof Error) return fail(error.message.replaceAll("\n", " "));
  return error;
}
