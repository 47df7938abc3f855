/** Some of many rows to learn from, by the inner products of all. @module */

import { createMatrix, multiply } from "../backend/matrix.ts";
import type { Design } from "./design_matrix.ts";

/** Products with fewer multiplications than this take less time here than the way to the backend and back. */
const FEW = 250_000;

/**
 * A design of some rows, of which only inner products are known: for many problems on parts of the same rows, whose products
 * then are computed once. Owns memory of the backend: dispose of it.
 *
 * @param products Inner products of `count` rows, `[count, count]`, as `rowProducts` makes them.
 * @param rows The rows that are learnt from.
 */
export function gramDesign(
  products: Float32Array,
  count: number,
  rows: Int32Array,
): Design & Disposable {
  const size = rows.length;
  const part = new Float32Array(size * size);
  for (let i = 0, at = 0; i < size; i++) {
    const start = rows[i] * count;
    for (let j = 0; j < size; j++) part[at++] = products[start + rows[j]];
  }
  const gram = createMatrix(part, size, size);
  const times = (vectors: Float32Array, vectorCount: number) => {
    if (vectorCount * size * size < FEW) return timesSymmetric(vectors, part, size);
    using left = createMatrix(vectors, vectorCount, size);
    return multiply(left, gram);
  };
  return {
    rows: size,
    gram: true,
    size,
    forward: times,
    backward: times,
    expand() {
      throw new Error("Cannot tell weights of columns: only products of rows are known");
    },
    [Symbol.dispose]: () => gram[Symbol.dispose](),
  };
}

/** Vectors `[count, size]` times a symmetric matrix `[size, size]`. */
function timesSymmetric(vectors: Float32Array, matrix: Float32Array, size: number): Float32Array {
  const out = new Float32Array(vectors.length);
  for (let start = 0; start < vectors.length; start += size) {
    for (let j = 0, at = 0; j < size; j++) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += vectors[start + i] * matrix[at++];
      out[start + j] = sum;
    }
  }
  return out;
}
