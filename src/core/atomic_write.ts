/** Files that are written whole or not at all. @module */
import { UserError } from "./errors.ts";

/** How a file came to be: see {@linkcode writeAtomically}. */
export type WriteOutcome = "renamed" | "in place";

/**
 * Writes a file under a temporary name in the same folder, then renames it, so that whoever reads `path` finds the old
 * content or the new one, never a part.
 *
 * Renaming asks Deno for reading and writing in the folder. With leave for less (`--allow-write=model.safetensors`) the file is
 * written in place: an error still leaves no part behind, pulling the plug might. Never prompts for more permission than the file itself
 * needs.
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
  const old = await existing(path);
  if (old?.isSpecial) {
    throw new UserError(
      `Cannot write ${path}: it is a device or a pipe, expected a file; choose another place`,
    );
  }
  const destination = old?.path ?? path;
  const temporary = temporaryName(destination);
  const outcome = await mayRename(temporary) ? "renamed" : "in place";
  const target = outcome === "renamed" ? temporary : path;
  const source = watched(content instanceof Uint8Array ? [content] : content);
  try {
    await writeAndSync(target, source.pieces, outcome === "renamed", old?.mode);
    if (outcome === "renamed") await rename(temporary, destination);
    return outcome;
  } catch (error) {
    throw source.hasFailed() ? error : explain(path, error);
  }
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

/** What stands at `path` now, links followed, with its mode; undefined where there is nothing, or Deno may not look. */
async function existing(
  path: string | URL,
): Promise<{ path: string; mode: number | undefined; isSpecial: boolean } | undefined> {
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

/** Writes and waits until the disk has it; removes what it wrote when it cannot finish. */
async function writeAndSync(
  target: string | URL,
  pieces: AsyncIterable<Uint8Array>,
  isNew: boolean,
  mode: number | undefined,
): Promise<void> {
  using file = await Deno.open(target, {
    write: true,
    truncate: true,
    create: !isNew,
    createNew: isNew,
    mode,
  });
  try {
    for await (const bytes of pieces) {
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    }
    await file.sync();
    // The mode at opening keeps a private file private; this restores what the umask took.
    if (isNew && mode !== undefined) await Deno.chmod(target, mode);
  } catch (error) {
    await Deno.remove(target).catch(() => {}); // the first error is the one to tell
    throw error;
  }
}

async function rename(temporary: string | URL, path: string | URL): Promise<void> {
  try {
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}

/** A name beside `path` that no other process picks. */
function temporaryName(path: string | URL): string | URL {
  const suffix = `.${crypto.randomUUID()}.tmp`;
  if (typeof path === "string") return path + suffix;
  const url = new URL(path);
  url.pathname += suffix;
  return url;
}

async function mayRename(temporary: string | URL): Promise<boolean> {
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
