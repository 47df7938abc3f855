/**
 * The program of one thread, as text: it runs in a `data:` URL worker, which needs no permission and works
 * in a compiled binary, where `blob:` workers fail. Plain JavaScript; imports nothing but `node:worker_threads`.
 *
 * Messages in: `{ load: { tfjs, kernels, memory, cores } }`, then `{ run: { thread, start, argument } }`
 * once tfjs asks for a thread. Message out: `"loaded"`.
 *
 * @module
 */

import { PAGE } from "./emscripten.ts";
import { MAX_HEAP } from "./out_of_memory.ts";

/** Source text of the worker. */
export const PTHREAD_SOURCE: string = `
import { parentPort } from "node:worker_threads";
let memory, exports, table;
const never = (name) => () => { throw new Error("tfjs thread: unexpected call of " + name); };
const environment = (cores) => ({
  memory,
  abort: never("abort"),
  exit: never("exit"),
  emscripten_num_logical_cores: () => cores,
  emscripten_get_now: () => performance.timeOrigin + performance.now(),
  emscripten_memcpy_big: (to, from, size) => {
    new Uint8Array(memory.buffer).copyWithin(to >>> 0, from >>> 0, (from >>> 0) + (size >>> 0));
  },
  emscripten_check_blocking_allowed() {},
  _emscripten_default_pthread_stack_size: () => 65536,
  emscripten_get_heap_max: () => ${MAX_HEAP},
  emscripten_resize_heap(bytes) {
    const size = memory.buffer.byteLength;
    if (bytes >>> 0 <= size) return 1;
    if (bytes >>> 0 > ${MAX_HEAP}) return 0;
    try { memory.grow(Math.ceil(((bytes >>> 0) - size) / ${PAGE})); return 1; } catch { return 0; }
  },
  _emscripten_set_offscreencanvas_size: () => -1,
  _emscripten_notify_task_queue: () => 1,
  emscripten_unwind_to_js_event_loop() { throw "unwind"; },
  emscripten_receive_on_main_thread_js: never("emscripten_receive_on_main_thread_js"),
  __emscripten_init_main_thread_js() {},
  __emscripten_thread_cleanup() {},
  __pthread_create_js: () => 6,
});
parentPort.on("message", ({ load, run }) => {
  if (load) {
    memory = load.memory;
    const wasi = { fd_close: () => 52, fd_seek: () => 70, fd_write: () => 0 };
    exports = new WebAssembly.Instance(load.tfjs, {
      env: environment(load.cores),
      wasi_snapshot_preview1: wasi,
    }).exports;
    table = exports.__indirect_function_table;
    const kernels = new WebAssembly.Instance(load.kernels, { env: { memory, abort: never("abort") } }).exports;
    // Slot 0 is the null function pointer, never called by tfjs; graft's plans are launched through it.
    table.set(0, kernels.threadFunction);
    parentPort.postMessage("loaded");
    return;
  }
  exports._emscripten_thread_init(run.thread, 0, 0, 1);
  const words = new Uint32Array(memory.buffer, run.thread + 52, 2); // struct pthread: stack, stack_size
  exports.emscripten_stack_set_limits(words[0], words[0] - words[1]);
  exports.stackRestore(words[0]);
  exports._emscripten_tls_init();
  try {
    exports._emscripten_thread_exit(table.get(run.start)(run.argument));
  } catch (error) {
    if (error !== "unwind") throw error;
  }
});
`;
