/** What the processes of a fuzz run say to each other. @module */

/** What a child is to do: its only argument, as JSON. */
export interface Task {
  readonly target: string;
  readonly seed: number;
  /** Number of the first case. */
  readonly from: number;
  /** When it stops, in milliseconds after it has begun. */
  readonly ms: number;
  /** The most cases that it runs. */
  readonly cases: number;
}

/** A case that was not handled as it should be. */
export interface Failure {
  readonly case: number;
  /** One line. */
  readonly what: string;
}

/** What a child did, or did until it was stopped. */
export interface Summary {
  readonly cases: number;
  readonly accepted: number;
  /** Failures, those that are not told one by one, too. */
  readonly failed: number;
  /** Time of the cases, in milliseconds. */
  readonly ms: number;
  /** The slowest case and its time in milliseconds. */
  readonly slowest: { readonly case: number; readonly ms: number };
  /** Largest resident size in MB, and the case that was running when it was first seen. */
  readonly peak: { readonly case: number; readonly mb: number };
}

/** A line of a child's output. */
export type Line =
  | { readonly failure: Failure }
  /** Given by the watchdog of a child that it then ends. */
  | { readonly killed: Failure; readonly so: Summary }
  | { readonly summary: Summary };

/** Places in the numbers that a child's main thread shares with its watchdog. */
export const SHARED = {
  case: 0,
  begun: 1,
  accepted: 2,
  cases: 3,
  slowest: 4,
  slowestMs: 5,
  peakMb: 6,
  peakCase: 7,
  failed: 8,
} as const;

/** A case may take so long, by the clock and by the processor: others may use the machine. A longer one is tried twice more. */
export const SLOW_MS = 2000;
/** However busy the machine is, by the clock alone. */
export const STUCK_MS = 20_000;
/** A case that takes longer is not waited for. */
export const HANG_MS = 60_000;
/** Largest resident size of a child, in MB: the bound, and where it is ended at once. */
export const MOST_MB = 1000;
export const KILL_MB = 3000;
