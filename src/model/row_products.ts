/** Inner products of rows. @module */

import { createMatrix, createTransposed, multiply } from "../backend/matrix.ts";
import type { FeatureMatrix } from "./feature_matrix.ts";

/**
 * Inner products of each two rows, `[rows, rows]`, by the running backend.
 *
 * @example
 * ```ts
 * import { startBackend } from "../backend/mod.ts";
 * import { rowProducts } from "./row_products.ts";
 * await startBackend();
 * const products = rowProducts({ data: Float32Array.of(1, 2, 0, 3), rows: 2, columns: 2 });
 * if (products.join() !== "5,6,6,9") throw new Error(products.join());
 * ```
 */
export function rowProducts({ data, rows, columns }: FeatureMatrix): Float32Array {
  using left = createMatrix(data, rows, columns);
  using right = createTransposed(data, rows, columns);
  return multiply(left, right);
}
