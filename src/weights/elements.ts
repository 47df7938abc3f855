/** Raw bytes of a checkpoint as typed arrays. @module */

import type { HostData, HostDType } from "../core/host_tensor.ts";

/** Element types as files store them: those of a host tensor and the two 16-bit floats. */
export type ElementKind = HostDType | "float16" | "bfloat16";

/** Bytes of one element. */
export const ELEMENT_BYTES: Readonly<Record<ElementKind, number>> = Object.freeze({
  bool: 1,
  uint8: 1,
  int8: 1,
  int16: 2,
  float16: 2,
  bfloat16: 2,
  int32: 4,
  float32: 4,
  float64: 8,
  int64: 8,
});

/** The type that elements have in memory: 16-bit floats are widened to float32, which is exact. */
export function hostDTypeOf(kind: ElementKind): HostDType {
  return kind === "float16" || kind === "bfloat16" ? "float32" : kind;
}

/** Whether {@linkcode readElements} must copy elements of this kind even where they are aligned. */
export function isConverted(kind: ElementKind): boolean {
  return kind === "float16" || kind === "bfloat16" || kind === "bool";
}

/**
 * The same bytes at an address that is a multiple of `alignment`: the bytes themselves where they lie
 * so already, else a copy.
 */
export function alignBytes(bytes: Uint8Array, alignment: number): Uint8Array {
  return bytes.byteOffset % alignment === 0 ? bytes : bytes.slice();
}

/**
 * Little-endian bytes as the typed array of their kind (every machine that Deno runs on is
 * little-endian).
 *
 * Elements whose kind a host tensor knows are a view of `bytes` where aligned, else a copy; 16-bit
 * floats are widened; booleans are copied, with any byte but 0 becoming 1.
 *
 * @param bytes A whole number of elements.
 *
 * @example
 * ```ts
 * import { readElements } from "./elements.ts";
 * const [one, minusTwo] = readElements(new Uint8Array([0x00, 0x3c, 0x00, 0xc0]), "float16");
 * if (one !== 1 || minusTwo !== -2) throw new Error(`${one} ${minusTwo}`);
 * ```
 */
export function readElements(bytes: Uint8Array, kind: ElementKind): HostData {
  const { buffer, byteOffset, byteLength } = alignBytes(bytes, ELEMENT_BYTES[kind]);
  const count = byteLength / ELEMENT_BYTES[kind];
  switch (kind) {
    case "bool":
      return new Uint8Array(buffer, byteOffset, count).map((byte) => byte === 0 ? 0 : 1);
    case "uint8":
      return new Uint8Array(buffer, byteOffset, count);
    case "int8":
      return new Int8Array(buffer, byteOffset, count);
    case "int16":
      return new Int16Array(buffer, byteOffset, count);
    case "int32":
      return new Int32Array(buffer, byteOffset, count);
    case "int64":
      return new BigInt64Array(buffer, byteOffset, count);
    case "float32":
      return new Float32Array(buffer, byteOffset, count);
    case "float64":
      return new Float64Array(buffer, byteOffset, count);
    case "float16":
      return widen(new Uint16Array(buffer, byteOffset, count), float16Bits);
    case "bfloat16":
      return widen(new Uint16Array(buffer, byteOffset, count), (half) => half << 16);
  }
}

/** Float32 numbers whose bits are `toBits` of each half. */
function widen(halves: Uint16Array, toBits: (half: number) => number): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = toBits(halves[i]);
  return new Float32Array(bits.buffer);
}

/** The float32 bits of IEEE 754 binary16 bits: 1 sign, 5 exponent (bias 15), 10 fraction. */
function float16Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 31) return sign | 0x7f800000 | (fraction << 13); // infinity, or NaN with its payload
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13); // 127 - 15 = 112
  if (fraction === 0) return sign;
  // Subnormal: fraction * 2^-24. Shift the leading one up to bit 10, where float32 leaves it unsaid.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

/** Largest number of binary16; what rounds to more is infinite there. */
export const MAX_FLOAT16 = 65504;

/**
 * The IEEE 754 binary16 bits of numbers, each rounded to the nearest one, halfway to the even one, as every hardware does it.
 * What lies beyond 65504 becomes infinite.
 *
 * @example
 * ```ts
 * import { narrowToFloat16 } from "./elements.ts";
 * const [one, third] = narrowToFloat16(Float32Array.of(1, 1 / 3));
 * if (one !== 0x3c00 || third !== 0x3555) throw new Error(`${one} ${third}`);
 * ```
 */
export function narrowToFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < halves.length; i++) halves[i] = narrowBits(bits[i], values[i]);
  return halves;
}

function narrowBits(bits: number, value: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00 | ((size >> 13) & 0x1ff); // NaN, quiet, as much of its payload as fits
  if (size >= 0x477ff000) return sign | 0x7c00; // from 65520 on: infinity
  if (size >= 0x38800000) { // 2^-14: normal
    const even = (size >> 13) & 1;
    return sign | ((size - 0x38000000 + 0xfff + even) >> 13); // rebias by 112; a carry moves into the exponent
  }
  // Subnormal: whole multiples of 2^-24, of which a double holds the quotient exactly.
  const steps = Math.abs(value) * 2 ** 24;
  const floor = Math.floor(steps);
  const rest = steps - floor;
  return sign | (floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0));
}

/** Floating-point numbers as float32: themselves where they are, so that they are only to be read. */
export function asFloat32(values: Float32Array | Float64Array): Float32Array {
  return values instanceof Float32Array ? values : new Float32Array(values);
}
