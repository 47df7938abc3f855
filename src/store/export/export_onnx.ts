/** A kept model as an ONNX file. @module */
import { VERSION } from "../../core/version.ts";
import {
  GRAPH_INPUT,
  GRAPH_OUTPUTS,
  type GraphNode,
  type GraphWeight,
} from "../../model/graph_node.ts";
import { narrowToFloat16 } from "../../weights/elements.ts";
import type { SavedModel } from "../bundle.ts";
import { type GraphExportOptions, modelGraph } from "./model_graph.ts";
import {
  ELEMENT_TYPES,
  encodeOnnx,
  type OnnxAttributes,
  onnxNode,
  onnxTensor,
  type OnnxType,
} from "./onnx_messages.ts";
import type { Message } from "./protobuf.ts";

/**
 * The network of a model as an ONNX file (opset 17), for onnxruntime and whatever else reads ONNX.
 *
 * It takes `images`, uint8 `[N, size, size, 3]`: red, green and blue as decoders give them. Scaling to that size is left to the
 * caller, since no ONNX operator of this age scales as PIL and graft do: whole or cropped, with the filter that the metadata entry
 * `input` names, antialiased. Normalisation is in the graph. It gives `probabilities` and `logits` (before the temperature of a
 * calibrated model divides them), `[N, classes]`. Metadata entries, each JSON: `classes`, `input`, `graft` (the manifest).
 *
 * Kernels of fewer bits are kept as they are and widened by `Cast` and `Mul`, which runtimes do once, when they load.
 *
 * @returns The file's bytes; the same model gives the same bytes.
 * @throws {UserError} When the model's checkpoint is needed and missing, or is another one, or the model was rounded to another
 * type before.
 *
 * @example
 * ```ts
 * import { createClassifier, drawSample, exportOnnx, loadModel } from "../../../mod.ts";
 * using model = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
 * await model.fit(drawSample({ rows: 60 }));
 * const kept = await loadModel(await model.toBytes()); // or: a path, an address
 * const file = exportOnnx(kept, { dtype: "f16" });
 * if (file.length > 1e7) throw new Error(`${file.length} bytes`);
 * ```
 */
export function exportOnnx(model: SavedModel, options: GraphExportOptions = {}): Uint8Array {
  const { graph, text, metadata } = modelGraph(model, options);
  const { size, classes } = graph;
  return encodeOnnx({
    name: "graft",
    producer: ["graft", VERSION],
    text,
    ...writeNodes(graph.nodes),
    inputs: [{ name: GRAPH_INPUT, type: "uint8", shape: ["N", size, size, 3] }],
    outputs: GRAPH_OUTPUTS.map((name) => ({ name, type: "float32", shape: ["N", classes] })),
    metadata,
  });
}

/** Numpy's axes of a picture for ONNX's convolutions: channels before rows and columns. */
const CHANNELS_FIRST = [0, 3, 1, 2];

/** The operations in ONNX's, and the constants that they need. */
function writeNodes(
  graph: readonly GraphNode[],
): Readonly<Record<"nodes" | "constants", readonly Message[]>> {
  const nodes: Message[] = [];
  const constants: Message[] = [];
  const node = (op: string, inputs: readonly string[], name: string, more?: OnnxAttributes) => {
    nodes.push(onnxNode(op, inputs, name, more));
    return name;
  };
  const constant = (
    name: string,
    data: Float32Array | Int8Array | Uint16Array,
    shape: readonly number[] = [data.length],
    type: OnnxType = "float32",
  ) => {
    constants.push(onnxTensor(name, type, shape, data));
    return name;
  };
  const byColumn = (op: "Sub" | "Div", input: string, name: string, value: Float32Array) =>
    node(op, [input, constant(`${name}.value`, value)], name);

  /** A weight as float32, whatever the file keeps. */
  const weight = (name: string, { data, shape, dtype, factor }: GraphWeight): string => {
    if (dtype === "f32") return constant(name, data, shape);
    const kept = data instanceof Int8Array
      ? constant(`${name}.int8`, data, shape, "int8")
      : constant(`${name}.float16`, narrowToFloat16(data), shape, "float16");
    const to = { to: ELEMENT_TYPES.float32 };
    if (factor === undefined) return node("Cast", [kept], name, to);
    const perOutput = shape.map((size, axis) => axis === 0 ? size : 1);
    return node("Mul", [
      node("Cast", [kept], `${name}.float32`, to),
      constant(`${name}.factor`, factor, perOutput),
    ], name);
  };

  const write = (one: GraphNode): string => {
    const { name, inputs } = one;
    const [input] = inputs;
    switch (one.op) {
      case "normalise": {
        const pixels = node("Cast", [input], `${name}.pixels`, { to: ELEMENT_TYPES.float32 });
        const unit = byColumn("Div", pixels, `${name}.unit`, Float32Array.of(255));
        const centred = byColumn("Sub", unit, `${name}.centred`, one.mean);
        const scaled = byColumn("Div", centred, `${name}.scaled`, one.std);
        return node("Transpose", [scaled], name, { perm: CHANNELS_FIRST });
      }
      case "convolution": {
        const { pads: { before, after }, stride, groups, bias } = one;
        const kernel = weight(`${name}.weight`, one.weight);
        return node("Conv", [input, kernel, constant(`${name}.bias`, bias)], name, {
          group: groups,
          pads: [before, before, after, after],
          strides: [stride, stride],
        });
      }
      case "subtract":
        return byColumn("Sub", input, name, one.value);
      case "divide":
        return byColumn("Div", input, name, one.value);
      case "linear": {
        const matrix = weight(`${name}.weight`, one.weight);
        return node("Gemm", [input, matrix, constant(`${name}.bias`, one.bias)], name, {
          transB: 1,
        });
      }
      case "silu":
        return node("Mul", [input, node("Sigmoid", [input], `${name}.gate`)], name);
      case "concat":
        return node("Flatten", [node("Concat", inputs, `${name}.stages`, { axis: 1 })], name);
      case "softmax":
        return node("Softmax", inputs, name, { axis: 1 });
      default:
        return node(PLAIN_OPS[one.op], inputs, name);
    }
  };
  graph.forEach(write);
  return { nodes, constants };
}

/** What ONNX calls the operations that it has as they are. */
const PLAIN_OPS = {
  sigmoid: "Sigmoid",
  mean: "GlobalAveragePool",
  multiply: "Mul",
  add: "Add",
} as const;
