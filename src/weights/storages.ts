/** PyTorch's storages, and tensors as windows on them. @module */

import { UserError } from "../core/errors.ts";
import { type HostTensor, sizeOf } from "../core/host_tensor.ts";
import {
  alignBytes,
  ELEMENT_BYTES,
  type ElementKind,
  hostDTypeOf,
  isConverted,
  readElements,
} from "./elements.ts";
import { describeValue, isGlobal, type PicklePersistent } from "./pickle_value.ts";
import { clip } from "../core/quoted.ts";

/** Kinds of elements by the name of PyTorch's storage class. */
export const STORAGE_KINDS: ReadonlyMap<string, ElementKind> = new Map([
  ["FloatStorage", "float32"],
  ["DoubleStorage", "float64"],
  ["HalfStorage", "float16"],
  ["BFloat16Storage", "bfloat16"],
  ["LongStorage", "int64"],
  ["IntStorage", "int32"],
  ["ShortStorage", "int16"],
  ["CharStorage", "int8"],
  ["ByteStorage", "uint8"],
  ["BoolStorage", "bool"],
]);

/** What a pickle says of a storage. */
export interface StorageReference {
  /** The storage's name inside of the file. */
  readonly key: string;
  /** Kind of its elements. */
  readonly kind: ElementKind;
  /** Number of elements. */
  readonly length: number;
}

/** A storage's bytes, aligned for its kind. */
export interface Storage {
  /** Kind of its elements. */
  readonly kind: ElementKind;
  /** Its elements as the file holds them. */
  readonly bytes: Uint8Array;
}

/** Where and how a tensor lies in its storage, in elements. */
export interface StorageWindow {
  /** Index of the first element. */
  readonly offset: number;
  /** Sizes, outermost first. */
  readonly shape: readonly number[];
  /** Steps from one index to the next along each dimension. */
  readonly strides: readonly number[];
}

/** PyTorch's own bound on the number of dimensions. */
const MAX_RANK = 64;

/** Longest name of a storage: PyTorch's are numbers. A hostile one could be slow to look up, again and again. */
const MAX_KEY_LENGTH = 256;

/** Memory of a tensor that shares its storage's, in bytes. */
const VIEW_BYTES = 400;

/** Bytes that any file may copy, and how many more for each of its own: 16-bit floats that lie crosswise take three. */
const FREE_COPIES = 32 * 2 ** 20;
const COPIES_PER_BYTE = 4;

/**
 * Bytes that a file may yet cause to be copied. Tensors are views where they can be; strided ones must
 * be gathered, and a stride of 0 or a storage shared by thousands of tensors turns a small file into
 * any amount of memory.
 */
export class CopyBudget {
  readonly #name: string;
  readonly #limit: number;
  #spent = 0;

  /**
   * A fresh budget.
   *
   * @param name What messages call the file.
   * @param fileBytes The file's size; four times that and 32 MiB may be copied.
   */
  constructor(name: string, fileBytes: number) {
    this.#name = name;
    this.#limit = COPIES_PER_BYTE * fileBytes + FREE_COPIES;
  }

  /**
   * Counts bytes that are about to be copied for `what`.
   *
   * @throws {UserError} The budget does not hold them.
   */
  spend(bytes: number, what: string): void {
    this.#spent += bytes;
    if (this.#spent > this.#limit) {
      throw new UserError(
        `Cannot read ${this.#name}: ${what} would unfold it to more than ${this.#limit} bytes of memory, far beyond its own size; it was not made for loading`,
      );
    }
  }
}

/**
 * Reads the persistent id `("storage", class, key, location, length[, view])` of `torch.save`.
 *
 * @throws {UserError} It is none, its class is unknown, or it is a view of another storage.
 */
export function readStorageReference({ id }: PicklePersistent, name: string): StorageReference {
  const fail = (detail: string) => new UserError(`Cannot read ${name}: ${detail}`);
  if (!Array.isArray(id) || id.length < 5) {
    throw fail("its pickle refers to something that is no storage; the file is damaged");
  }
  const [tag, type, key, , length, view = null] = id;
  const kind = isGlobal(type) && type.module === "torch" ? STORAGE_KINDS.get(type.name) : undefined;
  if (
    tag !== "storage" || kind === undefined || typeof key !== "string" ||
    key.length > MAX_KEY_LENGTH ||
    !isSize(length) ||
    view !== null // written by PyTorch 0.3 and before
  ) {
    throw fail(
      `its pickle describes storage "${describeValue(key)}" in a way that graft does not know; ` +
        "in Python load the file and save it again with torch.save",
    );
  }
  return { key, kind, length };
}

