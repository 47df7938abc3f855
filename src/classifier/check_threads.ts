/** How many threads may be asked for. @module */

import { UserError } from "../core/errors.ts";

/** As many as the backend takes. */
const MAX_THREADS = 8;

/**
 * Refuses a number of threads that there cannot be, before anything is loaded and also where the backend runs already, which would
 * not look at it any more.
 *
 * @param action What cannot be done: `"load a model"`.
 * @throws {UserError} With what was expected.
 */
export function checkThreads(threads: number | undefined, action: string): void {
  if (threads === undefined) return;
  if (Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS) return;
  throw new UserError(
    `Cannot ${action}: threads is ${threads}, expected a whole number from 1 to ${MAX_THREADS}`,
  );
}
