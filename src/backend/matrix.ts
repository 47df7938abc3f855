/** Matrices in the backend's memory and their products, by tfjs's kernel on all threads but without tfjs's JavaScript. @module */

import { transposed } from "../core/transposed.ts";
import { isRunning, runningBackend } from "./start.ts";
import type { WasmRuntime } from "./tfjs_loader.ts";

/** A matrix of float32 in the backend's memory, row-major. Disposing gives its memory back. */
export interface Matrix extends Disposable {
  /** Number of rows. */
  readonly rows: number;
  /** Number of columns. */
  readonly columns: number;
  /** Its number in the backend. */
  readonly id: number;
  /** Where it lies. */
  readonly address: number;
}

/**
 * Copies a matrix into the running backend.
 *
 * @param data `[rows, columns]`
 * @throws {RangeError} When the backend's memory is exhausted.
 */
export function createMatrix(data: Float32Array, rows: number, columns: number): Matrix {
  const { runtime } = runningBackend();
  const matrix = reserve(runtime, rows, columns);
  floatsOf(runtime, matrix).set(data);
  return matrix;
}

/**
 * Copies a matrix into the running backend, turned over: what products take on their right side.
 *
 * @param data `[rows, columns]`
 * @returns `[columns, rows]`
 * @throws {RangeError} When the backend's memory is exhausted.
 */
export function createTransposed(data: Float32Array, rows: number, columns: number): Matrix {
  const { runtime } = runningBackend();
  const matrix = reserve(runtime, columns, rows);
  transposed(data, rows, columns, floatsOf(runtime, matrix));
  return matrix;
}

/**
 * `left` times `right` by all threads, in JavaScript's memory. A matrix that is the right side again and again is prepared
 * for that once.
 *
 * @param left `[rows, inner]`
 * @param right `[inner, columns]`
 * @returns `[rows, columns]`
 * @throws {RangeError} When the sides do not match, or the backend's memory is exhausted.
 */
export function multiply(left: Matrix, right: Matrix): Float32Array {
  const [rows, inner, columns] = [left.rows, left.columns, right.columns];
  if (right.rows !== inner) {
    throw new RangeError(
      `Cannot multiply ${rows} x ${inner} by ${right.rows} x ${columns}: the inner sides differ`,
    );
  }
  if (rows * columns * inner === 0) return new Float32Array(rows * columns);
  const { runtime } = runningBackend();
  using out = reserve(runtime, rows, columns);
  runtime.products.multiply(left.id, right.id, out.id, { rows, inner, columns });
  return floatsOf(runtime, out).slice();
}

function reserve(runtime: WasmRuntime, rows: number, columns: number): Matrix {
  const floats = rows * columns;
  const address = runtime.allocate(Math.max(1, floats) * 4);
  const id = runtime.products.register(address, floats);
  let disposed = false;
  return {
    rows,
    columns,
    id,
    address,
    [Symbol.dispose]() {
      if (disposed || !isRunning(runtime)) return;
      disposed = true;
      runtime.products.forget(id);
      runtime.free(address);
    },
  };
}

/** The numbers of a matrix; a view that holds until the memory grows. */
function floatsOf({ memory }: WasmRuntime, { address, rows, columns }: Matrix): Float32Array {
  return new Float32Array(memory.buffer, address, rows * columns);
}
