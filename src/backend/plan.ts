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
import { imageBytes, type Value } from "./ops/value.ts";
import {
  CHUNKS_PER_THREAD,
  chunkSegments,
  type OpGroup,
  opSegments,
  type Placement,
  placeValues,
} from "./plan_layout.ts";
import type { WasmRuntime } from "./tfjs_loader.ts";

/** How a plan is laid out. */
export interface PlanOptions {
  /** Most images of one run. */
  readonly capacity: number;
  /** `"images"`: chunks of images; `"ops"`: each op is shared. @default by `capacity` and threads */
  readonly share?: "images" | "ops";
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
  /** Runs it: `input` and `output` are addresses of tensors of tfjs, `images` at most the capacity. */
  run(input: number, output: number, images: number): void;
  /** Gives the memory back. */
  dispose(): void;
}

// Word counts of the dispatcher's structures (_wasm/assembly/plan.ts).
const HEADER_BYTES = 64 + 192;
const SEGMENT_BYTES = 64;
const OP_BYTES = 128;

const PLACES = { private: 0, shared: 1, input: 2, output: 3 } as const;

/** Lays a plan out in the runtime's memory. @throws {RangeError} when the heap is exhausted. */
export function createPlan(
  runtime: WasmRuntime,
  groups: readonly OpGroup[],
  options: PlanOptions,
): Plan {
  const { capacity } = options;
  const { threads } = runtime;
  const { share = bestShare(capacity, threads) } = options;
  const segments = share === "ops" ? opSegments(groups) : chunkSegments(groups, capacity, threads);
  const { placements, privateBytes, sharedBytes } = placeValues(segments, capacity);

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
  write(base, [0, segments.length, segmentsAt, threads, privateAt, privateBytes, sharedAt, 0, 0]);
  let opAt = opsAt;
  segments.forEach((segment, i) => {
    const chunks = segment.images > 0 ? 0 : threads * 4;
    write(segmentsAt + i * SEGMENT_BYTES, [0, opAt, segment.ops.length, segment.images, chunks]);
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
    run(input, output, images) {
      if (disposed) throw new Error("Cannot run a plan that was disposed");
      if (failed) {
        throw new Error("Cannot run a plan that failed before: its threads are not in step");
      }
      if (images < 1 || images > capacity) {
        throw new RangeError(`Cannot run a plan on ${images} images: it holds 1 to ${capacity}`);
      }
      const memory = words();
      memory[base / 4] = images;
      memory[base / 4 + 7] = input;
      memory[base / 4 + 8] = output;
      for (let i = 0; i < segments.length; i++) {
        memory[(segmentsAt + i * SEGMENT_BYTES) / 4] = 0;
      }
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

/** The 32 words of an op. */
function encode(op: Op, placements: ReadonlyMap<Value, Placement>): number[] {
  const tensor = (value: Value | undefined): number[] => {
    if (!value) return [0, 0, 0, 0];
    const { place, offset, panelStride } = placements.get(value)!;
    const column = value.kind === "output" ? (op.column ?? 0) * 4 : 0;
    return [PLACES[place], offset + column, panelStride, imageBytes(value)];
  };
  const words = [
    OP_KINDS[op.kind],
    ...tensor(op.source),
    ...tensor(op.target),
    ...tensor(op.extra),
    op.weight,
    op.bias,
    ...op.parameters,
  ];
  if (words.length > OP_BYTES / 4) {
    throw new RangeError(`Cannot encode ${op.target.name}: too many words`);
  }
  return [...words, ...new Array(OP_BYTES / 4 - words.length).fill(0)];
}
