/** Kernels of 1 x 1 convolutions into the order that the GEMM reads them in: part of every cold start. @module */

import { PANEL } from "./ops/value.ts";
import type { WasmRuntime } from "./tfjs_loader.ts";

/** A kernel OIHW `[outputs, inputs, 1, 1]`. */
export interface PointwiseKernel {
  /** Its numbers, or their codes, see `scales`. */
  readonly values: Float32Array | Int8Array;
  /** What codes of each output are multiplied by, rounded to float32. */
  readonly scales?: Float32Array;
  /** What each output is multiplied by after that, in float64; each product is rounded once. @default ones */
  readonly factors?: Float64Array;
  /** Number of outputs. */
  readonly outputs: number;
}

/** Packs kernels one after the other through memory of its own, which disposing gives back. */
export interface PointwisePacker extends Disposable {
  /**
   * Packs one as `packGemm` does.
   *
   * @param to Address of `padded inputs * padded outputs` floats.
   */
  pack(to: number, kernel: PointwiseKernel): void;
}

/**
 * Makes a packer.
 *
 * @param largest Numbers of the largest kernel.
 * @param outputs The most outputs that one has.
 * @throws {RangeError} When the heap is exhausted.
 */
export function pointwisePacker(
  runtime: WasmRuntime,
  largest: number,
  outputs: number,
): PointwisePacker {
  const scalesAt = outputs * Float64Array.BYTES_PER_ELEMENT;
  const valuesAt = scalesAt + outputs * Float32Array.BYTES_PER_ELEMENT;
  const block = runtime.allocate(valuesAt + largest * Float32Array.BYTES_PER_ELEMENT + 8);
  const base = Math.ceil(block / 8) * 8;
  return {
    pack(to, { values, scales, factors, outputs }) {
      const { buffer } = runtime.memory;
      const inputs = values.length / outputs;
      if (inputs % PANEL !== 0 || outputs % PANEL !== 0) {
        const up = (count: number) => Math.ceil(count / PANEL) * PANEL;
        new Float32Array(buffer, to, up(inputs) * up(outputs)).fill(0);
      }
      const all = new Float64Array(buffer, base, outputs);
      if (factors) all.set(factors);
      else all.fill(1);
      if (scales) {
        new Float32Array(buffer, base + scalesAt, outputs).set(scales);
        new Int8Array(buffer, base + valuesAt, values.length).set(values);
        const [at, scale] = [base + valuesAt, base + scalesAt];
        runtime.packing.packCodes(to, at, scale, base, inputs, outputs);
      } else {
        new Float32Array(buffer, base + valuesAt, values.length).set(values);
        runtime.packing.packFloats(to, base + valuesAt, base, inputs, outputs);
      }
    },
    [Symbol.dispose]: () => runtime.free(block),
  };
}
