/** Results out of the backend's memory. @module */
import { tf } from "../deps.ts";

/**
 * Runs `compute` in `tf.tidy`, copies its result into JavaScript memory and leaves no tensor behind.
 *
 * The copy happens outside of `tidy`, which walks through whatever it is handed: element by element if that is a typed
 * array, and that took longer than the products themselves.
 */
export function download(compute: () => tf.Tensor): Float32Array {
  const result = tf.tidy(compute);
  try {
    return result.dataSync() as Float32Array;
  } finally {
    result.dispose();
  }
}
