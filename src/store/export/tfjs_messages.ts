/**
 * What a tfjs graph model's `model.json` is made of: TensorFlow's GraphDef as JSON, where bytes are base64 and long whole numbers
 * text.
 *
 * @module
 */
import { encodeBase64 } from "../../core/base64.ts";

/** Value of a node's attribute: AttrValue. */
export type TfjsAttribute =
  | { readonly type: TfjsType }
  | { readonly b: boolean }
  | { readonly i: string }
  | { readonly s: string }
  | { readonly shape: TfjsShape }
  | { readonly list: { readonly i: readonly string[] } | { readonly s: readonly string[] } };

/** DataType; the constants of a graph are of these two. */
export type TfjsType = "DT_FLOAT" | "DT_INT32";

/** TensorShapeProto; -1 stands for a size that may be any. */
export interface TfjsShape {
  /** Sizes, outermost first. */
  readonly dim: readonly { readonly size: string }[];
}

/** An operation: NodeDef. */
export interface TfjsNode {
  /** Name of its result. */
  readonly name: string;
  /** What it does. */
  readonly op: string;
  /** Names of what it takes. */
  readonly input?: readonly string[];
  /** Its attributes by name. */
  readonly attr: Readonly<Record<string, TfjsAttribute>>;
}

/** A tensor in the shards: an entry of the weights manifest. */
export interface TfjsWeight {
  /** Name of the constant. */
  readonly name: string;
  /** Its sizes. */
  readonly shape: readonly number[];
  /** What it is once it is loaded. */
  readonly dtype: "float32" | "int32";
  /** How it is kept, where in fewer bytes; eight bits stand for `byte * scale + min`. */
  readonly quantization?:
    | { readonly dtype: "float16"; readonly original_dtype: "float32" }
    | {
      readonly dtype: "uint8";
      readonly scale: number;
      readonly min: number;
      readonly original_dtype: "float32";
    };
}

/** An attribute that is text. */
export function textAttribute(text: string): TfjsAttribute {
  return { s: base64(text) };
}

/** An attribute that is a list of texts. */
export function textsAttribute(...texts: readonly string[]): TfjsAttribute {
  return { list: { s: texts.map(base64) } };
}

/** An attribute that is a list of whole numbers. */
export function numbersAttribute(...numbers: readonly number[]): TfjsAttribute {
  return { list: { i: numbers.map(String) } };
}

/** A shape. */
export function tfjsShape(sizes: readonly number[]): TfjsShape {
  return { dim: sizes.map((size) => ({ size: String(size) })) };
}

function base64(text: string): string {
  return encodeBase64(new TextEncoder().encode(text));
}
