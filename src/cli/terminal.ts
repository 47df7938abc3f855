/** What is said on stderr while work goes on. @module */

import type { Progress } from "../core/progress.ts";

/** How much to say. */
export interface TerminalOptions {
  /** Errors only. */
  readonly quiet?: boolean;
  /** Details, too. */
  readonly verbose?: boolean;
  /** Whether a person looks at stderr, so that a line may be drawn over. @default that of the process */
  readonly isTerminal?: boolean;
  /** Whether colours are wanted. @default unless NO_COLOR is set */
  readonly color?: boolean;
  /** Takes the text. @default stderr */
  readonly write?: (text: string) => void;
  /** The clock, in milliseconds. @default performance.now */
  readonly now?: () => number;
}

/** A running stage of the work. */
interface Stage {
  readonly name: string;
  readonly since: number;
  /** Units done when it was first heard of; the rate is measured from there. */
  readonly first: number;
  drawn: number;
  last: Progress;
}

/** Between two drawings of the line, in milliseconds: faster only flickers. */
const REDRAW_MS = 100;
/** An estimate before this many milliseconds is a guess. */
const ETA_AFTER_MS = 1000;
const CLEAR_LINE = "\r\x1b[2K";

/**
 * Talks to the person who waits: one progress line, drawn over itself, where stderr is a terminal; notes in any
 * case; nothing on stdout, which belongs to results.
 */
export class Terminal {
  readonly #quiet: boolean;
  readonly #verbose: boolean;
  readonly #draws: boolean;
  readonly #color: boolean;
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  #stage: Stage | undefined;
  #lineShown = false;

  /** Nothing is written before the first call of a method. */
  constructor(options: TerminalOptions = {}) {
    const { quiet = false, verbose = false, isTerminal = Deno.stderr.isTerminal() } = options;
    this.#quiet = quiet;
    this.#verbose = verbose && !quiet;
    this.#draws = isTerminal && !quiet;
    this.#color = isTerminal && (options.color ?? !Deno.noColor);
    this.#write = options.write ?? writeStderr;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Shows how far the work is. */
  progress(progress: Progress): void {
    const now = this.#now();
    if (this.#stage?.name !== progress.stage) {
      this.#endStage();
      this.#stage = {
        name: progress.stage,
        since: now,
        first: progress.done,
        drawn: -Infinity,
        last: progress,
      };
    }
    const stage = this.#stage!;
    stage.last = progress;
    if (progress.total !== undefined && progress.done >= progress.total) this.#endStage();
    else if (this.#draws && now - stage.drawn >= REDRAW_MS) this.#draw(stage, now);
  }

  /** Says something that is no error. */
  note(line: string): void {
    if (!this.#quiet) this.#say(line);
  }

  /** Says something that few want to know. */
  detail(line: string): void {
    if (this.#verbose) this.#say(line);
  }

  /** Says what went wrong; the last word even when quiet. */
  error(line: string): void {
    this.#say(this.#color ? `\x1b[31m${line}\x1b[39m` : line);
  }

  /** Ends the running stage and wipes its line. */
  finish(): void {
    this.#endStage();
  }

  #draw(stage: Stage, now: number): void {
    stage.drawn = now;
    const line = progressLine(stage.last, { elapsedMs: now - stage.since, first: stage.first });
    this.#write(CLEAR_LINE + (this.#color ? `\x1b[2m${line}\x1b[22m` : line));
    this.#lineShown = true;
  }

  #say(line: string): void {
    this.#wipe();
    this.#write(`${line}\n`);
  }

  #endStage(): void {
    const stage = this.#stage;
    this.#stage = undefined;
    this.#wipe();
    if (stage === undefined) return;
    const { done, unit = "" } = stage.last;
    const seconds = ((this.#now() - stage.since) / 1000).toFixed(2);
    this.detail(`${stage.name}: ${amount(done, unit)} in ${seconds} s`);
  }

  #wipe(): void {
    if (this.#lineShown) this.#write(CLEAR_LINE);
    this.#lineShown = false;
  }
}

/**
 * `features  320/900 images  36 %  4 s left`, as far as it is known.
 *
 * @example
 * ```ts
 * import { progressLine } from "./terminal.ts";
 * const progress = { stage: "features", done: 300, total: 900, unit: "images" };
 * const line = progressLine(progress, { elapsedMs: 2000, first: 0 });
 * if (line !== "features  300/900 images  33 %  4 s left") throw new Error(line);
 * ```
 */
export function progressLine(
  { stage, done, total, unit = "", detail = {} }: Progress,
  { elapsedMs, first }: { readonly elapsedMs: number; readonly first: number },
): string {
  const parts = [stage];
  if (total === undefined) parts.push(amount(done, unit));
  else {
    const of = unit === "bytes" ? `${megabytes(done)}/${megabytes(total)} MB` : `${done}/${total}`;
    parts.push(unit === "bytes" ? of : `${of} ${unit}`.trim());
    if (total > 0) parts.push(`${Math.floor(100 * done / total)} %`);
  }
  for (const [name, value] of Object.entries(detail)) {
    parts.push(`${name} ${Number(value.toPrecision(4))}`);
  }
  const sinceFirst = done - first;
  if (total !== undefined && sinceFirst > 0 && elapsedMs >= ETA_AFTER_MS && done < total) {
    parts.push(`${duration((total - done) * elapsedMs / sinceFirst)} left`);
  }
  return parts.join("  ");
}

function amount(done: number, unit: string): string {
  return unit === "bytes" ? `${megabytes(done)} MB` : `${done} ${unit}`.trim();
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** `45 s`, `3 min 20 s`, `1 h 5 min`. */
function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
}

/** Writes all of a text to a stream of the process at once. */
function writeStderr(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
}
