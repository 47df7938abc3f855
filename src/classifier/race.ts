/** Probe and fine-tuning on the same folds. @module */

import type { Progress } from "../core/progress.ts";
import { type FoldOutcome, type FoldScores, foldScores } from "../evaluate/fold_scores.ts";
import type { Folds } from "../train/cross_validation.ts";
import { ofFold } from "./fold_progress.ts";
import type { MethodOptions, TrainingInputs } from "./fit_method.ts";
import { type FoldRun, runFold } from "./fold_run.ts";

/** How a race went. */
export interface Race {
  /** The probe, on the folds that were run. */
  readonly probe: FoldScores;
  /** Fine-tuning on the same. */
  readonly fineTuned: FoldScores;
  /** Right answers of fine-tuning less those of the probe, per picture. */
  readonly lead: number;
  /** Standard error of `lead`, over the pictures: far below that of either accuracy, since both err on the same ones. */
  readonly standardError: number;
  /** Pictures that both answered for. */
  readonly pictures: number;
  /** Folds that were run. */
  readonly folds: number;
  /** Seconds that fine-tuning on all pictures would take by the pace of the last fold. */
  readonly seconds: number;
}

/** What {@linkcode raceMethods} goes by. */
export interface RaceOptions {
  /** Options of the training. */
  readonly training: MethodOptions;
  /** Which folds there are. */
  readonly dealt: Folds;
  /** How many of them are to be run. */
  readonly held: number;
  /** Seconds that are left for the race and the training after it. */
  readonly left: () => number;
  /** Breaks off. */
  readonly signal: AbortSignal;
}

/**
 * Trains and scores both, fold by fold, until all are run, fine-tuning is not ahead, or another fold would leave no time for the
 * training itself.
 *
 * @throws The signal's reason at its abort.
 */
export async function raceMethods(
  inputs: TrainingInputs,
  { training, dealt, held, left, signal }: RaceOptions,
): Promise<Race> {
  const { onProgress, augment } = training;
  const runs: { probe: FoldRun; tuned: FoldRun }[] = [];
  for (let fold = 0;; fold++) {
    const one = { foldOfRow: dealt.foldOfRow, fold };
    const quiet = { ...training, signal, onProgress: undefined };
    const probe = await runFold(inputs, one, { ...quiet, ...FOR_PROBE });
    const began = performance.now();
    const tuned = await runFold(inputs, one, {
      ...quiet,
      method: "lpft",
      augment: augment && { transform: augment.transform },
      onEpoch: undefined,
      stop: undefined,
      onProgress: onProgress && ofFold(onProgress, fold + 1, held),
    });
    runs.push({ probe, tuned });
    const took = (performance.now() - began) / 1000;
    const race = summarise(runs, { dealt, seconds: took * dealt.folds / (dealt.folds - 1) });
    onProgress?.(progressOf(fold + 1, held));
    if (fold + 1 === held || race.lead <= 0 || took + race.seconds > left()) return race;
  }
}

/** What makes options those of a probe: all that belongs to fine-tuning is left out. */
export const FOR_PROBE = {
  method: "probe",
  fineTune: undefined,
  validation: undefined,
  earlyStopping: undefined,
  epochs: undefined,
  learningRate: undefined,
  batchSize: undefined,
  onEpoch: undefined,
  stop: undefined,
} as const;

function progressOf(done: number, total: number): Progress {
  return { stage: "comparison", done, total, unit: "folds" };
}

function summarise(
  runs: readonly { readonly probe: FoldRun; readonly tuned: FoldRun }[],
  { dealt: { folds }, seconds }: { readonly dealt: Folds; readonly seconds: number },
): Race {
  const differences = runs.flatMap(({ probe, tuned }) =>
    Array.from(tuned.right, (hit, i) => hit - probe.right[i])
  );
  const pictures = differences.length;
  const lead = differences.reduce((sum, value) => sum + value, 0) / pictures;
  const squares = differences.reduce((sum, value) => sum + (value - lead) ** 2, 0);
  return {
    probe: foldScores(runs.map(({ probe }) => outcomeOf(probe)), { folds }),
    fineTuned: foldScores(runs.map(({ tuned }) => outcomeOf(tuned)), { folds }),
    lead,
    standardError: Math.sqrt(squares / Math.max(1, pictures - 1) / pictures),
    pictures,
    folds: runs.length,
    seconds,
  };
}

function outcomeOf({ right }: FoldRun): FoldOutcome {
  return { rows: right.length, correct: right.reduce((sum, hit) => sum + hit, 0) };
}
