/** A tensor outside of any backend: plain numbers and a shape. @module */

/** Element types that checkpoints hold. 16-bit floats are widened to float32 when read. */
export type HostDType =
  | "float32"
  | "float64"
  | "int64"
  | "int32"
  | "int16"
  | "int8"
  | "uint8"
  | "bool";

/** The typed array that carries a {@linkcode HostTensor}. */
export type HostData =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array;

/** A dense, row-major tensor in JavaScript memory. */
export interface HostTensor {
  /** Element type; `"bool"` is stored as bytes 0 and 1. */
  readonly dtype: HostDType;
  /** Sizes, outermost first; `[]` is a scalar. */
  readonly shape: readonly number[];
  /** Elements in row-major order. */
  readonly data: HostData;
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
