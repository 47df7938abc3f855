/** Pictures that are the same. @module */

/** Pictures that are all the same; ascending. */
export type DuplicateGroup = readonly number[];

/**
 * Groups of rows with equal keys, in the order of their first rows; rows that are alone are in none.
 *
 * @param keys Of each row; `undefined` is equal to nothing.
 *
 * @example
 * ```ts
 * import { groupEqual } from "./exact_duplicates.ts";
 * const groups = groupEqual(["x", "y", "x", undefined, undefined, "y", "x"]);
 * if (JSON.stringify(groups) !== "[[0,2,6],[1,5]]") throw new Error(JSON.stringify(groups));
 * ```
 */
export function groupEqual(keys: readonly (string | undefined)[]): DuplicateGroup[] {
  const groups = new Map<string, number[]>();
  keys.forEach((key, row) => {
    if (key === undefined) return;
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  });
  return [...groups.values()].filter(({ length }) => length > 1);
}