/**
 * Gives a storage's bytes the alignment of its kind.
 *
 * @throws {UserError} `bytes` is not of the length that the pickle tells.
 */
export function makeStorage(
  bytes: Uint8Array,
  { key, kind, length }: StorageReference,
  name: string,
  budget: CopyBudget,
): Storage {
  const width = ELEMENT_BYTES[kind];
  if (bytes.length !== length * width) {
    throw new UserError(
      `Cannot read ${name}: storage "${
        clip(key)
      }" has ${bytes.length} bytes, ${length} elements of ${kind} need ${
        length * width
      }; the file is damaged, fetch it again`,
    );
  }
  const aligned = alignBytes(bytes, width);
  if (aligned !== bytes) budget.spend(bytes.length, `storage "${clip(key)}"`);
  return { kind, bytes: aligned };
}

/**
 * A window on a storage as a dense tensor: a view where the window is contiguous and its kind is a host
 * tensor's, else a copy.
 *
 * @param what What messages call the tensor, with the file.
 *
 * @throws {UserError} The window reaches beyond its storage, or `budget` does not hold the copy.
 */
export function tensorOfWindow(
  storage: Storage,
  { offset, shape, strides }: StorageWindow,
  name: string,
  what: string,
  budget: CopyBudget,
): HostTensor {
  const { kind, bytes } = storage;
  const width = ELEMENT_BYTES[kind];
  const available = bytes.length / width;
  const fits = () => {
    if (shape.length > MAX_RANK || strides.length !== shape.length) return false;
    if (![offset, ...shape, ...strides, sizeOf(shape)].every(isSize)) return false;
    const last = shape.reduce((at, length, axis) => at + (length - 1) * strides[axis], offset);
    return sizeOf(shape) === 0 || last < available;
  };
  if (!fits()) {
    throw new UserError(
      `Cannot read ${name}: ${what} of shape [${clip(shape.join(", "))}], strides [${
        clip(strides.join(", "))
      }] and offset ${offset} reaches beyond its storage of ${available} elements; the file is damaged`,
    );
  }
  const size = sizeOf(shape);
  const dtype = hostDTypeOf(kind);
  const contiguous = isContiguous(shape, strides);
  budget.spend(VIEW_BYTES, what);
  if (!contiguous) budget.spend(size * width, what);
  if (isConverted(kind)) budget.spend(size * ELEMENT_BYTES[dtype], what);
  const dense = size === 0
    ? new Uint8Array(0)
    : contiguous
    ? bytes.subarray(offset * width, (offset + size) * width)
    : gather(bytes, width, withoutOnes({ offset, shape, strides }));
  return { dtype, shape, data: readElements(dense, kind) };
}

/** Whether elements in row-major order lie one behind the other. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}

/** The same elements in the same order, without axes of length 1, which {@linkcode gather} would step over at each element. */
function withoutOnes({ offset, shape, strides }: StorageWindow): StorageWindow {
  return {
    offset,
    shape: shape.filter((length) => length !== 1),
    strides: strides.filter((_, axis) => shape[axis] !== 1),
  };
}

/** Copies a window's elements of `width` bytes, aligned, into row-major order. */
function gather(
  bytes: Uint8Array,
  width: number,
  { offset, shape, strides }: StorageWindow,
): Uint8Array {
  const source = asWords(bytes, width);
  const out = new Uint8Array(sizeOf(shape) * width);
  const target = asWords(out, width);
  const last = shape.length - 1; // some axis is left: without any, a window is contiguous
  const [length, stride] = [shape[last], strides[last]];
  const position = new Array<number>(last).fill(0);
  let from = offset;
  for (let to = 0; to < target.length;) {
    for (const end = to + length, first = from - to * stride; to < end; to++) {
      target[to] = source[first + to * stride];
    }
    for (let axis = last - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++position[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      position[axis] = 0;
    }
  }
  return out;
}

type Words = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

/** Elements by their width alone: moving them needs no more. */
function asWords(bytes: Uint8Array, width: number): Words {
  const { buffer, byteOffset, byteLength } = bytes;
  const count = byteLength / width;
  switch (width) {
    case 8:
      return new BigUint64Array(buffer, byteOffset, count);
    case 4:
      return new Uint32Array(buffer, byteOffset, count);
    case 2:
      return new Uint16Array(buffer, byteOffset, count);
    default:
      return bytes;
  }
}

/** Whether a value is a whole number from 0 on, exact in a double. */
function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
