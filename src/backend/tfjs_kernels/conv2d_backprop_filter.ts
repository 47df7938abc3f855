/** The gradient of `tf.conv2d` with respect to its filter. @module */

import type { tf } from "../../deps.ts";
import type { WasmRuntime } from "../tfjs_loader.ts";
import { type Geometry, geometryWords } from "./geometry.ts";
import { type Addresses, gradientKernel } from "./gradient_kernel.ts";
import { withWorkspace } from "./task.ts";

/** Rows and columns of the filter's gradient that one chunk sums: with a block of pixels they fit the caches. */
const MAX_ROWS = 64;
const MAX_COLUMNS = 256;

/** Pixels that are summed before their sum is added to the others. */
const BLOCK = 128;

/** Chunks that suffice for eight threads; more slices would only mean more to add up. */
const WANTED_CHUNKS = 32;

/** tfjs's kernel `Conv2DBackpropFilter`, which its wasm backend lacks. */
export function conv2DBackpropFilter(runtime: WasmRuntime): tf.KernelConfig {
  return gradientKernel({
    kernelName: "Conv2DBackpropFilter",
    inputs: ["x", "dy"],
    outputShape: "filterShape",
    depthwise: false,
    compute: (geometry, addresses) => sumFilter(runtime, geometry, addresses),
  });
}

function sumFilter(
  runtime: WasmRuntime,
  geometry: Geometry,
  tensors: Addresses<"x" | "dy">,
): void {
  const { batch, outHeight, outWidth, inChannels, outChannels, filterHeight, filterWidth } =
    geometry;
  const allRows = filterHeight * filterWidth * inChannels;
  // Nothing here may depend on the number of threads: the order of the sums follows from it.
  const [rows, rowRanges] = ranges(allRows, MAX_ROWS, 4);
  const [columns, columnRanges] = ranges(outChannels, MAX_COLUMNS, 8);
  const pixels = batch * outHeight * outWidth;
  const wantedSlices = Math.ceil(WANTED_CHUNKS / (rowRanges * columnRanges));
  const maxSlices = Math.max(1, Math.floor(pixels / BLOCK));
  const [slicePixels, slices] = ranges(
    pixels,
    Math.ceil(pixels / Math.min(wantedSlices, maxSlices)),
    1,
  );
  const chunks = slices * rowRanges * columnRanges;
  const shared = { partials: chunks * rows * columns * 4, zeros: inChannels * 4 };
  const perThread = (rows + columns + 1) * BLOCK * 4;
  withWorkspace(runtime, { shared, perThread }, ({ at, run }) => {
    new Float32Array(runtime.memory.buffer, at.zeros, inChannels).fill(0);
    const parameters = [
      ...geometryWords(geometry),
      tensors.x,
      tensors.output,
      tensors.dy,
      at.partials,
      at.zeros,
      rows,
      columns,
      columnRanges,
      slices,
      slicePixels,
      BLOCK,
      rowRanges,
    ];
    run({ kind: "accumulateFilter", chunks, parameters });
    run({ kind: "reduceFilter", chunks: Math.ceil(allRows / 4), parameters });
  });
}

/** `[size, count]` of ranges of nearly equal size, at most `most`, each a multiple of `grain`. */
function ranges(length: number, most: number, grain: number): [size: number, count: number] {
  const size = Math.ceil(length / Math.ceil(length / most) / grain) * grain;
  return [size, Math.ceil(length / size)];
}
