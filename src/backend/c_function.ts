/** Calls of the tfjs binary's C functions. @module */

import { type Heap, outOfMemory } from "./emscripten.ts";

/** Calls into a WebAssembly instance; every argument and result is a number. */
export type WasmFunction = (...values: number[]) => number;

/** What a binary exports. */
export type Exports = Record<string, WasmFunction> & { memory?: WebAssembly.Memory };

/** XNNPACK's number for an allocation that failed, as tfjs prints it. */
const XNN_OUT_OF_MEMORY = "Got status 6.";

/**
 * A C function as tfjs calls it: `"array"` arguments are bytes that go over the C stack. What the binary only
 * complains about on standard error, and goes on with wrong numbers, is thrown.
 */
export function tfjsFunction(
  tfjs: Exports,
  heap: Heap,
  call: WasmFunction,
  types: readonly unknown[],
): (...values: unknown[]) => number {
  return (...values) => {
    const stack = tfjs.stackSave();
    try {
      const result = call(...values.map((value, i) => {
        if (types[i] !== "array") return value as number;
        const bytes = value as ArrayLike<number>;
        const address = tfjs.stackAlloc(bytes.length) >>> 0;
        new Uint8Array(heap.memory.buffer).set(bytes, address);
        return address;
      }));
      // An allocation inside of the call failed: its result cannot be trusted.
      if (heap.exhausted || heap.complaint.includes(XNN_OUT_OF_MEMORY)) throw outOfMemory(heap);
      if (heap.complaint !== "") {
        throw new Error(`tfjs wasm backend: ${heap.complaint.trim().replaceAll("\n", "; ")}`);
      }
      return result;
    } finally {
      heap.complaint = "";
      tfjs.stackRestore(stack); // also after abort(), which unwinds past the C side
    }
  };
}
