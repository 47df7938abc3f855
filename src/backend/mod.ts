/**
 * tfjs's wasm backend on real threads in Deno, with the gradients of convolutions that it lacks.
 *
 * tfjs 4.22.0 has no `Conv2DBackpropFilter`, `DepthwiseConv2dNativeBackpropFilter` and
 * `DepthwiseConv2dNativeBackpropInput` on wasm, so that no convolution can be trained there, and its
 * `Conv2DBackpropInput` runs on one thread. While this backend runs it registers all four under tfjs's own names:
 * programs of tfjs train on it as they are. They bring tfjs themselves, in the version 4.22.0.
 *
 * ```ts
 * import { startBackend } from "@graft/vision/backend";
 *
 * const { threads, fma } = await startBackend();
 * console.log(`tfjs runs on ${threads} threads${fma ? ", with fused multiply-adds" : ""}`);
 * // From here on: tf.conv2d, tf.layers, model.fit(…), tf.variableGrads(…), tf.train.adam(…)
 * ```
 *
 * No permission is asked for. Results do not depend on the number of threads.
 *
 * One gradient of tfjs's own is wrong on wasm and stays so: that of `maxPool` is zero wherever a window holds negative
 * numbers only. Put a ReLU before the pool, not after it.
 *
 * @module
 */

export {
  backend,
  type BackendOptions,
  type BackendReport,
  startBackend,
  stopBackend,
} from "./start.ts";
