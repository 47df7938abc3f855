/** The numbers of a network that learns, in the backend's memory. @module */

import { UserError } from "../core/errors.ts";
import { coefficientBytes, type NormAddresses } from "../backend/ops/norm.ts";
import type { WasmRuntime } from "../backend/tfjs_loader.ts";
import type { EntryArray, NetworkEntry } from "./network.ts";
import { type PackedLayout, packedLayout } from "./packed_layout.ts";
import { sizeOf } from "../core/host_tensor.ts";

/** Arrays and tables by name. */
export interface NetworkMemory {
  /** Bytes in all. */
  readonly bytes: number;
  /** Address of an entry's array; allocated when it is first asked for. */
  address(name: string, array?: EntryArray): number;
  /** Floats of an entry's array as it lies in memory. */
  floats(name: string): number;
  /** The stretch of an array that holds all entries that learn, and padding between them. */
  trainable(array: EntryArray): { readonly address: number; readonly floats: number };
  /** Whether the array exists. */
  has(array: EntryArray): boolean;
  /** A copy in PyTorch's layout. */
  read(name: string, array: EntryArray): Float32Array;
  /** Sets an array from PyTorch's layout. */
  write(name: string, values: Float32Array, array: EntryArray): void;
  /** Addresses of the batch norm of the layer `prefix`, `"features.2.0.block.0"`. */
  norm(prefix: string): NormAddresses;
  /** A block that lives as long as the network, zeroed, aligned to a cache line. */
  reserve(bytes: number): number;
  /** Gives all of it back. */
  dispose(): void;
}

const LINE = 64;

/** Lays the entries out; every array of all entries is one block, so that spans of it can be walked. */
export function networkMemory(
  runtime: WasmRuntime,
  entries: readonly NetworkEntry[],
): NetworkMemory {
  const layouts = new Map<string, { entry: NetworkEntry; layout: PackedLayout; offset: number }>();
  let arrayBytes = 0;
  let trainableBytes = 0;
  for (const entry of [...entries].sort((a, b) => Number(b.trainable) - Number(a.trainable))) {
    const layout = packedLayout(entry);
    layouts.set(entry.name, { entry, layout, offset: arrayBytes });
    arrayBytes += Math.ceil(layout.floats * 4 / LINE) * LINE;
    if (entry.trainable) trainableBytes = arrayBytes;
  }
  const blocks: number[] = [];
  let bytes = 0;
  const reserve = (size: number): number => {
    const block = runtime.allocate(size + LINE);
    blocks.push(block);
    bytes += size + LINE;
    const start = Math.ceil(block / LINE) * LINE;
    new Uint8Array(runtime.memory.buffer, start, size).fill(0);
    return start;
  };
  const arrays = new Map<EntryArray, number>();
  const arrayAt = (array: EntryArray): number => {
    let at = arrays.get(array);
    if (at === undefined) arrays.set(array, at = reserve(arrayBytes));
    return at;
  };
  const find = (name: string) => {
    const found = layouts.get(name);
    if (!found) throw new UserError(`The network has no entry ${JSON.stringify(name)}`);
    return found;
  };
  const address = (name: string, array: EntryArray = "value") => arrayAt(array) + find(name).offset;
  const view = (name: string, array: EntryArray) => {
    const at = address(name, array); // first: it may grow the memory
    return new Float32Array(runtime.memory.buffer, at, find(name).layout.floats);
  };

  const tables = new Map<string, number>();
  return {
    get bytes() {
      return bytes;
    },
    address,
    floats: (name) => find(name).layout.floats,
    trainable: (array) => ({ address: arrayAt(array), floats: trainableBytes / 4 }),
    has: (array) => arrays.has(array),
    read(name, array) {
      const { entry, layout } = find(name);
      const packed = view(name, array);
      const values = new Float32Array(sizeOf(entry.shape));
      for (let i = 0; i < values.length; i++) values[i] = packed[layout.position(i)];
      return values;
    },
    write(name, values, array) {
      const { entry, layout } = find(name);
      const size = sizeOf(entry.shape);
      if (values.length !== size) {
        throw new UserError(`Cannot set ${name}: ${values.length} numbers, it has ${size}`);
      }
      const packed = view(name, array);
      for (let i = 0; i < size; i++) packed[layout.position(i)] = values[i];
    },
    norm(prefix) {
      const gamma = `${prefix}.1.weight`;
      let coefficients = tables.get(prefix);
      if (coefficients === undefined) {
        coefficients = reserve(coefficientBytes(find(gamma).layout.floats));
        tables.set(prefix, coefficients);
      }
      return {
        gamma: address(gamma),
        beta: address(`${prefix}.1.bias`),
        runningMean: address(`${prefix}.1.running_mean`),
        runningVariance: address(`${prefix}.1.running_var`),
        coefficients,
      };
    },
    reserve,
    dispose() {
      for (const block of blocks.splice(0)) runtime.free(block);
    },
  };
}
