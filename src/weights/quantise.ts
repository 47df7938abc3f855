/**
 * Weights in fewer bytes: 16-bit floats, or 8-bit whole numbers with one scale per output channel.
 *
 * In a file, a tensor `NAME` that is rounded to `"int8"` keeps its name and shape as `I8`, and `NAME_scale` `[outputs]`, `F32`,
 * stands beside it: the weight is `NAME[o, …] * NAME_scale[o]`. One that is rounded to `"f16"` is stored as `F16`, and so are those
 * that `"int8"` spares. Kernels and matrices are rounded; vectors (biases, batch norm, scales), which are 2 % of EfficientNet-B0, stay float32: a deviation of
 * batch norm in 8 bits would be worth nothing, and some in 16 would be infinite.
 *
 * @module
 */
import { listKnown, UserError } from "../core/errors.ts";
import type { HostTensor } from "../core/host_tensor.ts";
import { clip } from "../core/quoted.ts";
import { asFloat32, MAX_FLOAT16, narrowToFloat16, readElements } from "./elements.ts";
import { scaledTensor } from "./scaled_tensor.ts";

/** How kernels and matrices are kept: as they are, as 16-bit floats, or as 8-bit whole numbers with scales. */
export type WeightDType = "f32" | "f16" | "int8";

/** All of {@linkcode WeightDType}. */
export const WEIGHT_DTYPES: readonly WeightDType[] = ["f32", "f16", "int8"];

/** What is appended to a tensor's name for the name of its scales. */
export const SCALE_SUFFIX = "_scale";

/**
 * Of weights in 8 bits, those stay in 16 whose outputs have this few each, or that are this few in all: depthwise kernels and the first
 * layers, 7 % of EfficientNet-B0. Measured (`bench/RESULTS.md`): for 0.2 MB more, probabilities move a quarter as far.
 */
const SPARED = { perOutput: 32, inAll: 4096 };

/** Largest 8-bit number that is used: -128 is not, so that a weight and its negative are rounded alike. */
const MAX_CODE = 127;

/** Largest finite float32. */
const MAX_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/** Tensors as a file is to keep them. */
export interface StoredTensors {
  /** By name; those in `float16` hold numbers that 16 bits hold exactly. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
  /** Names of the tensors that are kept as 16-bit floats. */
  readonly float16: ReadonlySet<string>;
}

/**
 * Rounds kernels and matrices (all floats of two dimensions or more).
 *
 * `"int8"` is symmetric: an output channel's scale is its largest absolute weight over 127, and each weight the nearest whole
 * number of scales. Where that would save little, in tensors of up to 4,096 weights or 32 an output, weights are 16-bit floats.
 *
 * @throws {UserError} For a type that is none, and when a weight is not finite, or too large for 16 bits.
 *
 * @example
 * ```ts
 * import { dequantise, quantise } from "./quantise.ts";
 * const data = Float32Array.from({ length: 2 * 4096 }, (_, i) => i < 4096 ? i / 4096 : -i);
 * const weights = new Map([["weight", { dtype: "float32", shape: [2, 4096], data } as const]]);
 * const { tensors } = quantise(weights, "int8");
 * const codes = tensors.get("weight")!.data;
 * if (codes[4095] !== 127 || codes[8191] !== -127) throw new Error(codes.join());
 * const back = dequantise(tensors).get("weight")!.data;
 * if (Math.abs(Number(back[2048]) - 0.5) > 1 / 254) throw new Error(`${back[2048]}`);
 * ```
 */
