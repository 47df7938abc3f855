/**
 * The wasm backend: tfjs's own kernels and graft's plans in one memory, on the same threads.
 *
 * @module
 */

export {
  backend,
  type BackendOptions,
  type BackendReport,
  startBackend,
  stopBackend,
} from "./start.ts";
