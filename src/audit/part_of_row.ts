/** Which part of a split each picture belongs to. @module */

/** A division of pictures, row by row. */
export interface PartOfRow {
  /** What the parts are called. */
  readonly names: readonly string[];
  /** Part of each row, an index into `names`; -1 = none. */
  readonly of: Int8Array;
}

/**
 * Writes a division down row by row.
 *
 * @param parts Rows of each part, by its name.
 * @param rows Number of rows in all.
 *
 * @example
 * ```ts
 * import { partOfRow } from "./part_of_row.ts";
 * const { names, of } = partOfRow({ train: Int32Array.of(2, 0), test: Int32Array.of(1) }, 3);
 * if (Array.from(of, (part) => names[part]).join() !== "train,test,train") throw new Error();
 * ```
 */
export function partOfRow(
  parts: { readonly [name: string]: Int32Array | undefined },
  rows: number,
): PartOfRow {
  const names = Object.keys(parts).filter((name) => parts[name] !== undefined);
  const of = new Int8Array(rows).fill(-1);
  names.forEach((name, k) => parts[name]!.forEach((row) => of[row] = k));
  return { names, of };
}

/** Number of rows of each part, by its name. */
export function partSizes({ names, of }: PartOfRow): Record<string, number> {
  return Object.fromEntries(names.map((name, k) => [name, of.filter((part) => part === k).length]));
}
