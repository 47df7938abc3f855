/** Pushes a backend's addresses up without touching the memory below. @module */
import assert from "node:assert/strict";
import type { WasmRuntime } from "../../src/backend/tfjs_loader.ts";

/** Addresses from 2^31 on are negative to wasm's signed words. */
const HALF_BYTES = 2 ** 31;

/** Pieces that fill the gaps that the allocator still has further down. */
const GAP_BYTES = [1 << 20, 1 << 16, 1 << 12, 1 << 8, 16];

/** Takes the lower 2 GB, so that whatever is allocated next lies beyond; false where there is not so much. */
export function reserveLowerHalf(runtime: WasmRuntime): boolean {
  const resident = Deno.memoryUsage().rss;
  try {
    runtime.allocate(HALF_BYTES);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
  for (const bytes of GAP_BYTES) {
    while (runtime.allocate(bytes) < HALF_BYTES);
  }
  assert.ok(Deno.memoryUsage().rss - resident < 100e6, "memory was touched");
  return true;
}
