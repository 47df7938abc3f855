/**
 * Starts the unmodified tfjs binaries without emscripten's generated JavaScript: the threaded one on real
 * threads, with no permission asked, or the single-threaded one. graft's kernels are instantiated beside it
 * in the same memory and, in the threaded case, on the same threads.
 *
 * @module
 */

import { type Exports, tfjsFunction } from "./c_function.ts";
import { commonImports, type Heap, outOfMemory, PAGE, wasiImports } from "./emscripten.ts";
import { MAX_HEAP } from "./out_of_memory.ts";
import { type ProductKernel, productKernel } from "./product_kernel.ts";
import { PTHREAD_SOURCE } from "./pthread_source.ts";
import type { WasmModules } from "./wasm_modules.ts";

/** The running pair of binaries. */
export interface WasmRuntime {
  /** The one linear memory. */
  readonly memory: WebAssembly.Memory;
  /** What `BackendWasm` of tfjs takes for emscripten's module object. */
  readonly tfjsModule: object;
  /** tfjs's own product of matrices. */
  readonly products: ProductKernel;
  /** Threads in all that plans are made for, the calling one included. */
  readonly threads: number;
  /** Those of them that run: the calling one alone before {@linkcode WasmRuntime.startThreads}. Results are the same. */
  readonly active: number;
  /**
   * Starts the others, once. Tensors of tfjs must wait for it.
   *
   * @throws {Error} where workers cannot be had or do not answer in time; then none is left running.
   */
  startThreads(): Promise<void>;
  /** Reserves `bytes`; the address is unsigned. @throws {RangeError} when the heap is exhausted. */
  allocate(bytes: number): number;
  /** Gives an address of {@linkcode WasmRuntime.allocate} back. */
  free(address: number): void;
  /** Runs a plan (see `plan.ts`) on all threads and returns when it is done. */
  launch(plan: number): void;
  /** Packs kernels of pointwise convolutions; see `pack_pointwise.ts`. */
  readonly packing: PackKernels;
  /** a * b + c by the kernels' own multiply-add: shows whether it is really fused. */
  fused(a: number, b: number, c: number): number;
  /** Ends the threads; nothing may be called afterwards. */
  stop(): void;
}

/** Packs kernels of pointwise convolutions in the binary's memory, all by address; see `_wasm/assembly/pack.ts`. */
export interface PackKernels {
  /** Floats times a factor per output. */
  packFloats(to: number, floats: number, factors: number, inputs: number, outputs: number): void;
  /** Codes times a scale and a factor per output. */
  packCodes(
    to: number,
    codes: number,
    scales: number,
    factors: number,
    inputs: number,
    outputs: number,
  ): void;
}

interface Kernels extends PackKernels {
  fused(a: number, b: number, c: number): number;
  launch(pool: number, workers: number, plan: number): void;
  shutdown(pool: number): void;
}

/** What is used of a `node:worker_threads` Worker. */
interface ThreadWorker {
  on(event: "message" | "error", listener: (value: unknown) => void): void;
  postMessage(message: unknown): void;
  terminate(): unknown;
  unref(): void;
}

/** How long threads may take to start before the single-threaded binary is taken instead. */
const START_TIMEOUT_MS = 5000;

/** pthreadpool's address stands 16 bytes into the argument of the threads that it starts. */
const POOL_IN_ARGUMENT = 16;

/** Starts the single-threaded pair. */
export async function loadSingle(modules: WasmModules): Promise<WasmRuntime> {
  const heap = { exhausted: false, complaint: "" } as Heap;
  const { exports } = await WebAssembly.instantiate(modules.tfjs, {
    env: commonImports(heap),
    wasi_snapshot_preview1: wasiImports(heap),
  });
  const tfjs = exports as Exports;
  heap.memory = tfjs.memory!;
  tfjs.__wasm_call_ctors();
  const kernels = instantiateKernels(modules, heap.memory);
  tfjs.init_with_threads_count(1);
  return runtime(tfjs, heap, 1, {
    active: 1,
    startThreads: () => Promise.resolve(),
    launch: (plan) => kernels.launch(0, 0, plan),
    packing: kernels,
    fused: kernels.fused,
    stop() {},
  });
}

/**
 * Starts the threaded pair, with the calling thread alone: the others take a quarter of a cold start.
 *
 * @param threads Threads in all, 2 to 8 (pthreadpool's own limit in tfjs).
 */
