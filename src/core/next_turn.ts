/** Letting others have their turn. @module */

/** One turn of the event loop, without a timer where that can be had: those of Deno take a millisecond or more. */
export function nextTurn(): Promise<void> {
  const { setImmediate = setTimeout } = globalThis as {
    setImmediate?: (callback: () => void) => unknown;
  };
  return new Promise((resolve) => void setImmediate(resolve));
}
