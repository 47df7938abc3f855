/** The files of a folder and of all folders in it. @module */

import { UserError } from "../../core/errors.ts";
import { clip } from "../../core/quoted.ts";
import { unreadable } from "../byte_input.ts";
import {
  HEAD_BYTES,
  isSystemName,
  type PictureFiles,
  type SkippedFile,
  sortByPath,
} from "./picture_files.ts";
import { readLocalFile } from "./local_file.ts";

/** Folders below one another; deeper ones are no collection of pictures. */
const MAX_DEPTH = 64;

/** What a walk has come by. */
interface Walk {
  readonly root: string;
  readonly paths: string[];
  readonly troubles: SkippedFile[];
  passedOver: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Lists the files of a folder, sorted by path. Links are followed, but not in circles. Dot-files and what systems put beside
 * pictures are passed over and counted.
 *
 * @param root Path of the folder.
 * @throws {UserError} When the folder itself cannot be read.
 */
export async function listFolder(
  root: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<PictureFiles> {
  const walk: Walk = { root, paths: [], troubles: [], passedOver: 0, signal };
  await walkFolder(walk, "", []);
  const paths = sortByPath(walk.paths, (path) => path);
  const pathOf = (index: number) => join(root, paths[index]);
  return {
    kind: "folder",
    paths,
    passedOver: walk.passedOver,
    troubles: walk.troubles,
    name: (index) => shown(pathOf(index)),
    head: (index) => readLocalFile(pathOf(index), HEAD_BYTES),
    read: (index) => readLocalFile(pathOf(index)),
  };
}

/** Goes through one folder; `above` are the folders that it lies in, by their identity on the disk. */
async function walkFolder(walk: Walk, inside: string, above: readonly string[]): Promise<void> {
  walk.signal?.throwIfAborted();
  const path = inside === "" ? walk.root : join(walk.root, inside);
  let entries: Deno.DirEntry[];
  let identity: string;
  try {
    identity = identityOf(await Deno.stat(path), path);
    if (above.includes(identity)) {
      walk.troubles.push({
        name: shown(path),
        reason: "the link leads back to a folder that it lies in",
      });
      return;
    }
    entries = await Array.fromAsync(Deno.readDir(path));
  } catch (error) {
    const problem = unreadable(path, error);
    if (inside === "" || !(problem instanceof UserError)) throw problem;
    walk.troubles.push({ name: shown(path), reason: reasonOf(problem, shown(path)) });
    return;
  }
  if (entries.length === 0 && inside !== "") {
    // Meant for a class, perhaps, which would be missed without a word.
    walk.troubles.push({ name: shown(path), reason: "the folder is empty" });
  }
  for (const entry of entries) {
    const child = inside === "" ? entry.name : `${inside}/${entry.name}`;
    if (isSystemName(entry.name)) walk.passedOver++;
    else if (await isFolder(walk, entry, child)) {
      if (above.length < MAX_DEPTH) await walkFolder(walk, child, [...above, identity]);
      else {
        walk.troubles.push({
          name: shown(join(walk.root, child)),
          reason: `it lies more than ${MAX_DEPTH} folders deep`,
        });
      }
    }
  }
}

/** Whether to go into an entry; a file is taken down, and so is what can be neither. */
async function isFolder(walk: Walk, entry: Deno.DirEntry, child: string): Promise<boolean> {
  let { isDirectory, isFile } = entry;
  if (entry.isSymlink) {
    const path = join(walk.root, child);
    try {
      ({ isDirectory, isFile } = await Deno.stat(path));
    } catch (error) {
      const problem = unreadable(path, error);
      const isForbidden = error instanceof Deno.errors.NotCapable ||
        error instanceof Deno.errors.PermissionDenied;
      // What the system says of a circle of links differs; whatever it is, the link leads nowhere.
      const reason = problem instanceof UserError && isForbidden
        ? reasonOf(problem, shown(path))
        : "the link leads nowhere";
      walk.troubles.push({ name: shown(path), reason });
      return false;
    }
  }
  if (isFile) walk.paths.push(child);
  // Pipes, devices and sockets are nobody's pictures.
  else if (!isDirectory) walk.passedOver++;
  return isDirectory;
}

/** Tells one folder from another, whatever path leads there; where the system gives no numbers, the path has to do. */
function identityOf({ dev, ino }: Deno.FileInfo, path: string): string {
  return ino === null ? path : `${dev}:${ino}`;
}

function join(folder: string, path: string): string {
  return /[/\\]$/.test(folder) ? folder + path : `${folder}/${path}`;
}

/** A path as messages and lists show it: on one line, as an archive's are. */
function shown(path: string): string {
  return clip(path, 1000);
}

/** What an error says after the file's name. */
function reasonOf({ message }: UserError, name: string): string {
  return message.replace(`Cannot read ${name}: `, "");
}