export async function loadThreaded(modules: WasmModules, threads: number): Promise<WasmRuntime> {
  const memory = new WebAssembly.Memory({ initial: 256, maximum: PAGE, shared: true });
  const heap: Heap = { memory, exhausted: false, complaint: "" };
  // The C++ side uses half of the logical cores.
  const cores = threads * 2;
  /** Workers that no thread of the pool runs on yet. */
  let waiting: ThreadWorker[] = [];
  let workers: readonly ThreadWorker[] = [];
  let pool = 0;
  let stopped = false;
  let tfjs: Exports | undefined = undefined;
  const env: Record<string, WebAssembly.ImportValue> = {
    ...commonImports(heap),
    memory,
    exit(code: number) {
      throw new Error(`tfjs wasm backend: the binary called exit(${code})`);
    },
    emscripten_num_logical_cores: () => cores,
    emscripten_get_now: () => performance.timeOrigin + performance.now(),
    emscripten_check_blocking_allowed() {},
    _emscripten_default_pthread_stack_size: () => PAGE,
    _emscripten_set_offscreencanvas_size: () => -1,
    _emscripten_notify_task_queue: () => 1,
    emscripten_unwind_to_js_event_loop() {
      throw "unwind"; // what the C side expects to catch
    },
    emscripten_receive_on_main_thread_js() {
      throw new Error("tfjs wasm backend: unexpected call from a thread to the main thread");
    },
    // (thread, is main browser thread, is main runtime thread, may block): Deno's main thread may block.
    __emscripten_init_main_thread_js(thread: number) {
      tfjs!._emscripten_thread_init(thread, 1, 1, 1);
      tfjs!._emscripten_tls_init();
    },
    __emscripten_thread_cleanup() {},
    __pthread_create_js(thread: number, _attributes: number, start: number, argument: number) {
      const worker = waiting.pop();
      if (!worker) return 6; // EAGAIN
      worker.postMessage({ run: { thread: thread >>> 0, start, argument } });
      pool = new DataView(memory.buffer).getUint32((argument >>> 0) + POOL_IN_ARGUMENT, true);
      return 0;
    },
  };
  const instance = await WebAssembly.instantiate(modules.tfjs, {
    env,
    wasi_snapshot_preview1: wasiImports(heap),
  });
  tfjs = instance.exports as Exports;
  tfjs.__wasm_call_ctors();
  tfjs.init_with_threads_count(1); // for products before the threads start
  const kernels = instantiateKernels(modules, memory);
  const startThreads = async () => {
    const started = await startWorkers(threads - 1, { ...modules, memory, cores });
    if (stopped) return started.forEach((worker) => worker.terminate());
    workers = started;
    waiting = [...started];
    tfjs!.init_with_threads_count(threads);
  };
  let starting: Promise<void> | undefined;
  const active = () => workers.length - waiting.length + 1;
  return runtime(tfjs, heap, threads, {
    get active() {
      return active();
    },
    startThreads: () => starting ??= startThreads(),
    launch: (plan) => kernels.launch(pool, active() - 1, plan),
    packing: kernels,
    fused: kernels.fused,
    stop() {
      stopped = true;
      // terminate() does not reach a thread that sleeps inside wasm: let it return first.
      if (pool !== 0) kernels.shutdown(pool);
      for (const worker of workers) worker.terminate();
    },
  });
}

function instantiateKernels(modules: WasmModules, memory: WebAssembly.Memory): Kernels {
  const abort = () => {
    throw new Error("graft kernels: abort");
  };
  return new WebAssembly.Instance(modules.kernels, { env: { memory, abort } })
    .exports as unknown as Kernels;
}

async function startWorkers(
  count: number,
  load: WasmModules & { memory: WebAssembly.Memory; cores: number },
): Promise<ThreadWorker[]> {
  const { Worker } = await import("node:worker_threads");
  const source = new URL("data:text/javascript," + encodeURIComponent(PTHREAD_SOURCE));
  const workers: ThreadWorker[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ready = Promise.all(Array.from({ length: count }, () => {
    // Without `env` Deno copies the environment and, on a terminal, asks the user for leave to.
    const worker = new Worker(source, { env: {} }) as ThreadWorker;
    workers.push(worker);
    return new Promise<void>((resolve, reject) => {
      worker.on("message", () => resolve());
      worker.on("error", reject);
      worker.postMessage({ load });
    });
  }));
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`threads did not start within ${START_TIMEOUT_MS} ms`)),
      START_TIMEOUT_MS,
    );
  });
  try {
    await Promise.race([ready, late]);
    // A thread that waits for work must not keep the process alive.
    for (const worker of workers) worker.unref();
    return workers;
  } catch (error) {
    for (const worker of workers) worker.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function runtime(
  tfjs: Exports,
  heap: Heap,
  threads: number,
  own: Pick<WasmRuntime, "active" | "startThreads" | "launch" | "packing" | "fused" | "stop">,
): WasmRuntime {
  // Upstream never looks at what malloc returns; on exhaustion it would write at address 0.
  const allocate = (bytes: number): number => {
    // Beyond 4 GB the 32 bits of malloc's argument would wrap round.
    const address = bytes > MAX_HEAP ? 0 : tfjs.malloc(bytes) >>> 0;
    if (address === 0) throw outOfMemory(heap, bytes);
    if (address + bytes > heap.memory.buffer.byteLength) {
      // On a full heap emmalloc takes a smaller gap for large enough: the end that it computes wraps round at 4 GB.
      tfjs.free(address);
      throw outOfMemory(heap, bytes);
    }
    return address;
  };
  let view: Uint8Array | undefined;
  const tfjsModule = {
    get HEAPU8(): Uint8Array {
      // Growth replaces the buffer; a shared one is not detached, so its length tells nothing.
      if (view?.buffer !== heap.memory.buffer) view = new Uint8Array(heap.memory.buffer);
      return view;
    },
    _malloc: allocate,
    _free: tfjs.free,
    cwrap: (name: string, _result: unknown, types: readonly unknown[]) =>
      tfjs[name] && tfjsFunction(tfjs, heap, tfjs[name], types),
    tfjs: {
      init: tfjs.init,
      initWithThreadsCount() {}, // done already
      getThreadsCount: tfjs.get_threads_count,
      registerTensor: tfjs.register_tensor,
      disposeData: tfjs.dispose_data,
      dispose: tfjs.dispose,
    },
    PThread: { terminateAllThreads() {} },
  };
  return Object.assign(own, { // which keeps its getter
    memory: heap.memory,
    tfjsModule,
    products: productKernel(tfjs, heap),
    threads,
    allocate,
    free: (address: number) => void tfjs.free(address),
  });
}
