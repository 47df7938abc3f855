/**
 * What the tfjs binaries import: the few functions of emscripten's runtime that they really call.
 *
 * emscripten's generated JavaScript starts its threads in ways that Deno does not offer; its C side only
 * wants these functions. Names are those of the binary (not minified in 4.22.0).
 *
 * @module
 */

import { MAX_HEAP, OutOfMemory } from "./out_of_memory.ts";

/** Size of a WebAssembly page. */
export const PAGE = 65536;

/** Memory that may be grown, and whether growing it has ever failed. */
export interface Heap {
  /** The linear memory; set once the module exists. */
  memory: WebAssembly.Memory;
  /** True once a request to grow was refused: what ran then may have gone wrong. */
  exhausted: boolean;
  /** What the binary wrote to standard error: XNNPACK's failures are told there and nowhere else. */
  complaint: string;
}

/** What is thrown when memory has run out; forgets that it has, since the caller is told. */
export function outOfMemory(heap: Heap, bytes?: number): OutOfMemory {
  heap.exhausted = false;
  return new OutOfMemory(heap.memory.buffer.byteLength, bytes);
}

/** Imports that do not depend on threads. */
export function commonImports(heap: Heap): Record<string, WebAssembly.ImportValue> {
  return {
    abort() {
      // C++ aborts when `new` fails. A heap at its limit is not even asked to grow.
      if (heap.exhausted || heap.memory.buffer.byteLength >= MAX_HEAP) throw outOfMemory(heap);
      throw new Error("tfjs wasm backend: the binary called abort()");
    },
    emscripten_memcpy_big(to: number, from: number, size: number) {
      new Uint8Array(heap.memory.buffer)
        .copyWithin(to >>> 0, from >>> 0, (from >>> 0) + (size >>> 0));
    },
    emscripten_get_heap_max: () => MAX_HEAP,
    emscripten_resize_heap: (bytes: number) => grow(heap, bytes >>> 0) ? 1 : 0,
  };
}

/** The three WASI functions of the binary: what it writes to standard error is kept in `heap.complaint`. */
export function wasiImports(heap: Heap): Record<string, WebAssembly.ImportValue> {
  return {
    fd_close: () => 52, // ENOSYS
    fd_seek: () => 70, // ESPIPE
    fd_write(_file: number, vectors: number, count: number, written: number) {
      const view = new DataView(heap.memory.buffer);
      let bytes = 0;
      for (let i = 0; i < count; i++) {
        const at = view.getUint32(vectors + i * 8, true);
        const size = view.getUint32(vectors + i * 8 + 4, true);
        // Copied: TextDecoder refuses shared memory.
        heap.complaint += new TextDecoder().decode(
          new Uint8Array(heap.memory.buffer).slice(at, at + size),
        );
        bytes += size;
      }
      view.setUint32(written, bytes, true);
      return 0;
    },
  };
}

/** Grows by a fifth (at most 96 MB more than asked), or by what was asked where that much is not to be had. */
function grow(heap: Heap, wanted: number): boolean {
  const size = heap.memory.buffer.byteLength;
  if (wanted <= size) return true;
  if (wanted <= MAX_HEAP) {
    const generous = Math.min(
      MAX_HEAP,
      Math.max(wanted, Math.min(size * 1.2, wanted + (96 << 20))),
    );
    for (const target of [generous, wanted]) {
      try {
        heap.memory.grow(Math.ceil((target - size) / PAGE));
        return true;
      } catch { /* the host has no more: try the smaller size, then report */ }
    }
  }
  heap.exhausted = true;
  return false;
}
