/** Locks on open files, which the system releases when the process ends, however it ends. @module */

/**
 * Locks an open file for this process alone, waiting for others; does nothing on a file system without locks.
 *
 * The lock belongs to the open file and ends with it. Unlike a file that holds a process id, it cannot be left behind by a process
 * that is killed, and asking whether it is held needs no permission: Deno sends no signal to another process without `--allow-run`.
 */
export async function lock(file: Deno.FsFile): Promise<void> {
  await file.lock(true).catch(() => {});
}

/**
 * Locks an open file if nobody holds it.
 *
 * @returns `"locked"`; `"held"` by another open file, in this process or another; or `"unknown"` on a file system without locks, and
 * on a Deno that cannot try (before 2.6).
 */
export async function tryLock(file: Deno.FsFile): Promise<"locked" | "held" | "unknown"> {
  if (typeof file.tryLock !== "function") return "unknown";
  try {
    return await file.tryLock(true) ? "locked" : "held";
  } catch {
    return "unknown";
  }
}

/** Who holds a file that {@linkcode holdFile} was asked for, in words; empty where that cannot be read. */
export interface HeldByOther {
  /** `process 123 (since 2026-11-30T20:53:00.000Z)` */
  readonly holder: string;
}

/** Files that this process holds, by their path: nested calls count. */
const held = new Map<string, { readonly file: Deno.FsFile; uses: number }>();

/**
 * Holds a lock file, which says who does so, until the returned value is disposed; then it is removed. One that a killed process
 * left is taken over. Calls of the same process for the same path nest.
 *
 * On a Deno that cannot try a lock (before 2.6), or a file system without locks, nobody is kept away.
 *
 * @throws What opening the file throws.
 */
export async function holdFile(path: string): Promise<AsyncDisposable | HeldByOther> {
  const own = held.get(path);
  if (own !== undefined) own.uses++;
  else {
    const taken = await takeFile(path);
    if ("holder" in taken) return taken;
    held.set(path, { file: taken, uses: 1 });
  }
  return {
    async [Symbol.asyncDispose]() {
      const mine = held.get(path);
      if (mine === undefined || --mine.uses > 0) return;
      held.delete(path);
      await Deno.remove(path).catch(() => {}); // still locked: nobody else has it yet
      mine.file.close();
    },
  };
}

async function takeFile(path: string): Promise<Deno.FsFile | HeldByOther> {
  while (true) {
    const file = await Deno.open(path, { read: true, write: true, create: true });
    try {
      if (await tryLock(file) === "held") {
        const holder = await new Response(file.readable).text().catch(() => "");
        return { holder: holder.trim() };
      }
      // Its holder may have removed it since it was opened.
      if (await isSameFile(path, file)) {
        await file.truncate();
        await file.write(
          new TextEncoder().encode(`process ${Deno.pid} (since ${new Date().toISOString()})\n`),
        );
        return file;
      }
    } catch (error) {
      file.close();
      throw error;
    }
    file.close();
  }
}

async function isSameFile(path: string, file: Deno.FsFile): Promise<boolean> {
  const [there, here] = [await Deno.stat(path).catch(() => undefined), await file.stat()];
  return there !== undefined && there.ino === here.ino && there.dev === here.dev;
}
