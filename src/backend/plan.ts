/**
 * Static plans: a network as a flat list of ops over memory that was laid out beforehand, run by all threads
 * without a word of JavaScript in between.
 *
 * Work is shared in one of two ways. With many images, a segment of ops is run chunk by chunk, a chunk being
 * as many images as keep their activations in the cache; a thread takes the next chunk, runs all ops of the
 * segment on it in memory of its own, and threads meet only where the chunk size changes. With few images each
 * op is a segment of its own and its rows, panels or planes are shared. Chunks are handed out by a counter, so
 * a thread that the system holds up delays the others by one chunk at most. Every number is computed in the
 * same order either way: results do not depend on threads, chunks or batches.
 *
 * @module
 */

import { type Op, OP_KINDS } from "./ops/op.ts";
import { type Binding, imageBytes, type Value } from "./ops/value.ts";
import {
  chainSegments,
  CHUNKS_PER_THREAD,
  chunkSegments,
  type OpGroup,
  opSegments,
  type Placement,
  placeValues,
} from "./plan_layout.ts";
import { readPanels } from "./read_panels.ts";
import type { WasmRuntime } from "./tfjs_loader.ts";

/** How a plan is laid out. */
export interface PlanOptions {
  /** Most images of one run. */
  readonly capacity: number;
  /**
   * `"images"`: chunks of images; `"ops"`: each op is shared; `"chains"`: chains of ops are shared by panels, since
   * training needs sums over all images. @default `"images"` or `"ops"`, by `capacity` and threads
   */
  readonly share?: "images" | "ops" | "chains";
  /** Activations that {@linkcode Plan.read} is asked for. @default none: memory is used again as soon as it can be */
  readonly kept?: readonly Value[];
}

/** A plan in memory. */
export interface Plan {
  /** Most images of one run. */
  readonly capacity: number;
  /** Bytes that it holds. */
  readonly bytes: number;
  /** Multiply-adds for one image. */
  readonly macs: number;
  /** The segments, for reports. */
  readonly segments: readonly { readonly ops: number; readonly images: number }[];
  /**
   * Runs it on `images` images, at most the capacity.
   *
   * @param tensors Addresses of tensors of tfjs.
   * @param group Index of the group to run. @default all of them, in order
   */
  run(tensors: Readonly<Partial<Record<Binding, number>>>, images: number, group?: number): void;
  /**
   * A copy of one of the kept activations, as the last run of a group that makes it left it.
   *
   * @param images Images of that run.
   * @returns `[images, height, width, channels]`, channels in whole panels.
   * @throws {RangeError} When the activation is not kept.
   */
  read(value: Value, images: number): Float32Array;
  /** Gives the memory back. */
  dispose(): void;
}

// Word counts of the dispatcher's structures (_wasm/assembly/plan.ts).
const HEADER_BYTES = 64 + 192;
const SEGMENT_BYTES = 64;
const OP_BYTES = 256;
/** Words of an op before its weight: the kind and six values. */
const VALUES = 6;

const PLACES = { private: 0, shared: 1, input: 2, output: 3, gradient: 4 } as const;
const BINDINGS = ["input", "output", "gradient"] as const;

