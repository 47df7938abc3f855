/** The gradient of `tf.depthwiseConv2d` with respect to its filter. @module */

import type { tf } from "../../deps.ts";
import type { WasmRuntime } from "../tfjs_loader.ts";
import { channelsTask, isOdd, layoutBytes, paddedChannels } from "./channels.ts";
import { type Geometry, geometryWords } from "./geometry.ts";
import { type Addresses, gradientKernel } from "./gradient_kernel.ts";
import { withWorkspace } from "./task.ts";

/** Bytes of X and dY that panel after panel of eight channels passes over. */
const BAND_BYTES = 512 << 10;

/** Bytes of X and dY whose sums are kept apart, and most of such slices. */
const SLICE_BYTES = 1 << 20;
const MAX_SLICES = 32;

/** With fewer chunks than this per thread, threads wait for one another at the end. */
const CHUNKS_PER_THREAD = 4;

/** tfjs's kernel `DepthwiseConv2dNativeBackpropFilter`, which its wasm backend lacks. */
export function depthwiseBackpropFilter(runtime: WasmRuntime): tf.KernelConfig {
  return gradientKernel({
    kernelName: "DepthwiseConv2dNativeBackpropFilter",
    inputs: ["x", "dy"],
    outputShape: "filterShape",
    depthwise: true,
    compute: (geometry, addresses) => sumFilter(runtime, geometry, addresses),
  });
}

function sumFilter(
  runtime: WasmRuntime,
  geometry: Geometry,
  tensors: Addresses<"x" | "dy">,
): void {
  const { batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = geometry;
  const { filterHeight, filterWidth, strideHeight } = geometry;
  const padded = paddedChannels(outChannels);
  const inputs = { channels: inChannels, multiplier: outChannels / inChannels, padded };
  const outputs = { channels: outChannels, multiplier: 1, padded };
  const inPixels = batch * inHeight * inWidth, outPixels = batch * outHeight * outWidth;
  const panels = Math.ceil(padded / 8);
  // The order of the sums follows from slices and bands: neither may depend on the number of threads.
  const rowBytes = (outWidth + inWidth * strideHeight) * padded * 4;
  const wanted = Math.min(MAX_SLICES, Math.ceil(batch * outHeight * rowBytes / SLICE_BYTES));
  const sliceImages = Math.ceil(batch / wanted);
  const imageSlices = Math.ceil(batch / sliceImages);
  const sliceRows = Math.ceil(outHeight / Math.ceil(wanted / imageSlices));
  const slices = imageSlices * Math.ceil(outHeight / sliceRows);
  const bandRows = Math.min(sliceRows, Math.max(1, Math.floor(BAND_BYTES / rowBytes)));
  const bandImages = Math.max(1, Math.floor(BAND_BYTES / (bandRows * rowBytes)));
  const panelsPerChunk = Math.max(
    1,
    Math.min(panels, Math.floor(panels * slices / (runtime.threads * CHUNKS_PER_THREAD))),
  );
  const shared = {
    x: layoutBytes(inPixels, inputs),
    dy: layoutBytes(outPixels, outputs),
    partials: slices * panels * filterHeight * filterWidth * 32,
  };
  withWorkspace(runtime, { shared }, ({ at, run }) => {
    if (isOdd(inputs)) {
      run(channelsTask("expandChannels", { from: tensors.x, to: at.x, pixels: inPixels }, inputs));
    }
    if (isOdd(outputs)) {
      run(channelsTask(
        "expandChannels",
        { from: tensors.dy, to: at.dy, pixels: outPixels },
        outputs,
      ));
    }
    const parameters = [
      ...geometryWords({ ...geometry, outChannels: padded }),
      isOdd(inputs) ? at.x : tensors.x,
      tensors.output,
      isOdd(outputs) ? at.dy : tensors.dy,
      at.partials,
      slices,
      sliceImages,
      sliceRows,
      bandImages,
      bandRows,
      panelsPerChunk,
      outChannels,
    ];
    run({
      kind: "accumulateDepthwise",
      chunks: slices * Math.ceil(panels / panelsPerChunk),
      parameters,
    });
    run({ kind: "reduceDepthwise", chunks: panels, parameters });
  });
}
