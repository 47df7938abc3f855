/** The few operations that the network of a kept model is made of, for writing it down in other formats. @module */

import type { WeightDType } from "../weights/quantise.ts";

/** A kernel or matrix as a file is to keep it; the weight of output `o` is `data[o, …] * factor[o]`. */
export interface GraphWeight {
  /** Elements, outputs first: `[outputs, inputs per group, rows, columns]` or `[outputs, inputs]`. */
  readonly data: Float32Array | Int8Array;
  /** Sizes of `data`. */
  readonly shape: readonly number[];
  /** How the elements are to be kept; with `"f16"` they are numbers that 16 bits hold exactly. */
  readonly dtype: WeightDType;
  /** One factor per output: of batch norm, and the scales of 8-bit elements; absent where all are 1. */
  readonly factor?: Float32Array;
}

/** Zeros around a picture, in pixels. */
export interface Pads {
  /** Above and left. */
  readonly before: number;
  /** Below and right. */
  readonly after: number;
}

/** What all nodes have: the name of what they compute, and of what they compute it from. */
interface Named {
  /** Name of the result, unique in the graph. */
  readonly name: string;
  /** Names of earlier results, or of the graph's input. */
  readonly inputs: readonly string[];
}

/** Bytes of pictures as the numbers that the trunk takes: `(input / 255 - mean) / std`, channels last. */
export interface NormaliseNode extends Named {
  /** Tells the kind. */
  readonly op: "normalise";
  /** Of each channel. */
  readonly mean: Float32Array;
  /** Of each channel. */
  readonly std: Float32Array;
}

/** A square convolution with its bias; `groups` is 1, or the number of channels where each has a kernel of its own. */
export interface ConvolutionNode extends Named {
  /** Tells the kind. */
  readonly op: "convolution";
  /** The kernel. */
  readonly weight: GraphWeight;
  /** Added to each output. */
  readonly bias: Float32Array;
  /** Pixels from one output to the next. */
  readonly stride: number;
  /** See above. */
  readonly groups: number;
  /** Zeros around the input. */
  readonly pads: Pads;
}

/** `input - value` or `input / value`, on `[pictures, columns]`. */
export interface ByColumnNode extends Named {
  /** Tells the kind. */
  readonly op: "subtract" | "divide";
  /** One number, or one per column. */
  readonly value: Float32Array;
}

/** A matrix and a bias: `input @ weight.T + bias`, on `[pictures, columns]`. */
export interface LinearNode extends Named {
  /** Tells the kind. */
  readonly op: "linear";
  /** The matrix. */
  readonly weight: GraphWeight;
  /** Added to each output. */
  readonly bias: Float32Array;
}

/**
 * Operations without numbers of their own: `silu` is `x * sigmoid(x)`; `mean` is over rows and columns of a picture, which stay as
 * axes of size 1; `multiply` spreads the second factor over the picture; `concat` puts channels of `mean`s side by side and gives
 * `[pictures, columns]`; `softmax` is along the columns.
 */
export interface PlainNode extends Named {
  /** Tells the kind. */
  readonly op: "silu" | "sigmoid" | "mean" | "multiply" | "add" | "concat" | "softmax";
}

/** One operation. */
export type GraphNode = NormaliseNode | ConvolutionNode | ByColumnNode | LinearNode | PlainNode;

/** A network from pixels to probabilities. */
export interface InferenceGraph {
  /** Side of its pictures, in pixels. */
  readonly size: number;
  /** Number of classes. */
  readonly classes: number;
  /** Operations, each after those that it needs; the first one is the only one that normalises. */
  readonly nodes: readonly GraphNode[];
}

/** Name of the graph's input: `[pictures, size, size, 3]`, red, green and blue from 0 to 255. */
export const GRAPH_INPUT = "images";

/** Names of the two results, `[pictures, classes]` each. */
export const GRAPH_OUTPUTS = ["probabilities", "logits"] as const;