/** Lays a plan out in the runtime's memory. @throws {RangeError} when the heap is exhausted. */
export function createPlan(
  runtime: WasmRuntime,
  groups: readonly OpGroup[],
  options: PlanOptions,
): Plan {
  const { capacity, kept = [] } = options;
  const { threads } = runtime;
  const { share = bestShare(capacity, threads) } = options;
  const byGroup = share === "images"
    ? [chunkSegments(groups, capacity, threads)]
    : groups.map((group) =>
      share === "ops" ? opSegments([group]) : chainSegments(group, capacity, threads)
    );
  const segments = byGroup.flat();
  const { placements, privateBytes, sharedBytes } = placeValues(segments, capacity, kept);

  const ops = segments.flatMap((segment) => segment.ops);
  const tables = HEADER_BYTES + segments.length * SEGMENT_BYTES + ops.length * OP_BYTES;
  const bytes = tables + sharedBytes + privateBytes * threads;
  // 64 more: malloc aligns to 16, the counters want cache lines of their own.
  const block = runtime.allocate(bytes + 64);
  const base = Math.ceil(block / 64) * 64;
  const segmentsAt = base + HEADER_BYTES;
  const opsAt = segmentsAt + segments.length * SEGMENT_BYTES;
  const sharedAt = base + tables;
  const privateAt = sharedAt + sharedBytes;

  const words = () => new Int32Array(runtime.memory.buffer);
  const write = (address: number, values: readonly number[]) =>
    words().set(values, address / Int32Array.BYTES_PER_ELEMENT);
  write(base, new Array(HEADER_BYTES / 4).fill(0));
  write(base, [0, 0, 0, threads, privateAt, privateBytes, sharedAt]);
  let opAt = opsAt;
  segments.forEach((segment, i) => {
    const { ops, images, panels = 0 } = segment;
    const count = panels > 0 ? ops[0].panels!.count : 0;
    const chunks = images > 0 ? 0 : panels > 0 ? Math.ceil(count / panels) : threads * 4;
    write(segmentsAt + i * SEGMENT_BYTES, [0, opAt, ops.length, images, chunks, panels, count]);
    for (const op of segment.ops) {
      write(opAt, encode(op, placements));
      opAt += OP_BYTES;
    }
  });

  let disposed = false;
  let failed = false;
  return {
    capacity,
    bytes,
    macs: ops.reduce((sum, op) => sum + op.macs, 0),
    segments: segments.map((segment) => ({ ops: segment.ops.length, images: segment.images })),
    run(tensors, images, group) {
      if (disposed) throw new Error("Cannot run a plan that was disposed");
      if (failed) {
        throw new Error("Cannot run a plan that failed before: its threads are not in step");
      }
      if (images < 1 || images > capacity) {
        throw new RangeError(`Cannot run a plan on ${images} images: it holds 1 to ${capacity}`);
      }
      const memory = words();
      const start = byGroup.slice(0, group ?? 0).flat().length;
      const count = group === undefined ? segments.length : byGroup[group].length;
      memory.set([images, count, segmentsAt + start * SEGMENT_BYTES, runtime.active], base / 4);
      for (const binding of BINDINGS) {
        memory[base / 4 + 5 + PLACES[binding]] = tensors[binding] ?? 0;
      }
      for (let i = start; i < start + count; i++) memory[(segmentsAt + i * SEGMENT_BYTES) / 4] = 0;
      try {
        runtime.launch(base);
      } catch (error) {
        // The other threads must not wait for this one for ever.
        failed = true;
        Atomics.store(words(), (base + 64 + 128) / 4, 1);
        Atomics.notify(words(), (base + 64 + 64) / 4);
        throw error;
      }
    },
    read(value, images) {
      if (disposed) throw new Error("Cannot read from a plan that was disposed");
      const placement = kept.includes(value) ? placements.get(value) : undefined;
      if (placement?.place !== "shared") {
        throw new RangeError(`Cannot read ${value.name}: the plan does not keep it`);
      }
      const { offset, panelStride } = placement;
      const floats = new Float32Array(runtime.memory.buffer);
      return readPanels(floats, value, { address: sharedAt + offset, panelStride }, images);
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      runtime.free(block);
    },
  };
}

/** Whole images for each thread, or so many that an odd one does not matter; else every op is shared. */
function bestShare(capacity: number, threads: number): "images" | "ops" {
  return capacity % threads === 0 || capacity >= threads * CHUNKS_PER_THREAD ? "images" : "ops";
}

/** The 64 words of an op. */
function encode(op: Op, placements: ReadonlyMap<Value, Placement>): number[] {
  const tensor = (value: Value | undefined): number[] => {
    if (!value) return [0, 0, 0, 0];
    const { place, offset, panelStride } = placements.get(value)!;
    const column = value.kind === "output" ? (op.column ?? 0) * 4 : 0;
    return [PLACES[place], offset + column, panelStride, value.fixed ? 0 : imageBytes(value)];
  };
  const values = [op.source, op.target, op.extra, ...(op.others ?? [])];
  const words = [
    OP_KINDS[op.kind],
    ...Array.from({ length: VALUES }, (_, i) => tensor(values[i])).flat(),
    op.weight,
    op.bias,
    ...op.parameters,
  ];
  if (values.length > VALUES || words.length > OP_BYTES / 4) {
    throw new RangeError(`Cannot encode an op of kind ${op.kind}: too many values or words`);
  }
  return [...words, ...new Array(OP_BYTES / 4 - words.length).fill(0)];
}
