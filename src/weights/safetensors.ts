/**
 * The safetensors format: 8 bytes of header length, a JSON header, then the elements back to back.
 *
 * Written from the format's description (github.com/huggingface/safetensors, README "Format").
 *
 * @module
 */

import { UserError } from "../core/errors.ts";
import { type HostData, type HostDType, type HostTensor, sizeOf } from "../core/host_tensor.ts";
import { joinBytes } from "../core/join_bytes.ts";
import {
  ELEMENT_BYTES,
  type ElementKind,
  hostDTypeOf,
  narrowToFloat16,
  readElements,
} from "./elements.ts";
import { KIND_OF_WORD, quote, readLayout } from "./safetensors_layout.ts";

/** What a file of tensors holds. */
export interface TensorFile {
  /** Tensors by name, in the file's order. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
  /** Free text by key; a `.pth` file has none. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Names of entries that are no tensors and were left out; only a `.pth` file can have some. */
  readonly skipped?: readonly string[];
  /** One-liners on choices that were made and could be wrong. */
  readonly notes?: readonly string[];
  /** One-liners that few want to know. */
  readonly details?: readonly string[];
}

/**
 * Reads a safetensors file. 16-bit floats are widened to float32; every other tensor is a view of
 * `bytes` where its elements are aligned, so writing to one writes to the other.
 *
 * @param bytes The whole file.
 * @param name What messages call the file.
 *
 * @throws {UserError} The file is truncated, its header is no JSON object or says what cannot be: sizes
 * beyond the file, elements that overlap or leave holes, a length other than shape and dtype give, an
 * unknown dtype.
 *
 * @example
 * ```ts
 * import { readSafetensors, writeSafetensors } from "./safetensors.ts";
 * const bytes = writeSafetensors({
 *   tensors: new Map([["bias", { dtype: "float32", shape: [2], data: new Float32Array([1, 2]) }]]),
 *   metadata: { format: "pt" },
 * });
 * const { tensors, metadata } = readSafetensors(bytes);
 * if (tensors.get("bias")?.data[1] !== 2 || metadata.format !== "pt") throw new Error();
 * ```
 */
export function readSafetensors(bytes: Uint8Array, name = "safetensors data"): TensorFile {
  const { places, metadata, dataStart } = readLayout(bytes, bytes.length, name);
  const body = bytes.subarray(dataStart);
  const tensors = new Map<string, HostTensor>();
  for (const { name, kind, shape, begin, end } of places) {
    const data = readElements(body.subarray(begin, end), kind);
    tensors.set(name, { dtype: hostDTypeOf(kind), shape, data });
  }
  return { tensors, metadata };
}

/**
 * A safetensors file of the tensors, byte for byte as the reference writer (Python's `safetensors`)
 * lays it out: widest elements first, then by name; header padded to 8 bytes, so that every tensor is
 * aligned.
 *
 * @throws {UserError} A tensor's data does not fit its shape or its type in the file, or it is named `__metadata__`.
 */
export function writeSafetensors(file: SafetensorsContent): Uint8Array {
  const { header, names } = safetensorsHeader(file);
  const pieces: Uint8Array[] = [header];
  for (const name of names) {
    const { data, shape, dtype } = file.tensors.get(name)!;
    const size = sizeOf(shape) * ELEMENT_BYTES[dtype];
    if (data.byteLength !== size) {
      throw new UserError(
        `Cannot write tensor ${
          quote(name)
        }: ${data.byteLength} bytes, shape [${shape}] of ${dtype} needs ${size}`,
      );
    }
    pieces.push(bytesOf(file.float16?.has(name) ? narrowToFloat16(data as Float32Array) : data));
  }
  return joinBytes(pieces);
}

/** What {@linkcode writeSafetensors} writes. */
export interface SafetensorsContent extends Pick<TensorFile, "tensors" | "metadata"> {
  /** Names of float32 tensors that the file keeps as 16-bit floats; numbers that are none are rounded. @default none */
  readonly float16?: ReadonlySet<string>;
}

/** What a file of tensors begins with. */
export interface SafetensorsHeader {
  /** All that comes before the tensors' bytes. */
  readonly header: Uint8Array;
  /** The order in which those follow, without gaps, row-major and little-endian. */
  readonly names: readonly string[];
}

/**
 * The beginning of a file whose tensors are written one by one.
 *
 * @throws {UserError} When a tensor has the name of the metadata, or is no float32 and to be kept as 16-bit floats.
 */
export function safetensorsHeader(
  { tensors, metadata, float16 }: {
    readonly tensors: ReadonlyMap<string, Pick<HostTensor, "dtype" | "shape">>;
    readonly metadata: TensorFile["metadata"];
    readonly float16?: SafetensorsContent["float16"];
  },
): SafetensorsHeader {
  const wordOf = new Map<ElementKind, string>();
  for (const [word, kind] of KIND_OF_WORD) wordOf.set(kind, word);
  const words = [...KIND_OF_WORD.keys()];
  const kindOf = (name: string, dtype: HostDType): ElementKind => {
    if (!float16?.has(name)) return dtype;
    if (dtype === "float32") return "float16";
    throw new UserError(`Cannot write tensor ${quote(name)} as float16: it is ${dtype}`);
  };
  const ordered = [...tensors]
    .map(([name, { dtype, shape }]) => ({ name, kind: kindOf(name, dtype), shape }))
    .map((entry) => ({ ...entry, rank: words.indexOf(wordOf.get(entry.kind)!) }))
    .sort((a, b) => b.rank - a.rank || (a.name < b.name ? -1 : 1));

  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) header.push(["__metadata__", metadata]);
  let length = 0;
  for (const { name, kind, shape } of ordered) {
    if (name === "__metadata__") {
      throw new UserError(`Cannot write tensor ${quote(name)}: the format keeps that name`);
    }
    const size = sizeOf(shape) * ELEMENT_BYTES[kind];
    header.push([name, {
      dtype: wordOf.get(kind),
      shape,
      data_offsets: [length, length + size],
    }]);
    length += size;
  }
  // fromEntries, not assignment: a tensor may be called "__proto__". Integer-like names would move to
  // the front of an object, which the format allows.
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(json, 8);
  return { header: bytes, names: ordered.map(({ name }) => name) };
}

function bytesOf(data: HostData | Uint16Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
