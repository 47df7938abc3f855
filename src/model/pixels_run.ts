/** Plans on pictures in JavaScript's memory: no tensors. @module */

import type { WasmRuntime } from "../backend/tfjs_loader.ts";
import { UserError } from "../core/errors.ts";
import type { RunOnPictures } from "./pictures_kernel.ts";
import { MIN_INPUT_SIZE } from "./stages.ts";

/** Shapes of a run. */
export interface PixelsShape {
  /** Number of pictures. */
  readonly count: number;
  /** Side of each. */
  readonly side: number;
  /** Numbers that each comes to. */
  readonly columns: number;
}

/**
 * Runs a plan between memory of its own, which is given back.
 *
 * @param pixels `[count, side, side, 3]`
 * @returns `[count, columns]`
 * @throws {RangeError} When the backend's memory is exhausted.
 */
export function runOnPixels(
  runtime: WasmRuntime,
  pixels: Float32Array,
  { count, side, columns }: PixelsShape,
  run: RunOnPictures,
): Float32Array {
  if (count === 0) return new Float32Array(0);
  const input = runtime.allocate(pixels.byteLength);
  try {
    const output = runtime.allocate(count * columns * 4);
    try {
      new Float32Array(runtime.memory.buffer, input, pixels.length).set(pixels);
      run(input, output, count, side);
      return new Float32Array(runtime.memory.buffer, output, count * columns).slice();
    } finally {
      runtime.free(output);
    }
  } finally {
    runtime.free(input);
  }
}

/**
 * Number of square colour pictures in a row of pixels.
 *
 * @param action What was to be done, for the message.
 * @throws {UserError} When they are no whole number of pictures, or too small.
 */
export function checkPixels(pixels: Float32Array, side: number, action: string): number {
  if (!(pixels instanceof Float32Array)) {
    throw new UserError(`Cannot ${action}: the pixels are no Float32Array`);
  }
  if (!Number.isInteger(side) || side < MIN_INPUT_SIZE) {
    throw new UserError(
      `Cannot ${action}: the side is ${side}, expected a whole number from ${MIN_INPUT_SIZE}`,
    );
  }
  const count = pixels.length / (side * side * 3);
  if (!Number.isInteger(count)) {
    throw new UserError(
      `Cannot ${action}: ${pixels.length} numbers, expected a multiple of ${side} x ${side} x 3`,
    );
  }
  return count;
}
