/** Inner products of rows. @module */

import { tf } from "../deps.ts";
import { download } from "./download.ts";
import type { FeatureMatrix } from "./feature_matrix.ts";

/**
 * Inner products of each two rows, `[rows, rows]`, by the current tfjs backend. Leaves no tensor behind.
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
  return download(() => {
    const matrix = tf.tensor2d(data, [rows, columns]);
    // Transposed first: with matMul's own flag, tfjs's backend takes ten times as long.
    return tf.matMul(matrix, tf.transpose(matrix));
  });
}
