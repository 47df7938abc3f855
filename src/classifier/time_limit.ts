/** Work that has to end in time. @module */

/** A signal that is aborted when time is up, or when one of others is. Disposing it stops the clock. */
export interface TimeLimit extends Disposable {
  /** Aborted with the reason of the other signal, or a `TimeoutError`. */
  readonly signal: AbortSignal;
}

/** The longest that a timer takes, in milliseconds: 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** Starts the clock; with no time left the signal is aborted at once. */
export function timeLimit(
  seconds: number,
  others: readonly (AbortSignal | undefined)[],
): TimeLimit {
  const controller = new AbortController();
  const end = () => controller.abort(new DOMException("Time is up", "TimeoutError"));
  const timer = setTimeout(end, Math.min(LONGEST_MS, Math.max(0, seconds * 1000)));
  if (seconds <= 0) end();
  const given = others.filter((signal) => signal !== undefined);
  return {
    signal: AbortSignal.any([controller.signal, ...given]),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
