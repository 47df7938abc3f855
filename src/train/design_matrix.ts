/** The scaled features in the backend's memory, in the form that is cheapest to multiply with. @module */
import { createMatrix, createTransposed, type Matrix, multiply } from "../backend/matrix.ts";
import { transposed } from "../core/transposed.ts";
import type { FeatureMatrix } from "../model/feature_matrix.ts";
import { type Standardisation, standardise } from "../model/standardise.ts";

/** Rows that are multiplied at once: bounds the copies that a product needs. */
const CHUNK = 8192;

/** What regression asks of the rows that it learns from. */
export interface Design {
  /** Number of rows. */
  readonly rows: number;
  /** Whether weights are sought as combinations of rows. */
  readonly gram: boolean;
  /** Length of a weight vector. */
  readonly size: number;
  /** Logits before the bias of `count` weight vectors: `[count, size]` to `[count, rows]`. */
  forward(weights: Float32Array, count: number): Float32Array;
  /** From residuals `[count, rows]` to gradients `[count, size]`. */
  backward(residuals: Float32Array, count: number): Float32Array;
  /** Weight vectors over columns, `[count, columns]`, from vectors of length `size`. */
  expand(vectors: Float32Array, count: number): Float32Array;
}

/**
 * Scaled features `X` `[rows, columns]`, or, with fewer rows than columns, their Gram matrix `K = X Xᵀ`.
 *
 * Every weight vector that regularised regression can end in is a combination of rows, `w = Xᵀ a`
 * (representer theorem), so with few rows it is cheaper to look for `a`: the logits are `K a` and inner products
 * `w · w' = a · K a'`. Owns memory of the backend: dispose of it.
 */
export class DesignMatrix implements Design, Disposable {
  /** Number of rows. */
  readonly rows: number;
  /** Whether weights are sought as combinations of rows. */
  readonly gram: boolean;
  /** Length of a weight vector: `rows` with a Gram matrix, else the number of columns. */
  readonly size: number;
  #chunks: Matrix[] = [];
  #gram?: Matrix;
  /** The only chunk, turned over, where there are not more: what logits are made with without turning them over. */
  #turned?: Matrix;

  /**
   * Copies features into the backend, scaled where a standardisation is given.
   *
   * @param options `gram: false`: weights are sought over columns, however few rows there are.
   */
  constructor(
    features: FeatureMatrix,
    standardisation?: Standardisation,
    { gram = true }: { readonly gram?: boolean } = {},
  ) {
    const { rows, columns } = features;
    this.rows = rows;
    this.gram = gram && rows < columns;
    this.size = this.gram ? rows : columns;
    try {
      // A Gram matrix is of all rows; they are fewer than columns then, so there is memory enough for a transposed copy.
      const step = this.gram ? rows : CHUNK;
      for (let start = 0; start < rows; start += step) {
        const end = Math.min(rows, start + step);
        const scaled = standardisation
          ? standardise(features, standardisation, start, end)
          : features.data.subarray(start * columns, end * columns);
        this.#chunks.push(createMatrix(scaled, end - start, columns));
        if (!this.gram && rows <= step) this.#turned = createTransposed(scaled, rows, columns);
        if (this.gram) {
          using turned = createTransposed(scaled, rows, columns);
          this.#gram = createMatrix(multiply(this.#chunks[0], turned), rows, rows);
        }
      }
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Logits before the bias of `count` weight vectors: `[count, size]` to `[count, rows]`. With a Gram matrix they are the images of the vectors. */
  forward(weights: Float32Array, count: number): Float32Array {
    if (this.#gram) return this.#byGram(weights, count);
    if (this.#turned) {
      using left = createMatrix(weights, count, this.size);
      return multiply(left, this.#turned);
    }
    const out = new Float32Array(count * this.rows);
    using right = createTransposed(weights, count, this.size);
    let start = 0;
    for (const chunk of this.#chunks) {
      const part = transposed(multiply(chunk, right), chunk.rows, count);
      for (let k = 0; k < count; k++) {
        out.set(part.subarray(k * chunk.rows, (k + 1) * chunk.rows), k * this.rows + start);
      }
      start += chunk.rows;
    }
    return out;
  }

  /** `residuals` `[count, rows]` times `X` (or `K`): `[count, size]`. */
  backward(residuals: Float32Array, count: number): Float32Array {
    if (this.#gram) return this.#byGram(residuals, count);
    return this.#timesRows(residuals, count);
  }

  /** Weight vectors over columns, `[count, columns]`, from vectors of length `size`. */
  expand(vectors: Float32Array, count: number): Float32Array {
    return this.#gram ? this.#timesRows(vectors, count) : vectors;
  }

  #byGram(vectors: Float32Array, count: number): Float32Array {
    using left = createMatrix(vectors, count, this.rows);
    return multiply(left, this.#gram!);
  }

  #timesRows(vectors: Float32Array, count: number): Float32Array {
    const sum = new Float32Array(count * this.#chunks[0].columns);
    let start = 0;
    for (const chunk of this.#chunks) {
      const end = start + chunk.rows;
      using left = createMatrix(columnsOf(vectors, count, start, end), count, chunk.rows);
      multiply(left, chunk).forEach((product, i) => sum[i] += product);
      start = end;
    }
    return sum;
  }

  /** Gives the memory back. */
  [Symbol.dispose](): void {
    for (const matrix of this.#chunks) matrix[Symbol.dispose]();
    this.#gram?.[Symbol.dispose]();
    this.#turned?.[Symbol.dispose]();
    this.#chunks = [];
    this.#gram = this.#turned = undefined;
  }
}

/** Columns `start` to `end` of a matrix with `rows` rows; the matrix itself where those are all. */
function columnsOf(
  matrix: Float32Array,
  rows: number,
  start: number,
  end: number,
): Float32Array {
  const [width, part] = [matrix.length / rows, end - start];
  if (part === width) return matrix;
  const out = new Float32Array(rows * part);
  for (let row = 0; row < rows; row++) {
    out.set(matrix.subarray(row * width + start, row * width + end), row * part);
  }
  return out;
}
