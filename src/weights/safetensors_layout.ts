/** Where the tensors of a safetensors file lie: its header, read and checked. @module */

import { UserError } from "../core/errors.ts";
import { sizeOf } from "../core/host_tensor.ts";
import { clip } from "../core/quoted.ts";
import { parseStrictJson } from "../core/strict_json.ts";
import { ELEMENT_BYTES, type ElementKind } from "./elements.ts";

/** Where a tensor lies in a file. */
export interface TensorPlace {
  /** Its name. */
  readonly name: string;
  /** Its elements. */
  readonly kind: ElementKind;
  /** Its sizes. */
  readonly shape: readonly number[];
  /** First byte, counted from the end of the header. */
  readonly begin: number;
  /** The byte after its last. */
  readonly end: number;
}

/** What a file's header says. */
export interface TensorLayout {
  /** The tensors, in the header's order. */
  readonly places: readonly TensorPlace[];
  /** Free text by key. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Bytes before the first tensor's. */
  readonly dataStart: number;
}

/** Largest header, in bytes: 100,000 tensors take as much. The reference implementation's bound is 100 MB. */
const MAX_HEADER_BYTES = 2 ** 24;
/** What a header holds: entries by name, each with three fields, two of which are lists. */
const HEADER_BOUNDS = { depth: 3, parts: 700_000 };
/** Most dimensions, as PyTorch's. */
const MAX_RANK = 64;

/** The file's word for each kind. Insertion order is the reference writer's: it sorts by it, last first. */
export const KIND_OF_WORD: ReadonlyMap<string, ElementKind> = new Map([
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

/**
 * Reads the header of a safetensors file, for whoever wants to read tensors piece by piece.
 *
 * @param start The file's beginning, at least its header: {@linkcode headerBytes} tells its length.
 * @param size Bytes of the whole file.
 * @throws {UserError} As {@linkcode readSafetensors}.
 */
export function readLayout(start: Uint8Array, size: number, name: string): TensorLayout {
  const fail = (detail: string) => new UserError(`Cannot read ${name}: ${detail}`);
  const { header, dataStart } = readHeader(start, size, fail);
  const places: TensorPlace[] = [];
  let metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(header)) {
    if (key === "__metadata__") metadata = readMetadata(value, fail);
    else places.push(readEntry(key, value, fail));
  }
  checkLayout(places, size - dataStart, fail);
  return { places, metadata, dataStart };
}

/**
 * Size of a file in bytes, as its header says.
 *
 * @param start The file's beginning.
 * @returns undefined where `start` is not all of the header.
 * @throws {UserError} As {@linkcode readLayout}.
 */
export function sizeFromHeader(start: Uint8Array, name: string): number | undefined {
  if (start.length < 8 || start.length < headerBytes(start, Infinity, name)) return undefined;
  const fail = (detail: string) => new UserError(`Cannot read ${name}: ${detail}`);
  const { header, dataStart } = readHeader(start, Infinity, fail);
  let end = 0;
  for (const [key, value] of Object.entries(header)) {
    if (key !== "__metadata__") end = Math.max(end, readEntry(key, value, fail).end);
  }
  return dataStart + end;
}

/**
 * Bytes from a file's beginning to its first tensor.
 *
 * @param start The first 8 bytes, or more.
 * @throws {UserError} When the file is too short for what they claim.
 */
export function headerBytes(start: Uint8Array, size: number, name: string): number {
  return headerLength(start, size, (detail) => new UserError(`Cannot read ${name}: ${detail}`));
}

/** Makes the error of this file from what was found. */
type Fail = (detail: string) => UserError;

function headerLength(start: Uint8Array, size: number, fail: Fail): number {
  if (start.length < 8) {
    throw fail(`it has ${start.length} bytes, a safetensors file at least 8; fetch it again`);
  }
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) {
    throw fail(
      `its header claims ${length} bytes, at most ${MAX_HEADER_BYTES} are allowed; it is damaged or no safetensors file`,
    );
  }
  if (length > size - 8) {
    throw fail(
      `its header claims ${length} bytes and the file ends after ${size - 8} of them; ` +
        `it is truncated or no safetensors file, fetch it again`,
    );
  }
  return 8 + length;
}

function readHeader(
  bytes: Uint8Array,
  size: number,
  fail: Fail,
): { header: Record<string, unknown>; dataStart: number } {
  const dataStart = headerLength(bytes, size, fail);
  let header: unknown;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, dataStart));
    header = parseStrictJson(text, HEADER_BOUNDS);
  } catch (error) {
    throw fail(
      `its header is not JSON that the format allows (${
        clip((error as Error).message)
      }); the file is damaged`,
    );
  }
  if (!isRecord(header)) throw fail("its header is not a JSON object; the file is damaged");
  return { header, dataStart };
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

function readEntry(name: string, value: unknown, failed: Fail): TensorPlace {
  // In messages alone: files have hundreds of tensors, and each is read in a cold start.
  const fail = (detail: string) => failed(`tensor ${quote(name)} ${detail}`);
  if (!isRecord(value)) throw fail(`is not described by a JSON object`);
  const { dtype, shape, data_offsets: offsets } = value;
  const kind = typeof dtype === "string" ? KIND_OF_WORD.get(dtype) : undefined;
  if (kind === undefined) {
    throw fail(
      `has dtype ${quote(dtype)}; graft reads ${[...KIND_OF_WORD.keys()].join(", ")}`,
    );
  }
  if (!isSizes(shape) || shape.length > MAX_RANK || !Number.isSafeInteger(sizeOf(shape) * 8)) {
    throw fail(`has shape ${quote(shape)}; expected a list of sizes`);
  }
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw fail(`has data_offsets ${quote(offsets)}; expected [begin, end]`);
  }
  const [begin, end] = offsets;
  const expected = sizeOf(shape) * ELEMENT_BYTES[kind];
  if (end - begin !== expected) {
    throw fail(
      `has ${end - begin} bytes, shape [${clip(shape.join(", "))}] of ${dtype} needs ${expected}`,
    );
  }
  return { name, kind, shape, begin, end };
}

/** The elements must fill the rest of the file: no overlap, no hole, nothing left over. */
function checkLayout(entries: readonly TensorPlace[], length: number, fail: Fail): void {
  let position = 0;
  for (const entry of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    const tensor = () => `tensor ${quote(entry.name)}`;
    if (entry.end > length) {
      throw fail(
        `${tensor()} ends at byte ${entry.end} of the data, which has ${length}; the file is truncated, fetch it again`,
      );
    }
    if (entry.begin < position) {
      throw fail(`${tensor()} begins at byte ${entry.begin}, inside the tensor before it`);
    }
    if (entry.begin > position) {
      throw fail(`bytes ${position} to ${entry.begin} before ${tensor()} belong to no tensor`);
    }
    position = entry.end;
  }
  if (position !== length) {
    throw fail(`${length - position} bytes after the last tensor belong to none`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is a list of whole numbers from 0 on, each exact in a double. */
function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** A value from the file as JSON, short enough for a message. */
export function quote(value: unknown): string {
  return clip(JSON.stringify(value) ?? "undefined");
}
