/** The gradient of `tf.depthwiseConv2d` with respect to its input. @module */

import type { tf } from "../../deps.ts";
import type { WasmRuntime } from "../tfjs_loader.ts";
import { channelsTask, isOdd, layoutBytes, paddedChannels } from "./channels.ts";
import { type Geometry, geometryWords } from "./geometry.ts";
import { type Addresses, gradientKernel } from "./gradient_kernel.ts";
import { withWorkspace } from "./task.ts";

/** Images whose pixels share a tap's weights: `GROUP` in `_wasm/assembly/nhwc_depthwise.ts`. */
const GROUP = 4;

/** With fewer chunks than this per thread, threads wait for one another at the end. */
const CHUNKS_PER_THREAD = 8;

/** tfjs's kernel `DepthwiseConv2dNativeBackpropInput`, which its wasm backend lacks. */
export function depthwiseBackpropInput(runtime: WasmRuntime): tf.KernelConfig {
  return gradientKernel({
    kernelName: "DepthwiseConv2dNativeBackpropInput",
    inputs: ["dy", "filter"],
    outputShape: "inputShape",
    depthwise: true,
    compute: (geometry, addresses) => convolveInput(runtime, geometry, addresses),
  });
}

function convolveInput(
  runtime: WasmRuntime,
  geometry: Geometry,
  tensors: Addresses<"dy" | "filter">,
): void {
  const { batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = geometry;
  const taps = geometry.filterHeight * geometry.filterWidth;
  const padded = paddedChannels(outChannels);
  const inputs = { channels: inChannels, multiplier: outChannels / inChannels, padded };
  const outputs = { channels: outChannels, multiplier: 1, padded };
  const inPixels = batch * inHeight * inWidth, outPixels = batch * outHeight * outWidth;
  const groups = Math.ceil(batch / GROUP);
  const rows = Math.max(
    1,
    Math.floor(inHeight * groups / (runtime.threads * CHUNKS_PER_THREAD)),
  );
  const shared = {
    dx: layoutBytes(inPixels, inputs),
    filter: layoutBytes(taps, outputs),
    dy: layoutBytes(outPixels, outputs),
  };
  withWorkspace(runtime, { shared }, ({ at, run }) => {
    if (isOdd(outputs)) {
      run(channelsTask(
        "expandChannels",
        { from: tensors.filter, to: at.filter, pixels: taps },
        outputs,
      ));
      run(channelsTask(
        "expandChannels",
        { from: tensors.dy, to: at.dy, pixels: outPixels },
        outputs,
      ));
    }
    run({
      kind: "depthwiseInput",
      chunks: groups * Math.ceil(inHeight / rows),
      parameters: [
        ...geometryWords({ ...geometry, outChannels: padded }),
        isOdd(inputs) ? at.dx : tensors.output,
        isOdd(outputs) ? at.filter : tensors.filter,
        isOdd(outputs) ? at.dy : tensors.dy,
        rows,
      ],
    });
    if (isOdd(inputs)) {
      run(channelsTask(
        "foldChannels",
        { from: at.dx, to: tensors.output, pixels: inPixels },
        inputs,
      ));
    }
  });
}
