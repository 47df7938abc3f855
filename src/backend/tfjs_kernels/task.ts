/** Runs one step of a tfjs kernel on all threads: see `_wasm/assembly/task.ts`. @module */

import type { WasmRuntime } from "../tfjs_loader.ts";

/** Kinds of tasks; the numbers are those of the dispatcher. */
export const TASK_KINDS = {
  packFilter: 0,
  convolveInput: 1,
  accumulateFilter: 2,
  reduceFilter: 3,
  depthwiseInput: 4,
  accumulateDepthwise: 5,
  reduceDepthwise: 6,
  expandChannels: 7,
  foldChannels: 8,
} as const;

/** One step. */
export interface Task {
  /** What it does. */
  readonly kind: keyof typeof TASK_KINDS;
  /** Chunks that threads take one after another. */
  readonly chunks: number;
  /** The words that the kind's own file lists. */
  readonly parameters: readonly number[];
}

/** Memory of one kernel call. */
export interface Workspace<Name extends string> {
  /** Addresses by name, on cache lines of their own. */
  readonly at: Readonly<Record<Name, number>>;
  /** Runs a task and returns when it is done. */
  run(task: Task): void;
}

/** What {@linkcode withWorkspace} reserves. */
export interface WorkspaceSize<Name extends string> {
  /** Bytes by name. */
  readonly shared: Readonly<Record<Name, number>>;
  /** Bytes for each thread. */
  readonly perThread?: number;
}

const HEADER_BYTES = 256;
const PARAMETERS_AT = 64;
const LINE = 64;

const aligned = (bytes: number): number => Math.ceil(bytes / LINE) * LINE;

/**
 * Reserves memory, hands it to `body` and gives it back.
 *
 * @throws {RangeError} when the heap is exhausted.
 */
export function withWorkspace<Name extends string>(
  runtime: WasmRuntime,
  { shared, perThread = 0 }: WorkspaceSize<Name>,
  body: (workspace: Workspace<Name>) => void,
): void {
  const names = Object.keys(shared) as Name[];
  const privateBytes = aligned(perThread);
  const sharedBytes = names.reduce((sum, name) => sum + aligned(shared[name]), 0);
  const block = runtime.allocate(
    HEADER_BYTES + sharedBytes + privateBytes * runtime.threads + LINE,
  );
  try {
    const header = aligned(block);
    const privateAt = header + HEADER_BYTES;
    let next = privateAt + privateBytes * runtime.threads;
    const at = {} as Record<Name, number>;
    for (const name of names) {
      at[name] = next;
      next += aligned(shared[name]);
    }
    body({
      at,
      run({ kind, chunks, parameters }) {
        if (parameters.length > (HEADER_BYTES - PARAMETERS_AT) / 4) {
          throw new RangeError(`Cannot run ${kind}: too many words`);
        }
        const words = new Int32Array(runtime.memory.buffer, header, HEADER_BYTES / 4);
        words.set([0, chunks, TASK_KINDS[kind], privateAt, privateBytes]);
        words.set(parameters, PARAMETERS_AT / 4);
        runtime.launch(header + 1); // an odd address: a task, not a plan
      },
    });
  } finally {
    runtime.free(block);
  }
}
