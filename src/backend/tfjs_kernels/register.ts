/** Registers the gradient kernels that tfjs's wasm backend lacks, under tfjs's own names. @module */

import type { tf } from "../../deps.ts";
import { tfjs } from "../tfjs.ts";
import type { WasmRuntime } from "../tfjs_loader.ts";
import { conv2DBackpropFilter } from "./conv2d_backprop_filter.ts";
import { conv2DBackpropInput } from "./conv2d_backprop_input.ts";
import { depthwiseBackpropFilter } from "./depthwise_backprop_filter.ts";
import { depthwiseBackpropInput } from "./depthwise_backprop_input.ts";

/**
 * Registers graft's kernels for tfjs's backend `"wasm"`, in place of tfjs's own where it has one.
 *
 * @returns Takes them out again and puts tfjs's own back; what someone else has registered meanwhile stays.
 */
export function registerGradientKernels(runtime: WasmRuntime): () => void {
  const tf = tfjs();
  const registered = [
    conv2DBackpropFilter(runtime),
    conv2DBackpropInput(runtime, tf.getKernel("Conv2DBackpropInput", "wasm")),
    depthwiseBackpropFilter(runtime),
    depthwiseBackpropInput(runtime),
  ].map((kernel) => ({ kernel, stock: replace(kernel) }));
  return () => {
    for (const { kernel: { kernelName, backendName }, stock } of registered) {
      const current = tf.getKernel(kernelName, backendName);
      if (current !== undefined && !registered.some(({ kernel }) => kernel === current)) continue;
      if (current) tf.unregisterKernel(kernelName, backendName);
      if (stock) tf.registerKernel(stock);
    }
  };
}

/** Registers a kernel and returns the one that had its name. */
function replace(kernel: tf.KernelConfig): tf.KernelConfig | undefined {
  const tf = tfjs();
  const { kernelName, backendName } = kernel;
  const stock = tf.getKernel(kernelName, backendName);
  if (stock) tf.unregisterKernel(kernelName, backendName); // tfjs would warn
  tf.registerKernel(kernel);
  return stock;
}
