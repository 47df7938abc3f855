/** Ctrl-C. @module */

/** What a shell expects of a program that SIGINT ended: 128 + 2. */
export const INTERRUPTED = 130;

/** Parts in which the time that work gets to stop is counted: while it lets nothing else run, only one passes. */
const GRACE_PARTS = 20;

/** What work can know of Ctrl-C, and say about it. */
export interface Interruption {
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /**
   * Says what the work will do from now on when it is stopped, and gives it all the time that this takes; `undefined`
   * takes it back.
   */
  readonly whenStopped: (what: string | undefined) => void;
}

/** What is called when. */
export interface InterruptHandlers {
  /** At the first Ctrl-C, with what the work said that it will do. */
  readonly onStop?: (what: string | undefined) => void;
  /** Right before the process ends in the middle of the work. */
  readonly onForcedEnd?: (why: string) => void;
}

/** What {@linkcode interruptible} needs of the process; tests bring their own. */
export interface SignalSource {
  /** Calls `listener` at each Ctrl-C. @returns What ends that. */
  readonly listen: (listener: () => void) => () => void;
  /** Ends the process. */
  readonly exit: (code: number) => void;
  /** Time that work gets to stop by itself unless it says what it still does, in milliseconds. */
  readonly graceMs: number;
}

const OF_PROCESS: SignalSource = {
  listen: (listener) => {
    Deno.addSignalListener("SIGINT", listener);
    return () => Deno.removeSignalListener("SIGINT", listener);
  },
  exit: Deno.exit,
  graceMs: 2000,
};

/**
 * Runs work that Ctrl-C stops: the first asks it to stop, by its signal; the second ends the process, and so do two
 * seconds without an answer, unless the work said that it has something to finish.
 *
 * @returns What the work returns, or {@linkcode INTERRUPTED} when it was stopped by Ctrl-C.
 */
export async function interruptible(
  work: (interruption: Interruption) => Promise<number>,
  { onStop, onForcedEnd }: InterruptHandlers = {},
  { listen, exit, graceMs }: SignalSource = OF_PROCESS,
): Promise<number> {
  const controller = new AbortController();
  const { signal } = controller;
  let plan: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = (why: string) => {
    clearTimeout(timer);
    onForcedEnd?.(why);
    exit(INTERRUPTED);
  };
  const countGrace = (parts = 0) => {
    clearTimeout(timer);
    if (!signal.aborted || plan !== undefined) return;
    if (parts === GRACE_PARTS) return end("ended by Ctrl-C: the work did not stop by itself");
    timer = setTimeout(() => countGrace(parts + 1), graceMs / GRACE_PARTS);
  };
  const unlisten = listen(() => {
    if (signal.aborted) return end("ended by a second Ctrl-C, in the middle of the work");
    onStop?.(plan);
    controller.abort(new DOMException("Stopped by Ctrl-C", "AbortError"));
    countGrace();
  });
  const whenStopped = (what: string | undefined) => {
    plan = what;
    countGrace();
  };
  try {
    const code = await work({ signal, whenStopped });
    return signal.aborted ? INTERRUPTED : code;
  } finally {
    clearTimeout(timer);
    unlisten();
  }
}
