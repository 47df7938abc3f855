/**
 * The safetensors format: 8 bytes of header length, a JSON header, then the elements back to back.
 *
 * Written from the format's description (github.com/huggingface/safetensors, README "Format").
 *
 * @module
 */

import { UserError } from "../core/errors.ts";
import { type HostData, type HostDType, type HostTensor, sizeOf } from "../core/host_tensor.ts";
import {
  ELEMENT_BYTES,
  type ElementKind,
  hostDTypeOf,
  narrowToFloat16,
  readElements,
} from "./elements.ts";
import { joinBytes } from "../core/join_bytes.ts";
import { clip } from "../core/quoted.ts";

/** What a file of tensors holds. */
export interface TensorFile {
  /** Tensors by name, in the file's order. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
  /** Free text by key; a `.pth` file has none. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Names of entries that are no tensors and were left out; only a `.pth` file can have some. */
  readonly skipped?: readonly string[];
}

/** The reference implementation's bound on the header, in bytes. */
const MAX_HEADER_BYTES = 100_000_000;

/** The file's word for each kind. Insertion order is the reference writer's: it sorts by it, last first. */
const KIND_OF_WORD: ReadonlyMap<string, ElementKind> = new Map([
  ["BOOL", "bool"],
  ["U8", "uint8"],
  ["I8", "int8"],
  ["I16", "int16"],
  ["F16", "float16"],
  ["BF16", "bfloat16"],
  ["I32", "int32"],
  ["F32", "float32"],
  ["F64", "float64"],
  ["I64", "int64"],
]);

/** One tensor's line in the header. */
interface Entry {
  readonly name: string;
  readonly kind: ElementKind;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
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
  const fail = (detail: string) => new UserError(`Cannot read ${name}: ${detail}`);
  const { header, dataStart } = readHeader(bytes, fail);
  const body = bytes.subarray(dataStart);
  const entries: Entry[] = [];
  let metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(header)) {
    if (key === "__metadata__") metadata = readMetadata(value, fail);
    else entries.push(readEntry(key, value, fail));
  }
  checkLayout(entries, body.length, fail);
  const tensors = new Map<string, HostTensor>();
  for (const { name, kind, shape, begin, end } of entries) {
    const data = readElements(body.subarray(begin, end), kind);
    tensors.set(name, { dtype: hostDTypeOf(kind), shape, data });
  }
  return { tensors, metadata };
}

/** Makes the error of this file from what was found. */
type Fail = (detail: string) => UserError;

function readHeader(
  bytes: Uint8Array,
  fail: Fail,
): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < 8) {
    throw fail(`it has ${bytes.length} bytes, a safetensors file at least 8; fetch it again`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) {
    throw fail(
      `its header claims ${length} bytes, at most ${MAX_HEADER_BYTES} are allowed; it is damaged or no safetensors file`,
    );
  }
  if (length > bytes.length - 8) {
    throw fail(
      `its header claims ${length} bytes and the file ends after ${bytes.length - 8} of them; ` +
        `it is truncated or no safetensors file, fetch it again`,
    );
  }
  let header: unknown;
  try {
    header = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length)),
    );
  } catch (error) {
    throw fail(`its header is not JSON (${clip((error as Error).message)}); the file is damaged`);
  }
  if (!isRecord(header)) throw fail("its header is not a JSON object; the file is damaged");
  return { header, dataStart: 8 + length };
}

function readMetadata(value: unknown, fail: Fail): Record<string, string> {
  if (!isRecord(value)) throw fail("__metadata__ is not a JSON object; the file is damaged");
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") {
      throw fail(`__metadata__ entry ${quote(key)} is no text; the format allows only text there`);
    }
  }
  return value as Record<string, string>;
}

function readEntry(name: string, value: unknown, fail: Fail): Entry {
  const tensor = `tensor ${quote(name)}`;
  if (!isRecord(value)) throw fail(`${tensor} is not described by a JSON object`);
  const { dtype, shape, data_offsets: offsets } = value;
  const kind = typeof dtype === "string" ? KIND_OF_WORD.get(dtype) : undefined;
  if (kind === undefined) {
    throw fail(
      `${tensor} has dtype ${quote(dtype)}; graft reads ${[...KIND_OF_WORD.keys()].join(", ")}`,
    );
  }
  if (!isSizes(shape) || !Number.isSafeInteger(sizeOf(shape) * 8)) {
    throw fail(`${tensor} has shape ${quote(shape)}; expected a list of sizes`);
  }
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw fail(`${tensor} has data_offsets ${quote(offsets)}; expected [begin, end]`);
  }
  const [begin, end] = offsets;
  const expected = sizeOf(shape) * ELEMENT_BYTES[kind];
  if (end - begin !== expected) {
    throw fail(
      `${tensor} has ${end - begin} bytes, shape [${
        clip(shape.join(", "))
      }] of ${dtype} needs ${expected}`,
    );
  }
  return { name, kind, shape, begin, end };
}

/** The elements must fill the rest of the file: no overlap, no hole, nothing left over. */
function checkLayout(entries: readonly Entry[], length: number, fail: Fail): void {
  let position = 0;
  for (const entry of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    const tensor = `tensor ${quote(entry.name)}`;
    if (entry.end > length) {
      throw fail(
        `${tensor} ends at byte ${entry.end} of the data, which has ${length}; the file is truncated, fetch it again`,
      );
    }
    if (entry.begin < position) {
      throw fail(`${tensor} begins at byte ${entry.begin}, inside the tensor before it`);
    }
    if (entry.begin > position) {
      throw fail(`bytes ${position} to ${entry.begin} before ${tensor} belong to no tensor`);
    }
    position = entry.end;
  }
  if (position !== length) {
    throw fail(`${length - position} bytes after the last tensor belong to none`);
  }
}

/**
 * A safetensors file of the tensors, byte for byte as the reference writer (Python's `safetensors`)
 * lays it out: widest elements first, then by name; header padded to 8 bytes, so that every tensor is
 * aligned.
 *
 * @throws {RangeError} A tensor's data does not fit its shape or its type in the file, or it is named `__metadata__`.
 */
export function writeSafetensors(file: SafetensorsContent): Uint8Array {
  const { header, names } = safetensorsHeader(file);
  const pieces: Uint8Array[] = [header];
  for (const name of names) {
    const { data, shape, dtype } = file.tensors.get(name)!;
    const size = sizeOf(shape) * ELEMENT_BYTES[dtype];
    if (data.byteLength !== size) {
      throw new RangeError(
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
 * @throws {RangeError} When a tensor has the name of the metadata, or is no float32 and to be kept as 16-bit floats.
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
    throw new RangeError(`Cannot write tensor ${quote(name)} as float16: it is ${dtype}`);
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
      throw new RangeError(`Cannot write tensor ${quote(name)}: the format keeps that name`);
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is a list of whole numbers from 0 on, each exact in a double. */
function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** A value from the file as JSON, short enough for a message. */
function quote(value: unknown): string {
  return clip(JSON.stringify(value) ?? "undefined");
}
