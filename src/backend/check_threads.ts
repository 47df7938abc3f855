/** How many threads may be asked for. @module */

import { UserError } from "../core/errors.ts";

/** pthreadpool as tfjs builds it starts no more. */
export const MAX_THREADS = 8;

/**
 * Refuses a number of threads that there cannot be. Who loads something first asks before that, and also where the backend runs
 * already, which would not look at it any more.
 *
 * @param action What cannot be done: `"load a model"`.
 * @param name What the number is called.
 * @param shown What stands there. @default the number
 * @throws {UserError} With what was expected.
 */
export function checkThreads(
  threads: number | undefined,
  action: string,
  name = "threads",
  shown = `${threads}`,
): void {
  if (threads === undefined) return;
  if (Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS) return;
  throw new UserError(
    `Cannot ${action}: ${name} is ${shown}, expected a whole number from 1 to ${MAX_THREADS}`,
  );
}
