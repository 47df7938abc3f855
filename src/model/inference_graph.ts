/** The network of a kept model, read off the stage table as a graph of plain operations. @module */

import type { HostTensor } from "../core/host_tensor.ts";
import type { Preprocessing } from "../core/preprocessing.ts";
import type { LoadedWeights } from "../weights/load.ts";
import {
  dequantise,
  quantise,
  SCALE_SUFFIX,
  type StoredTensors,
  type WeightDType,
} from "../weights/quantise.ts";
import { VARIANTS } from "../weights/variants.ts";
import { normFactors, timesFactors } from "./fold.ts";
import {
  GRAPH_INPUT,
  type GraphNode,
  type GraphWeight,
  type InferenceGraph,
  type PlainNode,
} from "./graph_node.ts";
import type { Head } from "./heads.ts";
import { blockNames, checkTrunkTensors, HEAD, STEM } from "./parameters.ts";
import { type BlockConfig, blocks, convGeometry, LAST_STAGE, type Padding } from "./stages.ts";
import { transposed } from "../core/transposed.ts";

/** What decides the graph. */
export interface GraphModel {
  /** The trunk's weights and their family. */
  readonly weights: LoadedWeights;
  /** The head. */
  readonly head: Head;
  /** Stages whose pooled outputs are the features, ascending. */
  readonly stages: readonly number[];
  /** Side of the network's input, in pixels. */
  readonly size: number;
  /** Mean and deviation of the channels. */
  readonly preprocessing: Preprocessing;
  /** What logits are divided by before softmax; 1 = nothing. */
  readonly temperature: number;
  /** How kernels and matrices are kept. */
  readonly dtype: WeightDType;
}

/**
 * The graph from bytes of pictures to probabilities: normalisation, the trunk in eval mode with batch norm folded into the
 * convolutions, the pooled stages side by side, the head, softmax.
 *
 * With `"f32"` a convolution's kernel has the factors of batch norm in it. Rounded kernels keep them apart, so that the numbers in the
 * graph are those of the model kept in as many bits. For the same reason the head's standardisation stays two operations: folded
 * into the matrix, columns that hardly vary would take the bits of all others.
 *
 * @throws {UserError} When the weights are not EfficientNet-B0's, or cannot be rounded.
 */
export function inferenceGraph(model: GraphModel): InferenceGraph {
  const { weights, head, stages, size, preprocessing, temperature, dtype } = model;
  const layers = readLayers(weights, dtype);
  const { padding } = VARIANTS[weights.variant];
  const nodes: GraphNode[] = [];
  const push = (node: GraphNode): string => {
    nodes.push(node);
    return node.name;
  };
  const plain = (op: PlainNode["op"], name: string, ...inputs: string[]) =>
    push({ op, name, inputs });
  const byColumn = (op: "subtract" | "divide", name: string, input: string, value: Float32Array) =>
    push({ op, name, inputs: [input], value });

  /** A convolution; without a window, of one pixel. */
  const convolution = (layer: Layer, input: string, window?: Window): string => {
    const { stride, groups, pads } = window ?? { stride: 1, groups: 1, pads: NO_PADS };
    const { prefix: name, weight, bias } = layer;
    return push({ op: "convolution", name, inputs: [input], weight, bias, stride, groups, pads });
  };
  const silu = (input: string) => plain("silu", `${input}.silu`, input);

  const block = (config: BlockConfig, input: string, side: number): string => {
    const names = blockNames(config);
    const { kernel, stride, expandedChannels: groups } = config;
    const wide = names.expand ? silu(convolution(layers.norm(names.expand), input)) : input;
    const window = { stride, groups, pads: padsOf(side, kernel, stride, padding) };
    const filtered = silu(convolution(layers.norm(names.depthwise), wide, window));
    const means = plain("mean", `${names.squeeze}.avgpool`, filtered);
    const squeezed = silu(convolution(layers.plain(`${names.squeeze}.fc1`), means));
    const scores = convolution(layers.plain(`${names.squeeze}.fc2`), squeezed);
    const gate = plain("sigmoid", `${scores}.sigmoid`, scores);
    const gated = plain("multiply", names.squeeze, filtered, gate);
    const output = convolution(layers.norm(names.project), gated);
    return config.residual ? plain("add", config.name, output, input) : output;
  };

  const normal = push({
    op: "normalise",
    name: "normalised",
    inputs: [GRAPH_INPUT],
    mean: Float32Array.from(preprocessing.mean),
    std: Float32Array.from(preprocessing.std),
  });

  const pooled: string[] = [];
  const pool = (stage: number, value: string) => {
    if (stages.includes(stage)) pooled.push(plain("mean", `features.${stage}.avgpool`, value));
  };
  const stem = { stride: 2, groups: 1, pads: padsOf(size, 3, 2, padding) };
  let value = silu(convolution(layers.norm(STEM), normal, stem));
  let side = convGeometry(size, 3, 2, padding).size;
  const list = blocks();
  const deepest = stages[stages.length - 1];
  for (let i = 0; i < list.length && list[i].stage <= deepest; i++) {
    const { kernel, stride, stage } = list[i];
    value = block(list[i], value, side);
    side = convGeometry(side, kernel, stride, padding).size;
    if (list[i + 1]?.stage !== stage) pool(stage, value);
  }
  if (deepest === LAST_STAGE) pool(LAST_STAGE, silu(convolution(layers.norm(HEAD), value)));

  let features = plain("concat", "features", ...pooled);
  if (head.mean && head.scale) {
    features = byColumn("subtract", "head.centred", features, head.mean);
    features = byColumn("divide", "head.standardised", features, head.scale);
  }
  const { weight, bias } = headLayer(head, dtype);
  const logits = push({ op: "linear", name: "logits", inputs: [features], weight, bias });
  const scores = temperature === 1
    ? logits
    : byColumn("divide", "calibrated", logits, Float32Array.of(temperature));
  plain("softmax", "probabilities", scores);
  return { size, classes: head.classes, nodes };
}

