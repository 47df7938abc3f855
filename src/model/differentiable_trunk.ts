/**
 * The trunk as one differentiable op of tfjs: any head and any loss on top, gradients flow into it. The gradients of
 * tfjs's own ops come with `npm:@tensorflow/tfjs`, which a program that uses them imports; `tfjs-core` alone has none.
 *
 * @module
 */

import { tfjs } from "../backend/tfjs.ts";
import { UserError } from "../core/errors.ts";
import type { tf } from "../deps.ts";
import type { LoadedWeights } from "../weights/load.ts";
import type { Chance, GivenMasks, NetworkEntry, NetworkOptions } from "./network.ts";
import type { FeatureTensor, PictureTensor } from "./trunk.ts";
import { BACKWARD, FORWARD, setUpTraining, type TrainingSetup } from "./training_setup.ts";

/** All parameters that learn, as one variable of tfjs, `[parameters]`, in the kernels' own order. */
export type ParameterVariable = tf.Variable;

/** Options of {@linkcode createDifferentiableTrunk}. */
export type DifferentiableTrunkOptions = Omit<
  NetworkOptions,
  "classes" | "standardisation" | "watch"
>;

/** A trunk that learns from any loss that tfjs can differentiate. */
export interface DifferentiableTrunk extends Disposable {
  /** What an optimizer of tfjs changes; {@linkcode DifferentiableTrunk.read} tells it by name. */
  readonly parameters: ParameterVariable;
  /** Length of the feature vector. */
  readonly featureSize: number;
  /** Everything in it, running statistics included. */
  readonly entries: readonly NetworkEntry[];
  /**
   * Pooled features in train mode, differentiable by {@linkcode DifferentiableTrunk.parameters}; pictures get no gradient.
   * One pass at a time: its gradient has to be taken before the next one.
   *
   * @param images `[n, imageSize, imageSize, 3]`, normalised as the checkpoint wants it.
   * @param chance As of `Network.forward`.
   * @returns `[n, featureSize]`
   */
  features(images: PictureTensor, chance: Chance | GivenMasks | "none"): FeatureTensor;
  /** A copy of an entry's values in PyTorch's layout. */
  read(name: string): Float32Array;
}

const FORWARD_KERNEL = "GraftTrunkForward";
const BACKWARD_KERNEL = "GraftTrunkBackward";

/** What the kernels are given beside their tensors. */
interface Pass {
  readonly setup: TrainingSetup;
  /** Floats of the parameter variable. */
  readonly floats: number;
  readonly images: number;
}

/**
 * A trunk whose parameters are a variable of tfjs.
 *
 * @throws {UserError} When the checkpoint lacks an entry of `features`, or an option is out of range.
 *
 * @example
 * ```ts
 * import * as tf from "npm:@tensorflow/tfjs@4.22.0";
 * import { startBackend } from "../backend/mod.ts";
 * import { createDifferentiableTrunk } from "./differentiable_trunk.ts";
 * import { randomWeights } from "./random_weights.ts";
 *
 * await startBackend();
 * using trunk = createDifferentiableTrunk(await randomWeights(1), { imageSize: 28, batchSize: 2 });
 * const images = tf.randomNormal([2, 28, 28, 3]) as tf.Tensor4D;
 * const before = trunk.read("features.0.0.weight")[0];
 * const loss = () => tf.sum(tf.square(trunk.features(images, { seed: 1, step: 1 }))) as tf.Scalar;
 * tf.train.sgd(0.01).minimize(loss);
 * if (trunk.read("features.0.0.weight")[0] === before) throw new Error("nothing was learnt");
 * images.dispose();
 * ```
 */
export function createDifferentiableTrunk(
  weights: LoadedWeights,
  options: DifferentiableTrunkOptions,
): DifferentiableTrunk {
  const tf = tfjs();
  const setup = setUpTraining(weights, { dropout: 0, ...options, classes: 0 });
  const { memory, entries, runtime } = setup;
  const { address, floats } = memory.trainable("value");
  const parameters = tf.variable(
    tf.tensor1d(new Float32Array(runtime.memory.buffer, address, floats).slice()),
  ) as ParameterVariable;
  /** Counts passes: only the last one can be differentiated. */
  let pass = 0;
  registerKernels();
  /** Brings what an optimizer did to the variable into the plan's memory. */
  const fetch = () => {
    setup.checkAlive("read the trunk");
    const values = parameters.dataSync<"float32">();
    new Float32Array(runtime.memory.buffer, address, floats).set(values);
  };
  return {
    parameters,
    featureSize: setup.features,
    entries,
    features(images, chance) {
      setup.checkAlive("run the trunk");
      setup.prepare(images, chance);
      const attrs = { setup, floats, images: images.shape[0] } as unknown as tf.NamedAttrMap;
      const run = tf.customGrad((values) => {
        const mine = ++pass;
        const value = tf.engine().runKernel(
          FORWARD_KERNEL,
          { images, parameters: values as tf.Tensor },
          attrs,
        ) as tf.Tensor2D;
        const gradFunc = (gradient: tf.Tensor) => {
          if (mine !== pass) {
            throw new UserError(
              "Cannot differentiate the trunk: another pass ran since; take the gradient of each pass before the next",
            );
          }
          return tf.engine().runKernel(BACKWARD_KERNEL, { gradient }, attrs) as tf.Tensor;
        };
        return { value, gradFunc };
      });
      return run(parameters) as tf.Tensor2D;
    },
    read(name) {
      fetch();
      return memory.read(name, "value");
    },
    [Symbol.dispose]() {
      parameters.dispose();
      setup.dispose();
    },
  };
}

function registerKernels(): void {
  const tf = tfjs();
  if (tf.getKernel(FORWARD_KERNEL, "wasm")) return;
  tf.registerKernel({
    kernelName: FORWARD_KERNEL,
    backendName: "wasm",
    kernelFunc({ inputs, attrs, backend }) {
      const { setup, floats, images } = attrs as unknown as Pass;
      const { plan, memory, runtime, columns } = setup;
      const { output, at } = tensors(backend, [images, columns]);
      const from = at(inputs.parameters!);
      new Uint8Array(runtime.memory.buffer)
        .copyWithin(memory.trainable("value").address, from, from + floats * 4);
      plan.run({ input: at(inputs.images!), output: at(output) }, images, FORWARD);
      return output;
    },
  });
  tf.registerKernel({
    kernelName: BACKWARD_KERNEL,
    backendName: "wasm",
    kernelFunc({ inputs, attrs, backend }) {
      const { setup, floats, images } = attrs as unknown as Pass;
      const { plan, memory, runtime } = setup;
      const { output, at } = tensors(backend, [floats]);
      plan.run({ gradient: at(inputs.gradient!) }, images, BACKWARD);
      const from = memory.trainable("gradient").address;
      new Uint8Array(runtime.memory.buffer).copyWithin(at(output), from, from + floats * 4);
      return output;
    },
  });
}

/** What is used of tfjs's `BackendWasm`. */
interface WasmTensors {
  readonly dataIdMap: { get(dataId: object): { memoryOffset: number } };
  makeOutput(shape: number[], dtype: "float32"): tf.TensorInfo;
}

function tensors(backend: unknown, shape: number[]) {
  const wasm = backend as WasmTensors;
  return {
    output: wasm.makeOutput(shape, "float32"),
    at: ({ dataId }: tf.TensorInfo) => wasm.dataIdMap.get(dataId).memoryOffset >>> 0,
  };
}
