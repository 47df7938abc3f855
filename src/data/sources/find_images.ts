/** From cells of a table to images: paths as written, else names or identifiers that one folder has. @module */

import { columnName, excerpt } from "../../core/excerpt.ts";
import { UserError } from "../../core/errors.ts";
import { quoted } from "../../core/quoted.ts";
import { unreadable } from "../byte_input.ts";
import { hasPictureName, isSystemName, withoutEnding } from "./picture_files.ts";

/** Where the images of a table may lie; paths are relative to it. */
export interface ImagePlaces {
  /** Whether there is a file. */
  has(path: string): Promise<boolean>;
  /** Paths of all images around the table. @throws {UserError} When they cannot be listed. */
  list(): Promise<readonly string[]>;
}

/** Images of a table. */
export interface FoundImages {
  /** Path of each cell's image; as written if there is none. */
  readonly paths: readonly string[];
  /** Guesses that were made, a line each. */
  readonly notes: readonly string[];
}

/** Cells that are looked up before whole folders are listed. */
const TRIED = 20;

/**
 * Finds the images that the cells of a column stand for: `images/a0.jpg` as written; of `a0.jpg` or `a0`, the file of that name, with
 * any ending, in the one folder that has them.
 *
 * @param column What messages call the column; `undefined` without a header.
 * @throws {UserError} When several folders have them, or none has one and the cells are no paths.
 */
export async function findImages(
  cells: readonly string[],
  { column, places, name }: {
    readonly column: string | undefined;
    readonly places: ImagePlaces;
    readonly name: string;
  },
): Promise<FoundImages> {
  const step = Math.max(1, Math.floor(cells.length / TRIED));
  for (let i = 0; i < cells.length; i += step) {
    if (await places.has(cells[i])) return { paths: cells, notes: [] };
  }
  const arePaths = cells.some(hasPictureName);
  let listed: readonly string[];
  try {
    listed = await places.list();
  } catch (error) {
    // Paths as written are read, and refused, one by one.
    if (arePaths && error instanceof UserError) return { paths: cells, notes: [] };
    throw error;
  }
  const matches = matchCells(cells, listed);
  if (matches.size === 0) {
    if (arePaths) return { paths: cells, notes: [] };
    throw new UserError(
      `Cannot read ${name}: no image is called like the cells of ${
        column === undefined ? "its first column" : columnName(column)
      } (${
        excerpt(cells[0])
      }); expected images/NAME.jpg or the like beside it, or paths; write the ` +
        "paths into the table",
    );
  }
  const chosen = choose(matches, { name, cells });
  const found = [...chosen.values()];
  const folders = [...new Set(found.map(({ pattern }) => pattern))];
  return {
    paths: cells.map((cell) => chosen.get(cell)?.path ?? cell),
    notes: [
      `the images are found as ${folders.slice(0, 3).map(quoted).join(", ")}${
        folders.length > 3 ? " …" : ""
      }, of which ${found.length === 1 ? "1 is" : `${found.length} are`} in the table`,
    ],
  };
}

/** An image that a cell may stand for. */
interface Match {
  readonly path: string;
  /** `images/*.jpg`. */
  readonly pattern: string;
}

/** All images that each cell may stand for. */
function matchCells(
  cells: readonly string[],
  listed: readonly string[],
): Map<string, Match[]> {
  const byName = new Map<string, string[]>();
  for (const path of listed) {
    const base = path.slice(path.lastIndexOf("/") + 1);
    for (const key of new Set([base, withoutEnding(base)])) {
      const known = byName.get(key);
      if (known) known.push(path);
      else byName.set(key, [path]);
    }
  }
  const matches = new Map<string, Match[]>();
  for (const cell of new Set(cells)) {
    const relative = cell.replace(/^(\.?\/)+/, "");
    const found = (byName.get(relative.slice(relative.lastIndexOf("/") + 1)) ?? [])
      .flatMap((path) => {
        const stem = path.endsWith(relative) ? path : withoutEnding(path);
        const folder = stem.slice(0, stem.length - relative.length);
        if (!stem.endsWith(relative) || folder !== "" && !folder.endsWith("/")) return [];
        return [{ path, pattern: `${folder}*${path.slice(stem.length)}` }];
      });
    if (found.length > 0) matches.set(cell, found);
  }
  return matches;
}

/** The image of each cell, if it is clear which. */
function choose(
  matches: ReadonlyMap<string, readonly Match[]>,
  { name, cells }: { readonly name: string; readonly cells: readonly string[] },
): ReadonlyMap<string, Match> {
  if ([...matches.values()].every(({ length }) => length === 1)) {
    return new Map([...matches].map(([cell, [match]]) => [cell, match]));
  }
  const counts = new Map<string, number>();
  for (const found of matches.values()) {
    for (const { pattern } of found) counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
  }
  const [[best, most], [second, fewer]] = [...counts].sort((a, b) => b[1] - a[1]);
  if (most < 0.9 * matches.size || fewer > 0.1 * matches.size) {
    throw new UserError(
      `Cannot read ${name}: the image of ${excerpt(cells[0])} may be ${quoted(best)} or ${
        quoted(second)
      }; write the paths into the table`,
    );
  }
  return new Map([...matches].flatMap(([cell, found]) => {
    const match = found.find(({ pattern }) => pattern === best);
    return match === undefined ? [] : [[cell, match]];
  }));
}

/** Folders below the table's that are looked into, and files at the most: a list may lie in somebody's home. */
const MAX_DEPTH = 3;
const MAX_LISTED = 300_000;

/**
 * The images around a table on the disk.
 *
 * @param folder Where it lies; empty for the folder that the program runs in.
 */
export function placesOnDisk(folder: string): ImagePlaces {
  const within = (path: string) =>
    /^(\/|[a-z]:)/i.test(path) || folder === "" ? path : `${folder}/${path}`;
  return {
    has: async (path) => {
      try {
        return (await Deno.stat(within(path))).isFile;
      } catch (error) {
        return error instanceof Deno.errors.NotCapable; // whoever reads it says so
      }
    },
    list: async () => {
      const paths: string[] = [];
      let level = [""];
      for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
        const deeper: string[] = [];
        for (const inside of level) {
          try {
            for await (const { name, isDirectory } of Deno.readDir(within(inside) || ".")) {
              if (isSystemName(name)) continue;
              if (isDirectory) deeper.push(`${inside}${name}/`);
              else if (hasPictureName(name)) paths.push(inside + name);
              if (paths.length > MAX_LISTED) return paths.sort();
            }
          } catch (error) {
            if (inside === "") throw unreadable(folder || ".", error);
          }
        }
        level = deeper;
      }
      return paths.sort();
    },
  };
}