export function quantise(
  tensors: ReadonlyMap<string, HostTensor>,
  dtype: WeightDType,
): StoredTensors {
  if (!WEIGHT_DTYPES.includes(dtype)) {
    throw new UserError(
      `Cannot round the weights: dtype is ${JSON.stringify(dtype)}, expected ${
        listKnown(WEIGHT_DTYPES)
      }`,
    );
  }
  if (dtype === "f32") return { tensors, float16: new Set() };
  const stored = new Map<string, HostTensor>();
  const float16 = new Set<string>();
  for (const [name, tensor] of tensors) {
    const { data, shape } = tensor;
    const isFloat = data instanceof Float32Array || data instanceof Float64Array;
    if (!isFloat || shape.length < 2) {
      stored.set(name, tensor);
      continue;
    }
    const values = asFloat32(data);
    const kept = dtype === "int8" && isSpared(values.length, shape[0]) ? "f16" : dtype;
    checkRange(name, values, kept);
    if (kept === "f16") {
      float16.add(name);
      stored.set(name, { dtype: "float32", shape, data: roundToFloat16(values) });
      continue;
    }
    const { codes, scales } = codesOf(values, shape[0]);
    stored.set(name, { dtype: "int8", shape, data: codes });
    stored.set(name + SCALE_SUFFIX, { dtype: "float32", shape: [shape[0]], data: scales });
  }
  return { tensors: stored, float16 };
}

/**
 * The float32 weights of a file's tensors: each 8-bit one that has scales beside it is multiplied by them when it is read
 * (`ScaledTensor`), everything else is passed on. What {@linkcode quantise} rounded to 16 bits needs nothing: reading widened it.
 *
 * @param source What messages call the file.
 * @throws {UserError} When scales are not one float32 per output channel.
 */
export function dequantise(
  tensors: ReadonlyMap<string, HostTensor>,
  source = "the tensors",
): ReadonlyMap<string, HostTensor> {
  const scaled = [...tensors].filter(([name, { dtype }]) =>
    dtype === "int8" && tensors.has(name + SCALE_SUFFIX)
  );
  if (scaled.length === 0) return tensors;
  const result = new Map(tensors);
  for (const [name, { data, shape }] of scaled) {
    const scales = tensors.get(name + SCALE_SUFFIX)!;
    if (scales.dtype !== "float32" || scales.shape.length !== 1 || scales.shape[0] !== shape[0]) {
      throw new UserError(
        `Cannot use the weights of ${source}: ${clip(name + SCALE_SUFFIX)} is ${scales.dtype} [${
          clip(String(scales.shape))
        }], expected float32 [${
          shape[0]
        }], one scale per output; the file is damaged, get it again`,
      );
    }
    result.set(name, scaledTensor(shape, data as Int8Array, scales.data as Float32Array));
    result.delete(name + SCALE_SUFFIX);
  }
  return result;
}

function isSpared(length: number, outputs: number): boolean {
  return length <= SPARED.inAll || length / outputs <= SPARED.perOutput;
}

function roundToFloat16(data: Float32Array): Float32Array {
  const { buffer } = narrowToFloat16(data);
  return readElements(new Uint8Array(buffer), "float16") as Float32Array;
}

function codesOf(data: Float32Array, outputs: number): { codes: Int8Array; scales: Float32Array } {
  const perOutput = data.length / outputs;
  const codes = new Int8Array(data.length);
  const scales = new Float32Array(outputs);
  for (let o = 0; o < outputs; o++) {
    const [start, end] = [o * perOutput, (o + 1) * perOutput];
    let largest = 0;
    for (let i = start; i < end; i++) largest = Math.max(largest, Math.abs(data[i]));
    // Of a channel of zeros, and where the quotient is none: any scale does.
    const scale = Math.fround(largest / MAX_CODE) || 1;
    scales[o] = scale;
    for (let i = start; i < end; i++) {
      const code = Math.round(data[i] / scale);
      codes[i] = Math.max(-MAX_CODE, Math.min(MAX_CODE, code));
    }
  }
  return { codes, scales };
}

function checkRange(name: string, data: Float32Array, dtype: WeightDType): void {
  const limit = dtype === "f16" ? MAX_FLOAT16 : MAX_FLOAT32;
  const wrong = data.findIndex((value) => !(Math.abs(value) <= limit));
  if (wrong === -1) return;
  throw new UserError(
    `Cannot round the weights to ${dtype}: ${clip(name)} has the value ${
      data[wrong]
    }, expected finite numbers${dtype === "f16" ? ` up to ${MAX_FLOAT16}` : ""}; use f32`,
  );
}
