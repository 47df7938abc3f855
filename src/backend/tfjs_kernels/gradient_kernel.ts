/** What the gradient kernels of convolutions have in common: their inputs, checks and output. @module */

import { sizeOf } from "../../core/host_tensor.ts";
import type { BackendWasm, tf } from "../../deps.ts";
import { convolutionGeometry, type Geometry } from "./geometry.ts";

/** Addresses of a kernel's tensors, by tfjs's names and `output`. */
export type Addresses<Name extends string> = Readonly<Record<Name | "output", number>>;

/** One gradient of a convolution. */
export interface GradientKernel<Name extends string> {
  /** tfjs's name of the kernel. */
  readonly kernelName: string;
  /** tfjs's names of its inputs. */
  readonly inputs: readonly Name[];
  /** The attribute that holds the shape of its output: what it is the gradient with respect to. */
  readonly outputShape: "inputShape" | "filterShape";
  /** Whether it belongs to depthwise convolutions. */
  readonly depthwise: boolean;
  /** tfjs's own kernel, which takes the layout NCHW. @default NCHW is refused */
  readonly stock?: tf.KernelConfig;
  /** Writes the output. */
  compute(geometry: Geometry, addresses: Addresses<Name>): void;
}

/** Attributes of all of these kernels. */
type Attributes =
  & Partial<tf.DepthwiseConv2dNativeBackpropInputAttrs>
  & Partial<tf.DepthwiseConv2dNativeBackpropFilterAttrs>
  & { dataFormat?: string }
  & Required<Pick<tf.Conv2DBackpropInputAttrs, "strides" | "pad">>;

/** The kernel as tfjs registers it, for its backend `"wasm"`. */
export function gradientKernel<Name extends string>(
  { kernelName, inputs: names, outputShape, depthwise, stock, compute }: GradientKernel<Name>,
): tf.KernelConfig {
  const kernelFunc: tf.KernelFunc = (args) => {
    const attrs = args.attrs as unknown as Attributes;
    const backend = args.backend as BackendWasm;
    const inputs = args.inputs as Readonly<Record<string, tf.TensorInfo>>;
    const fail = (what: string): never => {
      throw new Error(`Cannot compute ${kernelName} on the wasm backend: ${what}`);
    };
    for (const name of names) {
      const { dtype } = inputs[name];
      if (dtype !== "float32") fail(`${name} is ${dtype}, expected float32; cast it with tf.cast`);
    }
    if ((attrs.dataFormat ?? "NHWC") !== "NHWC") {
      return stock?.kernelFunc(args) ?? fail(`dataFormat is ${attrs.dataFormat}, expected NHWC`);
    }
    const geometry = convolutionGeometry({
      kernelName,
      inputShape: attrs.inputShape ?? inputs.x.shape,
      filterShape: attrs.filterShape ?? inputs.filter.shape,
      dyShape: inputs.dy.shape,
      strides: attrs.strides,
      dilations: attrs.dilations ?? 1,
      pad: attrs.pad,
      dimRoundingMode: attrs.dimRoundingMode,
      depthwise,
    });
    const output = backend.makeOutput([...attrs[outputShape]!], "float32");
    try {
      const shapes = [output.shape, ...names.map((name) => inputs[name].shape)];
      if (shapes.some((shape) => sizeOf(shape) === 0)) {
        backend.typedArrayFromHeap(output).fill(0); // a sum over nothing
      } else {
        const all = [...names.map((name) => [name, inputs[name]] as const), ["output", output]];
        const at = (tensor: tf.TensorInfo) => backend.getMemoryOffset(tensor.dataId) >>> 0;
        compute(
          geometry,
          Object.fromEntries(
            all.map(([name, tensor]) => [name, at(tensor as tf.TensorInfo)]),
          ) as Addresses<Name>,
        );
      }
    } catch (error) {
      backend.disposeData(output.dataId, true);
      throw error;
    }
    return output;
  };
  return { kernelName, backendName: "wasm", kernelFunc };
}
