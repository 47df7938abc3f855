/** The scaled features in the backend's memory, in the form that is cheapest to multiply with. @module */
import { tf } from "../deps.ts";
import { download } from "../model/download.ts";
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
 * `w · w' = a · K a'`. Owns tensors: dispose of it.
 */
export class DesignMatrix implements Design, Disposable {
  /** Number of rows. */
  readonly rows: number;
  /** Whether weights are sought as combinations of rows. */
  readonly gram: boolean;
  /** Length of a weight vector: `rows` with a Gram matrix, else the number of columns. */
  readonly size: number;
  #chunks: tf.Tensor2D[] = [];
  #gram?: tf.Tensor2D;

  /** Copies `features`, scaled, into the backend. */
  constructor(features: FeatureMatrix, standardisation: Standardisation) {
    const { rows, columns } = features;
    this.rows = rows;
    this.gram = rows < columns;
    this.size = this.gram ? rows : columns;
    try {
      for (let start = 0; start < rows; start += CHUNK) {
        const end = Math.min(rows, start + CHUNK);
        this.#chunks.push(
          tf.tensor2d(standardise(features, standardisation, start, end), [end - start, columns]),
        );
      }
      if (this.gram) this.#gram = gramOf(this.#chunks);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Logits before the bias of `count` weight vectors: `[count, size]` to `[count, rows]`. With a Gram matrix they are the images of the vectors. */
  forward(weights: Float32Array, count: number): Float32Array {
    if (this.#gram) return this.#byGram(weights, count);
    return download(() => {
      const right = tf.transpose(tf.tensor2d(weights, [count, this.size]));
      const parts = this.#chunks.map((chunk) => tf.transpose(tf.matMul(chunk, right)));
      return tf.concat(parts, 1);
    });
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
    return download(() => tf.matMul(tf.tensor2d(vectors, [count, this.rows]), this.#gram!));
  }

  #timesRows(vectors: Float32Array, count: number): Float32Array {
    return download(() => {
      const left = tf.tensor2d(vectors, [count, this.rows]);
      let sum: tf.Tensor | undefined;
      let start = 0;
      for (const chunk of this.#chunks) {
        const rows = chunk.shape[0];
        const part = this.#chunks.length === 1 ? left : tf.slice(left, [0, start], [count, rows]);
        const product = tf.matMul(part as tf.Tensor2D, chunk);
        sum = sum ? tf.add(sum, product) : product;
        start += rows;
      }
      return sum!;
    });
  }

  /** Gives the tensors back. */
  [Symbol.dispose](): void {
    tf.dispose(this.#chunks);
    this.#gram?.dispose();
    this.#chunks = [];
    this.#gram = undefined;
  }
}

/** `X Xᵀ`; rows are fewer than columns here, so there is memory enough for a transposed copy. */
function gramOf(chunks: readonly tf.Tensor2D[]): tf.Tensor2D {
  return tf.tidy(() => {
    const all = chunks.length === 1 ? chunks[0] : tf.concat(chunks as tf.Tensor2D[], 0);
    return tf.matMul(all as tf.Tensor2D, tf.transpose(all) as tf.Tensor2D) as tf.Tensor2D;
  });
}
