/** What belongs to the rows of features of pictures and of views of them. @module */

import { UserError } from "../core/errors.ts";

/** Labels and pictures of rows. */
export interface ViewRows {
  /** Class of each row. */
  readonly labels: Int32Array;
  /** Picture that each row shows. */
  readonly groups: Int32Array;
}

/**
 * Labels and pictures of the rows that `extractFeatures` gives with `augment`: those of the pictures, as often as there are views.
 *
 * @param labels Class of each picture.
 * @param rows Number of rows, a multiple of the number of pictures.
 * @throws {UserError} For any other number.
 *
 * @example
 * ```ts
 * import { viewRows } from "./view_rows.ts";
 * const { labels, groups } = viewRows(Int32Array.of(7, 8), 4);
 * if (labels.join() !== "7,8,7,8" || groups.join() !== "0,1,0,1") throw new Error();
 * ```
 */
export function viewRows(labels: Int32Array, rows: number): ViewRows {
  if (rows % labels.length !== 0) {
    throw new UserError(
      `Cannot tell rows from views: there are ${rows} for ${labels.length} pictures, expected a multiple`,
    );
  }
  const groups = Int32Array.from({ length: rows }, (_, row) => row % labels.length);
  return { labels: groups.map((picture) => labels[picture]), groups };
}
