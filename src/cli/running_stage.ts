/** A stage of the work as it goes on: how fast it is, and how long it will take. @module */

import type { Progress } from "../core/progress.ts";

/** A rate before this many milliseconds is a guess. */
const RATE_AFTER_MS = 1000;

/** A running stage. */
export interface RunningStage {
  /** What it is called. */
  readonly name: string;
  /** When it was first heard of, in milliseconds. */
  readonly since: number;
  /** Units done when it was first heard of; the rate is measured from there. */
  readonly first: number;
  /** The newest report. */
  readonly last: Progress;
  /** When that came, in milliseconds. */
  readonly lastAt: number;
  /** The cost so far, oldest first: one value for each epoch, or for each report where there are no epochs. */
  readonly costs: number[];
  /** Epoch of the last cost. */
  readonly epoch: number | undefined;
}

/** How fast a stage is. */
export interface Pace {
  /** Time since the stage began, in seconds. */
  readonly seconds: number;
  /** Units in a second; absent while it would be a guess. */
  readonly perSecond?: number;
  /** Estimate of the time until its end, in seconds; absent while it would be a guess. */
  readonly secondsLeft?: number;
}

/** Whether a report goes on with a stage: within one, what is done never decreases. */
export function goesOn(running: RunningStage | undefined, report: Progress): boolean {
  return running?.name === report.stage && report.done >= running.last.done;
}

/** The stage that a report belongs to: the running one, or a new one where it does not go on with that. */
export function followStage(
  running: RunningStage | undefined,
  report: Progress,
  now: number,
): RunningStage {
  const { name, since, first, costs, epoch } = running !== undefined && goesOn(running, report)
    ? running
    : { name: report.stage, since: now, first: report.done, costs: [], epoch: undefined };
  const cost = report.detail?.loss ?? report.detail?.cost;
  const ofReport = report.detail?.epoch;
  if (cost !== undefined) {
    // The running mean of an epoch takes the place of what it was before.
    const at = ofReport !== undefined && ofReport === epoch ? costs.length - 1 : costs.length;
    costs[at] = cost;
  }
  return { name, since, first, last: report, lastAt: now, costs, epoch: ofReport };
}

/** Whether everything is done. */
export function isComplete({ last: { done, total } }: RunningStage): boolean {
  return total !== undefined && done >= total;
}

/**
 * How fast a stage is. The rate is that up to its last report; from there the time left is counted down.
 *
 * @example
 * ```ts
 * import { followStage, paceOf } from "./running_stage.ts";
 * const report = { stage: "features", done: 0, total: 900, unit: "images" };
 * const stage = followStage(followStage(undefined, report, 0), { ...report, done: 300 }, 2000);
 * const { perSecond, secondsLeft } = paceOf(stage, 3000);
 * if (perSecond !== 150 || secondsLeft !== 3) throw new Error(`${perSecond} ${secondsLeft}`);
 * ```
 */
export function paceOf({ since, first, last, lastAt }: RunningStage, now: number): Pace {
  const seconds = (now - since) / 1000;
  const measured = lastAt - since;
  if (measured < RATE_AFTER_MS || last.done <= first) return { seconds };
  const perSecond = (last.done - first) / measured * 1000;
  if (last.total === undefined || last.done >= last.total) return { seconds, perSecond };
  const left = (last.total - last.done) / perSecond - (now - lastAt) / 1000;
  return { seconds, perSecond, secondsLeft: Math.max(0, left) };
}
