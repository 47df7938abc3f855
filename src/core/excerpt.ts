/** Text from a file that may be secret. @module */

import { clip, quoted } from "./quoted.ts";

/** Characters of a cell that a message may repeat: enough to find it, too few to give a password away. */
const EXCERPT_LENGTH = 8;

/**
 * The beginning of a cell or a line of a file in quotes: whoever gives a file by mistake must not find its secrets in a log.
 *
 * @example
 * ```ts
 * import { excerpt } from "./excerpt.ts";
 * if (excerpt("DB_PASSWORD=s3cret") !== '"DB_PASSW…"') throw new Error(excerpt("DB_PASSWORD=s3cret"));
 * ```
 */
export function excerpt(text: string): string {
  return JSON.stringify(clip(text, EXCERPT_LENGTH));
}

/** Longest name of a column that is repeated whole. */
const MAX_COLUMN_NAME = 32;

/**
 * The name of a column in quotes: whole if it can be one, else its beginning.
 *
 * @example
 * ```ts
 * import { columnName } from "./excerpt.ts";
 * if (columnName("image_path") !== '"image_path"') throw new Error();
 * if (columnName("password: hunter2") !== '"password…"') throw new Error();
 * ```
 */
export function columnName(name: string): string {
  const isName = name.length <= MAX_COLUMN_NAME &&
    /^[\p{L}\p{N}_][\p{L}\p{N}\p{M} _.()#%/-]*$/u.test(name);
  return isName ? quoted(name) : excerpt(name);
}
