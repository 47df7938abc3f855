/** The gradient of `tf.conv2d` with respect to its input, also the forward pass of `tf.conv2dTranspose`. @module */

import type { tf } from "../../deps.ts";
import type { WasmRuntime } from "../tfjs_loader.ts";
import { type Geometry, geometryWords } from "./geometry.ts";
import { type Addresses, gradientKernel } from "./gradient_kernel.ts";
import { type Task, withWorkspace } from "./task.ts";

/** Bytes of dY that a block of pixels may take while the packed filter passes over it. */
const BLOCK_BYTES = 128 << 10;
const MIN_BLOCK = 16;
const MAX_BLOCK = 256;

/** With fewer chunks than this per thread, threads wait for one another at the end. */
const CHUNKS_PER_THREAD = 4;

/**
 * tfjs's kernel `Conv2DBackpropInput` on graft's threads.
 *
 * @param stock The kernel that it stands in for; takes the layout NCHW, which this one does not know.
 */
export function conv2DBackpropInput(
  runtime: WasmRuntime,
  stock: tf.KernelConfig | undefined,
): tf.KernelConfig {
  return gradientKernel({
    kernelName: "Conv2DBackpropInput",
    inputs: ["dy", "filter"],
    outputShape: "inputShape",
    depthwise: false,
    stock,
    compute: (geometry, addresses) => convolveInput(runtime, geometry, addresses),
  });
}

function convolveInput(
  runtime: WasmRuntime,
  geometry: Geometry,
  tensors: Addresses<"dy" | "filter">,
): void {
  const { batch, inHeight, inWidth, inChannels, outChannels } = geometry;
  const { filterHeight, filterWidth, strideHeight, strideWidth } = geometry;
  const panels = Math.ceil(inChannels / 8);
  const wantedChunks = runtime.threads * CHUNKS_PER_THREAD;
  const fitting = Math.floor(BLOCK_BYTES / (outChannels * 4));
  const fair = Math.ceil(batch * inHeight * inWidth / wantedChunks);
  const block = multipleOf(4, Math.max(MIN_BLOCK, Math.min(MAX_BLOCK, fitting, fair)));
  let blocks = 0;
  for (let y = 0; y < Math.min(strideHeight, inHeight); y++) {
    for (let x = 0; x < Math.min(strideWidth, inWidth); x++) {
      const rows = Math.ceil((inHeight - y) / strideHeight);
      const columns = Math.ceil((inWidth - x) / strideWidth);
      blocks += Math.ceil(batch * rows * columns / block);
    }
  }
  const panelsPerChunk = Math.max(1, Math.min(panels, Math.floor(panels * blocks / wantedChunks)));
  const taps = Math.ceil(filterHeight / strideHeight) * Math.ceil(filterWidth / strideWidth);
  const shared = {
    packed: filterHeight * filterWidth * panels * 8 * outChannels * 4,
    zeros: outChannels * 4,
  };
  const perThread = block * (taps * 4 + 4 + 4 + 32) + inChannels * 4 + 32;
  withWorkspace(runtime, { shared, perThread }, ({ at, run }) => {
    new Float32Array(runtime.memory.buffer, at.zeros, outChannels).fill(0);
    const parameters = [
      ...geometryWords(geometry),
      tensors.output,
      tensors.filter,
      tensors.dy,
      at.packed,
      at.zeros,
      block,
      panelsPerChunk,
    ];
    const task = (kind: Task["kind"], chunks: number) => run({ kind, chunks, parameters });
    task("packFilter", panels);
    task("convolveInput", blocks * Math.ceil(panels / panelsPerChunk));
  });
}

function multipleOf(step: number, value: number): number {
  return Math.ceil(value / step) * step;
}
