/** Ctrl-C. @module */

/** What a shell expects of a program that SIGINT ended: 128 + 2. */
export const INTERRUPTED = 130;

/** Time that work gets to stop by itself, in milliseconds. */
const GRACE_MS = 2000;

/**
 * Runs work that Ctrl-C stops: the first asks it to stop, by its signal; the second, or two seconds without an
 * answer, ends the process.
 *
 * @returns What the work returns, or {@linkcode INTERRUPTED} when it stopped for Ctrl-C.
 */
export async function interruptible(
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onInterrupt = () => {
    if (controller.signal.aborted) Deno.exit(INTERRUPTED);
    controller.abort(new DOMException("Stopped by Ctrl-C", "AbortError"));
    timer = setTimeout(() => Deno.exit(INTERRUPTED), GRACE_MS);
  };
  Deno.addSignalListener("SIGINT", onInterrupt);
  try {
    const code = await work(controller.signal);
    return controller.signal.aborted ? INTERRUPTED : code;
  } finally {
    clearTimeout(timer);
    Deno.removeSignalListener("SIGINT", onInterrupt);
  }
}
