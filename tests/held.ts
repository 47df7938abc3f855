/** What leaks would make grow. @module */
import { backend } from "../src/backend/mod.ts";
import { runningBackend } from "../src/backend/start.ts";
import { tf } from "./tfjs.ts";

/** Tensors of tfjs and graft's own matrices that are held in the backend's memory. */
export function held(): number {
  return tf.engine().state.numTensors + (backend() ? runningBackend().runtime.products.held : 0);
}
