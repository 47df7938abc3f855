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

/** Holder of a file that {@linkcode holdFile} was asked for. */
export interface HeldByOther {
  /** `process 123 (since 2026-11-30T20:53:00.000Z)`; empty if it cannot be read. */
  readonly holder: string;
  /** Whether another call of this process holds it. */
  readonly isThisProcess: boolean;
}

/** Files that this process holds, or tries to, by device and inode. */
const held = new Set<string>();

/**
 * Holds a lock file, which says who does so, until the returned value is disposed; then it is removed. One that a killed process
 * left is taken over. Calls do not nest: a second one of the same process is refused like that of another.
 *
 * On a Deno that cannot try a lock (before 2.6), or a file system without locks, only calls of the same process are kept away.
 *
 * @throws What opening the file throws.
 */
export async function holdFile(path: string): Promise<AsyncDisposable | HeldByOther> {
  while (true) {
    const file = await Deno.open(path, { read: true, write: true, create: true });
    let own: string | undefined;
    const release = () => {
      if (own !== undefined) held.delete(own);
      file.close();
    };
    try {
      const { dev, ino } = await file.stat();
      const key = ino === null ? path : `${dev}:${ino}`;
      // Asked and noted without a pause, so that of two calls at the same moment one is refused.
      const isThisProcess = held.has(key);
      if (!isThisProcess) held.add(own = key);
      if (isThisProcess || await tryLock(file) === "held") {
        const holder = await readText(file).catch(() => "");
        release();
        return { holder, isThisProcess };
      }
      // Its holder may have removed it since it was opened.
      if (await isSameFile(path, file)) {
        await file.truncate();
        await file.write(
          new TextEncoder().encode(`process ${Deno.pid} (since ${new Date().toISOString()})\n`),
        );
        return {
          async [Symbol.asyncDispose]() {
            await Deno.remove(path).catch(() => {}); // still locked: nobody else has it yet
            release();
          },
        };
      }
    } catch (error) {
      release();
      throw error;
    }
    release();
  }
}

async function readText(file: Deno.FsFile): Promise<string> {
  const buffer = new Uint8Array(256);
  const length = await file.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, length ?? 0)).trim();
}

async function isSameFile(path: string, file: Deno.FsFile): Promise<boolean> {
  const [there, here] = [await Deno.stat(path).catch(() => undefined), await file.stat()];
  return there !== undefined && there.ino === here.ino && there.dev === here.dev;
}
