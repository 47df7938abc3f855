/** tfjs's own product of matrices, without its JavaScript. @module */

import { type Exports, tfjsFunction } from "./c_function.ts";
import type { Heap } from "./emscripten.ts";

/** tfjs's `BatchMatMul` on matrices in the binary's memory. */
export interface ProductKernel {
  /** Matrices that are registered and not forgotten: what a leak would make grow. */
  readonly held: number;
  /** Makes a matrix of `floats` numbers at an address known; gives its number. What was prepared for a factor is kept with it. */
  register(address: number, floats: number): number;
  /** Forgets a number of {@linkcode ProductKernel.register}, and what was prepared for it. */
  forget(id: number): void;
  /** out = left x right by their numbers: `[rows, inner]` times `[inner, columns]`. @throws {RangeError} when the heap is exhausted. */
  multiply(
    left: number,
    right: number,
    out: number,
    shape: { readonly rows: number; readonly inner: number; readonly columns: number },
  ): void;
}

/** tfjs numbers its tensors from 1; these stay out of its way. */
const FIRST_PRODUCT_ID = 2 ** 30;

/** The kernel of a binary that was started. */
export function productKernel(tfjs: Exports, heap: Heap): ProductKernel {
  const multiply = tfjsFunction(tfjs, heap, tfjs.BatchMatMul, [
    ...["number", "array", "number"], // left, its shape, its rank
    ...["number", "array", "number"], // right
    ...["number", "number", "number"], // whether each is transposed; the result
  ]);
  let next = FIRST_PRODUCT_ID;
  let held = 0;
  const words = (...shape: number[]) => new Uint8Array(Int32Array.from(shape).buffer);
  return {
    get held() {
      return held;
    },
    register(address, floats) {
      tfjs.register_tensor(next, floats, address);
      held++;
      return next++;
    },
    forget(id) {
      tfjs.dispose_data(id);
      held--;
    },
    multiply(left, right, out, { rows, inner, columns }) {
      multiply(left, words(1, rows, inner), 3, right, words(1, inner, columns), 3, 0, 0, out);
    },
  };
}
