/** Plans as kernels of tfjs: pictures in, one row per picture out. @module */

import { UserError } from "../core/errors.ts";
import { tfjs } from "../backend/tfjs.ts";
import type { tf } from "../deps.ts";
import { MIN_INPUT_SIZE } from "./stages.ts";

/** Name under which plans are registered as a kernel of tfjs. */
const KERNEL = "GraftRunOnPictures";

/** Runs a plan between the addresses of two tensors. */
export type RunOnPictures = (input: number, output: number, images: number, size: number) => void;

/**
 * Runs a plan as a kernel of tfjs like any other: tfjs brings the input to the wasm backend, tracks the output and
 * counts it in profiles.
 *
 * @param images `[n, side, side, 3]`
 * @returns `[n, columns]`
 */
export function runOnPictures(
  images: tf.Tensor4D,
  columns: number,
  run: RunOnPictures,
): tf.Tensor2D {
  const tf = tfjs();
  registerKernel();
  const attrs = { run, columns } as unknown as tf.NamedAttrMap;
  return tf.engine().runKernel(KERNEL, { images }, attrs) as tf.Tensor2D;
}

function registerKernel(): void {
  const tf = tfjs();
  if (tf.getKernel(KERNEL, "wasm")) return;
  tf.registerKernel({
    kernelName: KERNEL,
    backendName: "wasm",
    kernelFunc({ inputs, attrs, backend }) {
      const { run, columns } = attrs as unknown as { run: RunOnPictures; columns: number };
      const { dataIdMap, makeOutput } = backend as unknown as WasmTensors;
      const images = inputs.images!;
      const output = makeOutput.call(backend, [images.shape[0], columns], "float32");
      const at = (dataId: object) => dataIdMap.get(dataId).memoryOffset >>> 0;
      run(at(images.dataId), at(output.dataId), images.shape[0], images.shape[1]);
      return output;
    },
  });
}

/** What is used of tfjs's `BackendWasm`. */
interface WasmTensors {
  readonly dataIdMap: { get(dataId: object): { memoryOffset: number } };
  makeOutput(shape: number[], dtype: "float32"): tf.TensorInfo;
}

/**
 * Refuses what is no batch of square colour pictures.
 *
 * @param action What was to be done, for the message.
 * @throws {UserError}
 */
export function checkPictures({ shape, dtype }: tf.Tensor, action: string): void {
  const [, height, width, channels] = shape;
  if (shape.length !== 4 || height !== width || channels !== 3 || height < MIN_INPUT_SIZE) {
    throw new UserError(
      `Cannot ${action}: pictures have shape [${shape}], expected [n, side, side, 3] with side >= ${MIN_INPUT_SIZE}`,
    );
  }
  if (dtype !== "float32") { // the plan would read the bits of whole numbers as floats
    throw new UserError(
      `Cannot ${action}: pictures have type ${dtype}, expected float32, normalised as the checkpoint wants it`,
    );
  }
}
