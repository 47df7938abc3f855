/** A network in tfjs's operations. @module */
import {
  type ConvolutionNode,
  GRAPH_INPUT,
  type GraphNode,
  type GraphWeight,
  type InferenceGraph,
} from "../../model/graph_node.ts";
import { narrowToFloat16 } from "../../weights/elements.ts";
import {
  numbersAttribute,
  textAttribute,
  textsAttribute,
  type TfjsAttribute,
  type TfjsNode,
  tfjsShape,
  type TfjsType,
  type TfjsWeight,
} from "./tfjs_messages.ts";

/** A network and its tensors. */
export interface TfjsGraph {
  /** Operations, constants among them. */
  readonly nodes: readonly TfjsNode[];
  /** What the tensors are, in the order of their bytes. */
  readonly weights: readonly TfjsWeight[];
  /** Bytes of each tensor, little-endian. */
  readonly pieces: readonly Uint8Array[];
}

const FLOAT: TfjsAttribute = { type: "DT_FLOAT" };
const INT: TfjsAttribute = { type: "DT_INT32" };

/** 8-bit numbers are kept as bytes above this one. */
const LEAST_INT8 = -128;

/** Writes a network down in tfjs's operations: channels last, inputs before outputs. */
export function writeTfjsGraph({ nodes: graph, size }: InferenceGraph): TfjsGraph {
  const nodes: TfjsNode[] = [];
  const weights: TfjsWeight[] = [];
  const pieces: Uint8Array[] = [];
  const node = (
    op: string,
    name: string,
    input: readonly string[],
    attr: Readonly<Record<string, TfjsAttribute>> = {},
  ) => {
    nodes.push({ name, op, input, attr: { T: FLOAT, ...attr } });
    return name;
  };
  const keep = (weight: TfjsWeight, bytes: ArrayBufferView) => {
    const dtype: TfjsType = weight.dtype === "float32" ? "DT_FLOAT" : "DT_INT32";
    nodes.push({ name: weight.name, op: "Const", attr: { dtype: { type: dtype } } });
    weights.push(weight);
    pieces.push(
      new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength),
    );
    return weight.name;
  };
  const constant = (
    name: string,
    data: Float32Array | Int32Array,
    shape: readonly number[] = [data.length],
  ) => keep({ name, shape, dtype: data instanceof Float32Array ? "float32" : "int32" }, data);
  const byColumn = (op: "Sub" | "RealDiv", name: string, input: string, value: Float32Array) =>
    node(op, name, [input, constant(`${name}.value`, value)]);

  /** A weight as float32, whatever the files keep; `spread` are the sizes that its factors, one per output, have. */
  const weight = (
    name: string,
    { data, dtype, factor }: Pick<GraphWeight, "data" | "dtype" | "factor">,
    shape: readonly number[],
    spread: readonly number[],
  ): string => {
    if (dtype === "f32") return constant(name, data as Float32Array, shape);
    const kept = factor === undefined ? name : `${name}.${dtype}`;
    if (data instanceof Int8Array) {
      const quantization = {
        dtype: "uint8",
        scale: 1,
        min: LEAST_INT8,
        original_dtype: "float32",
      } as const;
      const bytes = Uint8Array.from(data, (code) => code - LEAST_INT8);
      keep({ name: kept, shape, dtype: "float32", quantization }, bytes);
    } else {
      const quantization = { dtype: "float16", original_dtype: "float32" } as const;
      keep({ name: kept, shape, dtype: "float32", quantization }, narrowToFloat16(data));
    }
    if (factor === undefined) return name;
    return node("Mul", name, [kept, constant(`${name}.factor`, factor, spread)]);
  };

  const convolution = ({ name, inputs, ...rest }: ConvolutionNode): string => {
    const { weight: kernel, bias, stride, groups, pads: { before, after } } = rest;
    const [outputs, perGroup, rows, columns] = kernel.shape;
    const isDepthwise = groups > 1;
    const turned = { ...kernel, data: outputsLast(kernel) };
    const filter = isDepthwise
      ? weight(`${name}.weight`, turned, [rows, columns, outputs, 1], [outputs, 1])
      : weight(`${name}.weight`, turned, [rows, columns, perGroup, outputs], [outputs]);
    return node(
      isDepthwise ? "FusedDepthwiseConv2dNative" : "_FusedConv2D",
      name,
      [inputs[0], filter, constant(`${name}.bias`, bias)],
      {
        fused_ops: textsAttribute("BiasAdd"),
        num_args: { i: "1" },
        data_format: textAttribute("NHWC"),
        dilations: numbersAttribute(1, 1, 1, 1),
        strides: numbersAttribute(1, stride, stride, 1),
        padding: textAttribute("EXPLICIT"),
        explicit_paddings: numbersAttribute(0, 0, before, after, before, after, 0, 0),
      },
    );
  };

  const write = (one: GraphNode): string => {
    const { name, inputs } = one;
    const [input] = inputs;
    switch (one.op) {
      case "normalise": {
        const unit = byColumn("RealDiv", `${name}.unit`, input, Float32Array.of(255));
        const centred = byColumn("Sub", `${name}.centred`, unit, one.mean);
        return byColumn("RealDiv", name, centred, one.std);
      }
      case "convolution":
        return convolution(one);
      case "subtract":
        return byColumn("Sub", name, input, one.value);
      case "divide":
        return byColumn("RealDiv", name, input, one.value);
      case "linear": {
        const { shape } = one.weight;
        const matrix = weight(`${name}.weight`, one.weight, shape, [shape[0], 1]);
        const product = node("MatMul", `${name}.product`, [input, matrix], {
          transpose_a: { b: false },
          transpose_b: { b: true },
        });
        return node("AddV2", name, [product, constant(`${name}.bias`, one.bias)]);
      }
      case "silu":
        return node("Mul", name, [input, node("Sigmoid", `${name}.gate`, [input])]);
      case "mean": {
        const axes = constant(`${name}.axes`, Int32Array.of(1, 2));
        return node("Mean", name, [input, axes], { keep_dims: { b: true }, Tidx: INT });
      }
      case "concat": {
        const axis = constant(`${name}.axis`, Int32Array.of(3), []);
        const side = node("ConcatV2", `${name}.stages`, [...inputs, axis], {
          N: { i: String(inputs.length) },
          Tidx: INT,
        });
        const axes = numbersAttribute(1, 2);
        return node("Squeeze", name, [side], { squeeze_dims: axes });
      }
      default:
        return node(PLAIN_OPS[one.op], name, inputs);
    }
  };
  nodes.push({
    name: GRAPH_INPUT,
    op: "Placeholder",
    attr: { dtype: FLOAT, shape: { shape: tfjsShape([-1, size, size, 3]) } },
  });
  graph.forEach(write);
  return { nodes, weights, pieces };
}

/** What tfjs calls the operations that it has as they are. */
const PLAIN_OPS = {
  sigmoid: "Sigmoid",
  multiply: "Mul",
  add: "AddV2",
  softmax: "Softmax",
} as const;

/** A kernel `[outputs, inputs, rows, columns]` as `[rows, columns, inputs, outputs]`: a new array. */
function outputsLast({ data, shape }: GraphWeight): Float32Array | Int8Array {
  const [outputs, inputs, rows, columns] = shape;
  const taps = rows * columns;
  const out = data instanceof Int8Array
    ? new Int8Array(data.length)
    : new Float32Array(data.length);
  let from = 0;
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let tap = 0; tap < taps; tap++) out[(tap * inputs + i) * outputs + o] = data[from++];
    }
  }
  return out;
}
