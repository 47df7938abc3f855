/**
 * The messages of an ONNX file that graft writes; field numbers from onnx.proto3 (github.com/onnx/onnx, IR version 8).
 *
 * @module
 */
import {
  bytesField,
  encodeMessage,
  type Message,
  messageField,
  textField,
  wholeField,
} from "./protobuf.ts";

/** Version of the file's own layout: that of ONNX 1.12. */
const IR_VERSION = 8;

/** Version of the operators' definitions: that of ONNX 1.12, which every runtime since 2022 knows. */
const OPSET = 17;

/** `TensorProto.DataType`. */
export const ELEMENT_TYPES = { float32: 1, uint8: 2, int8: 3, int64: 7, float16: 10 } as const;

/** Element types that are written. */
export type OnnxType = keyof typeof ELEMENT_TYPES;

/** `AttributeProto.AttributeType`. */
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_INTS = 7;

/** Attributes of a node: whole numbers, or lists of them. */
export type OnnxAttributes = Readonly<Record<string, number | readonly number[]>>;

/** An operation: `NodeProto`, to stand in a graph. */
export function onnxNode(
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: OnnxAttributes = {},
): Message {
  return messageField(
    1,
    ...inputs.map((input) => textField(1, input)),
    textField(2, output),
    textField(3, output),
    textField(4, op),
    ...Object.entries(attributes).map(([name, value]) =>
      messageField(
        5,
        textField(1, name),
        ...typeof value === "number"
          ? [wholeField(3, value), wholeField(20, ATTRIBUTE_INT)]
          : [...value.map((item) => wholeField(8, item)), wholeField(20, ATTRIBUTE_INTS)],
      )
    ),
  );
}

/** A constant: `TensorProto`, to stand in a graph. Its bytes are little-endian. */
export function onnxTensor(
  name: string,
  type: OnnxType,
  shape: readonly number[],
  { buffer, byteOffset, byteLength }: ArrayBufferView,
): Message {
  return messageField(
    5,
    ...shape.map((size) => wholeField(1, size)),
    wholeField(2, ELEMENT_TYPES[type]),
    textField(8, name),
    bytesField(9, new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)),
  );
}

/** What goes in or comes out. */
export interface OnnxValue {
  /** Its name. */
  readonly name: string;
  /** Its element type. */
  readonly type: OnnxType;
  /** Its sizes; a text stands for a size that may be any. */
  readonly shape: readonly (number | string)[];
}

/** What an ONNX file is made of. */
export interface OnnxModel {
  /** Name of the graph. */
  readonly name: string;
  /** What made it, and the version of that. */
  readonly producer: readonly [name: string, version: string];
  /** For people. */
  readonly text: string;
  /** From {@linkcode onnxNode}, each after those that it needs. */
  readonly nodes: readonly Message[];
  /** From {@linkcode onnxTensor}. */
  readonly constants: readonly Message[];
  /** What goes in. */
  readonly inputs: readonly OnnxValue[];
  /** What comes out. */
  readonly outputs: readonly OnnxValue[];
  /** Free text by key. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The file: `ModelProto`. */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const { name, producer, text, nodes, constants, inputs, outputs, metadata } = model;
  return encodeMessage(
    wholeField(1, IR_VERSION),
    textField(2, producer[0]),
    textField(3, producer[1]),
    textField(6, text),
    messageField(
      7,
      ...nodes,
      textField(2, name),
      ...constants,
      ...inputs.map((value) => valueInfo(11, value)),
      ...outputs.map((value) => valueInfo(12, value)),
    ),
    messageField(8, textField(1, ""), wholeField(2, OPSET)), // "" is the standard operators' domain
    ...Object.entries(metadata).map(([key, value]) =>
      messageField(14, textField(1, key), textField(2, value))
    ),
  );
}

/** `ValueInfoProto` of a tensor. */
function valueInfo(field: number, { name, type, shape }: OnnxValue): Message {
  const dimensions = shape.map((size) =>
    messageField(1, typeof size === "number" ? wholeField(1, size) : textField(2, size))
  );
  const tensor = messageField(
    1,
    wholeField(1, ELEMENT_TYPES[type]),
    messageField(2, ...dimensions),
  );
  return messageField(field, textField(1, name), messageField(2, tensor));
}
