/** Which part of a split each picture belongs to. @module */

import type { TrainTestIndices } from "../data/split.ts";

/** A division of pictures, row by row. */
export interface PartOfRow {
  /** What the parts are called. */
  readonly names: readonly string[];
  /** Part of each row, an index into `names`; -1 = none. */
  readonly of: Int8Array;
}

/**
 * Writes a split down row by row.
 *
 * @param rows Number of rows in all.
 *
 * @example
 * ```ts
 * import { partsOfSplit } from "./part_of_row.ts";
 * const { names, of } = partsOfSplit({ train: Int32Array.of(2, 0), test: Int32Array.of(1) }, 3);
 * if (Array.from(of, (part) => names[part]).join() !== "train,test,train") throw new Error();
 * ```
 */
export function partsOfSplit({ train, test }: TrainTestIndices, rows: number): PartOfRow {
  const of = new Int8Array(rows).fill(-1);
  for (const row of train) of[row] = 0;
  for (const row of test) of[row] = 1;
  return { names: ["train", "test"], of };
}

/** Rows of each part, by its name. */
export function partSizes({ names, of }: PartOfRow): Record<string, number> {
  return Object.fromEntries(names.map((name, k) => [name, of.filter((part) => part === k).length]));
}
