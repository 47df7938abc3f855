/** What a person sees on stderr while work goes on. @module */

import type { Progress } from "../core/progress.ts";
import { columnsOfProcess } from "./page.ts";
import { countText, progressLine } from "./progress_line.ts";
import { followStage, goesOn, isComplete, paceOf, type RunningStage } from "./running_stage.ts";
import { drawsOverLines, drawsUnicode } from "./surroundings.ts";
import type { Complaint, Voice } from "./voice.ts";
import { writeToStderr } from "./write_all.ts";

/** How much to say, and where. */
export interface TerminalOptions {
  /** Errors only. */
  readonly quiet?: boolean;
  /** Details, too. */
  readonly verbose?: boolean;
  /** Whether a person looks at stderr, so that a line may be drawn over. @default that of the process */
  readonly isTerminal?: boolean;
  /** Whether colours are wanted. @default unless NO_COLOR is set */
  readonly color?: boolean;
  /** Whether more than ASCII can be drawn. @default unless the locale is known to be another */
  readonly unicode?: boolean;
  /** Columns of the terminal, asked for anew for each line. @default those of the process, 80 where they are not known */
  readonly columns?: () => number;
  /** Takes the text. @default stderr */
  readonly write?: (text: string) => void;
  /** The clock, in milliseconds. @default performance.now */
  readonly now?: () => number;
  /** Calls back after so many milliseconds. @returns What prevents that. @default setTimeout */
  readonly later?: (work: () => void, ms: number) => () => void;
}

/** Work shorter than this, in milliseconds, needs no line. */
const PATIENCE_MS = 1000;
/** Between two drawings of the line, in milliseconds: faster only flickers. */
const REDRAW_MS = 100;
/** Until the line is drawn anew without a report, in milliseconds: the time left is counted down. */
const TICK_MS = 1000;
/** Columns that stay free at the right, so that the terminal's `^C` does not break the line. */
const MARGIN = 3;
const CLEAR_LINE = "\r\x1b[2K";

/**
 * Talks to the person who waits: one progress line, drawn over itself, where stderr is a terminal; notes in any
 * case; nothing on stdout, which belongs to results.
 */
export class Terminal implements Voice {
  readonly #quiet: boolean;
  readonly #verbose: boolean;
  readonly #draws: boolean;
  readonly #color: boolean;
  readonly #unicode: boolean;
  readonly #columns: () => number;
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  readonly #later: (work: () => void, ms: number) => () => void;
  #stage: RunningStage | undefined;
  #busySince: number | undefined;
  #drawnAt = -Infinity;
  #lineShown = false;
  #cancelTimer: (() => void) | undefined;

  /** Nothing is written before the first call of a method. */
  constructor(options: TerminalOptions = {}) {
    const { quiet = false, verbose = false, isTerminal = drawsOverLines() } = options;
    this.#quiet = quiet;
    this.#verbose = verbose && !quiet;
    this.#draws = isTerminal && !quiet;
    this.#color = isTerminal && (options.color ?? !Deno.noColor);
    this.#unicode = options.unicode ?? drawsUnicode();
    this.#columns = options.columns ?? columnsOfProcess;
    this.#write = options.write ?? writeToStderr;
    this.#now = options.now ?? (() => performance.now());
    this.#later = options.later ?? callLater;
  }

  /** Shows how far the work is, once it has taken a second. */
  progress(progress: Progress): void {
    const now = this.#now();
    this.#busySince ??= now;
    if (!goesOn(this.#stage, progress)) this.#endStage();
    const stage = this.#stage = followStage(this.#stage, progress, now);
    if (isComplete(stage)) this.#endStage();
    else if (this.#draws) this.#drawWhenDue(now);
  }

  /** Says the line, if there is one, to those who want details. */
  event(_name: string, _fields: Readonly<Record<string, unknown>>, line?: string): void {
    if (line !== undefined) this.detail(line);
  }

  /** Says something that is no error. */
  note(line: string): void {
    if (!this.#quiet) this.#say(`graft: ${line}`);
  }

  /** Says something that few want to know. */
  detail(line: string): void {
    if (this.#verbose) this.#say(this.#dim(`graft: ${line}`));
  }

  /** Says what went wrong; the last word even when quiet. */
  error({ line, usage, stack }: Complaint): void {
    this.#say(this.#color ? `\x1b[31mgraft: ${line}\x1b[39m` : `graft: ${line}`);
    if (usage !== undefined) this.#say(usage);
    if (stack !== undefined) this.#say(stack);
  }

  /** Says that the work was stopped, and what is still done. */
  stopped(line: string): void {
    this.note(line);
  }

  /** Ends the running stage and wipes its line. */
  finish(): void {
    this.#endStage();
  }

  #drawWhenDue(now: number): void {
    const due = Math.max(this.#busySince! + PATIENCE_MS, this.#drawnAt + REDRAW_MS);
    if (now >= due) this.#draw(now);
    else if (!this.#lineShown) this.#drawLater(due - now); // else the next tick is near enough
  }

  #drawLater(ms: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#later(() => {
      this.#cancelTimer = undefined;
      if (this.#stage !== undefined) this.#draw(this.#now());
    }, ms);
  }

  #draw(now: number): void {
    this.#drawnAt = now;
    const line = progressLine(this.#stage!, now, {
      width: this.#columns() - MARGIN,
      unicode: this.#unicode,
      color: this.#color,
    });
    this.#write(CLEAR_LINE + line);
    this.#lineShown = true;
    this.#drawLater(TICK_MS);
  }

  #say(line: string): void {
    this.#wipe();
    this.#write(`${line}\n`);
  }

  #endStage(): void {
    const stage = this.#stage;
    this.#stage = undefined;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#wipe();
    if (stage === undefined) return;
    const { total: _, ...done } = stage.last;
    const seconds = paceOf(stage, this.#now()).seconds.toFixed(2);
    this.detail(`${stage.name}: ${countText(done)} in ${seconds} s`);
  }

  #wipe(): void {
    if (this.#lineShown) this.#write(CLEAR_LINE);
    this.#lineShown = false;
  }

  #dim(line: string): string {
    return this.#color ? `\x1b[2m${line}\x1b[22m` : line;
  }
}

function callLater(work: () => void, ms: number): () => void {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
}
