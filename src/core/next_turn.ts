/** Letting others have their turn. @module */

/** One turn of the event loop, without a timer where that can be had: those of Deno take a millisecond or more. */
export function nextTurn(): Promise<void> {
  // Called as its own: some sandboxes refuse timers that were taken out of the global object.
  const sandbox = globalThis as { setImmediate?: (callback: () => void) => unknown };
  return new Promise((resolve) =>
    void (sandbox.setImmediate ? sandbox.setImmediate(resolve) : setTimeout(resolve, 0))
  );
}