/** How a kernel moves over a picture. */
interface Window {
  readonly stride: number;
  readonly groups: number;
  readonly pads: { readonly before: number; readonly after: number };
}

const NO_PADS = { before: 0, after: 0 };

/** Zeros on both sides; those after the last pixel only as far as the last step of the kernel reaches. */
function padsOf(side: number, kernel: number, stride: number, padding: Padding): Window["pads"] {
  const { size, before } = convGeometry(side, kernel, stride, padding);
  return { before, after: Math.max(0, (size - 1) * stride + kernel - side - before) };
}

/** A layer's weight and bias. */
interface Layer {
  readonly prefix: string;
  readonly weight: GraphWeight;
  readonly bias: Float32Array;
}

/** Finds the trunk's layers by the prefix of their checkpoint entries. */
interface Layers {
  /** A convolution `prefix.0` with its batch norm `prefix.1`. */
  norm(prefix: string): Layer;
  /** A convolution with a bias of its own. */
  plain(prefix: string): Layer;
}

function readLayers({ tensors, variant, source }: LoadedWeights, dtype: WeightDType): Layers {
  const trunk = new Map([...tensors].filter(([name]) => name.startsWith("features.")));
  const stored = quantise(trunk, dtype);
  const values = checkTrunkTensors(dequantise(stored.tensors), source);
  const { bnEpsilon } = VARIANTS[variant];
  return {
    norm(prefix) {
      const { factor, bias } = normFactors(values, prefix, bnEpsilon);
      return { prefix, weight: graphWeight(stored, `${prefix}.0.weight`, factor), bias };
    },
    plain(prefix) {
      const weight = graphWeight(stored, `${prefix}.weight`);
      return { prefix, weight, bias: values.get(`${prefix}.bias`)! };
    },
  };
}

/** The head's matrix, outputs first, rounded as a file would keep it. */
function headLayer(
  { weight, bias, columns, classes }: Head,
  dtype: WeightDType,
): Omit<Layer, "prefix"> {
  const data = transposed(weight, columns, classes);
  const matrix: HostTensor = { dtype: "float32", shape: [classes, columns], data };
  const stored = quantise(new Map([["head.weight", matrix]]), dtype);
  return { weight: graphWeight(stored, "head.weight"), bias };
}

/** A rounded tensor with its scales and the factors of batch norm in one; of `"f32"`, these are multiplied into it. */
function graphWeight(stored: StoredTensors, name: string, norm?: Float64Array): GraphWeight {
  const { data, shape } = stored.tensors.get(name)!;
  if (data instanceof Int8Array) {
    const scales = stored.tensors.get(name + SCALE_SUFFIX)!.data as Float32Array;
    const factor = scales.map((scale, o) => scale * (norm?.[o] ?? 1));
    return { data, shape, dtype: "int8", factor };
  }
  const values = Float32Array.from(data as Float32Array | Float64Array);
  if (stored.float16.has(name)) {
    return { data: values, shape, dtype: "f16", factor: norm && Float32Array.from(norm) };
  }
  return { data: norm ? timesFactors(values, norm) : values, shape, dtype: "f32" };
}
