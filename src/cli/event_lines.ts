/** What a program reads on stderr while work goes on. @module */

import type { Progress } from "../core/progress.ts";
import { followStage, goesOn, isComplete, paceOf, type RunningStage } from "./running_stage.ts";
import type { Complaint, Voice } from "./voice.ts";
import { writeToStderr } from "./write_all.ts";

/** How much to say, and where. */
export interface EventLinesOptions {
  /** Errors only. */
  readonly quiet?: boolean;
  /** Details, too. */
  readonly verbose?: boolean;
  /** Takes each line, with its end. @default stderr */
  readonly write?: (text: string) => void;
  /** The clock, in milliseconds. @default performance.now */
  readonly now?: () => number;
}

/** A stage is told of after this time, and again each time that it has passed, in milliseconds. */
const EVERY_MS = 1000;

/**
 * Tells a program what happens: one JSON object a line, its kind in `event`.
 *
 * - `progress`: `stage`, `done`, `total`, `unit` and `detail` of the report, `seconds` since the stage began, and where they are
 *   known `perSecond` and `secondsLeft`. Once a second at most, for stages that last longer, and when such a stage is complete.
 * - `note`, and with `verbose` `detail`: a `message`.
 * - `stage`, with `verbose`: each stage that has ended, its `done`, `unit` and `seconds`.
 * - `stopped`: a `message`, after Ctrl-C.
 * - `error`: `message` and exit `code`, `usage` where the command line was not understood, `stack` where it was asked for.
 * - What verbs tell of themselves, for instance `epoch`.
 */
export class EventLines implements Voice {
  readonly #quiet: boolean;
  readonly #verbose: boolean;
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  #stage: RunningStage | undefined;
  #toldAt: number | undefined;

  /** Nothing is written before the first call of a method. */
  constructor({ quiet = false, verbose = false, write, now }: EventLinesOptions = {}) {
    this.#quiet = quiet;
    this.#verbose = verbose;
    this.#write = write ?? writeToStderr;
    this.#now = now ?? (() => performance.now());
  }

  /** Tells of stages that last. */
  progress(progress: Progress): void {
    const now = this.#now();
    if (!goesOn(this.#stage, progress)) this.finish();
    const stage = this.#stage = followStage(this.#stage, progress, now);
    const complete = isComplete(stage);
    const due = complete
      ? this.#toldAt !== undefined
      : now - (this.#toldAt ?? stage.since) >= EVERY_MS;
    if (due) {
      this.#toldAt = now;
      const pace = Object.entries(paceOf(stage, now)).map((
        [name, value],
      ) => [name, rounded(value)]);
      this.event("progress", { ...progress, ...Object.fromEntries(pace) });
    }
    if (complete) this.finish();
  }

  /** Tells of what happened. */
  event(name: string, fields: Readonly<Record<string, unknown>>): void {
    if (!this.#quiet) this.#tell(name, fields);
  }

  /** Says something that is no error. */
  note(message: string): void {
    this.event("note", { message });
  }

  /** Says something that few want to know. */
  detail(message: string): void {
    if (this.#verbose) this.event("detail", { message });
  }

  /** Says what went wrong; the last line even when quiet. */
  error({ code, line, usage, stack }: Complaint): void {
    this.#tell("error", { code, message: line, usage, stack });
  }

  /** Says that the work was stopped, and what is still done. */
  stopped(message: string): void {
    this.event("stopped", { message });
  }

  /** Ends the running stage. */
  finish(): void {
    const stage = this.#stage;
    this.#stage = undefined;
    this.#toldAt = undefined;
    if (stage === undefined || !this.#verbose) return;
    const { done, unit } = stage.last;
    const { seconds } = paceOf(stage, this.#now());
    this.event("stage", { stage: stage.name, done, unit, seconds: rounded(seconds) });
  }

  #tell(event: string, fields: Readonly<Record<string, unknown>>): void {
    this.#write(`${JSON.stringify({ event, ...fields })}\n`);
  }
}

/** As exact as a clock is: four digits. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
