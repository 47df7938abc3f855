/** Files of a fuzz child on the disk, in memory where the system has such a place. @module */

/** A folder for one process; `remove` when it is no longer needed. */
export interface Scratch {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

/** Makes a folder. */
export async function scratch(): Promise<Scratch> {
  const memory = await Deno.stat("/dev/shm").then(({ isDirectory }) => isDirectory, () => false);
  const path = await Deno.makeTempDir({ prefix: "graft-fuzz-", ...memory && { dir: "/dev/shm" } });
  return { path, remove: () => Deno.remove(path, { recursive: true }) };
}
