/** What is said on stderr while work goes on, whoever listens. @module */

import type { Progress } from "../core/progress.ts";

/** How a run failed. */
export interface Complaint {
  /** Exit code. */
  readonly code: number;
  /** What went wrong, on one line. */
  readonly line: string;
  /** How the command line should look, where it was not understood. */
  readonly usage?: string;
  /** For `--debug`. */
  readonly stack?: string;
}

/** Speaks to a person ({@linkcode Terminal}) or to a program ({@linkcode EventLines}). */
export interface Voice {
  /** Shows how far the work is. */
  progress(progress: Progress): void;
  /** Tells programs of something that happened; people, too, where there is a line for them and they want details. */
  event(name: string, fields: Readonly<Record<string, unknown>>, line?: string): void;
  /** Says something that is no error. */
  note(line: string): void;
  /** Says something that few want to know. */
  detail(line: string): void;
  /** Says what went wrong; the last word even when quiet. */
  error(complaint: Complaint): void;
  /** Says that the work was stopped, and what is still done; not when quiet. */
  stopped(line: string): void;
  /** Ends the running stage, so that others may write. */
  finish(): void;
}
