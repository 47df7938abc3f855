/** Lets other work run inside long work. @module */

/**
 * Waits for one turn of the event loop, so that timers, progress displays and the caller's `abort()` get
 * their chance, then throws the signal's reason where it is aborted.
 */
export async function breathe(signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
  signal?.throwIfAborted();
}
