/** Whether fine-tuning pays, within a budget of time. @module */

import { memoryInWords, OutOfMemory } from "../backend/out_of_memory.ts";
import type { MethodChoice } from "../store/training_manifest.ts";
import { dealFolds } from "../train/cross_validation.ts";
import { DEFAULT_RANDOM_STATE } from "./fit_head.ts";
import type { MethodOptions, TrainingInputs } from "./fit_method.ts";
import { inWords } from "./in_words.ts";
import { oneStandardError } from "./one_standard_error.ts";
import type { FitOptions } from "./options.ts";
import { raceMethods } from "./race.ts";
import { timeLimit } from "./time_limit.ts";
import { estimateTuning, roughTuningTime } from "./tuning_time.ts";

/** Seconds for choosing and fine-tuning where nothing is said: what comes unasked must not keep people waiting. */
export const DEFAULT_BUDGET_SECONDS = 60;

/** Ways to compare, the most telling first; `runs`: what they and the training after them take, in trainings on all pictures. */
const PLANS = [
  { folds: 5, held: 5, runs: 4 + 1 },
  { folds: 3, held: 3, runs: 2 + 1 },
  { folds: 5, held: 1, runs: 0.8 + 1 },
] as const;

/** What {@linkcode chooseMethod} goes by. */
export interface ChoiceOptions {
  /** Options of the training. */
  readonly training: MethodOptions;
  /** Seconds for choosing and, where it pays, fine-tuning. */
  readonly budgetSeconds: number;
  /** Seconds of them that are left. */
  readonly left: () => number;
  /** Ends the choosing; the probe is kept. */
  readonly stop?: AbortSignal;
  /** See `FitOptions.onNote`. */
  readonly onNote?: FitOptions["onNote"];
}

/** What was chosen. */
export interface ChosenMethod {
  /** What to train. */
  readonly method: "probe" | "lpft";
  /** By what it was chosen. */
  readonly choice: MethodChoice;
}

/**
 * Keeps the probe unless fine-tuning wins by more than one standard error, and tries that only where the budget allows.
 *
 * A timed pass forward, and where that leaves it open a few timed steps, tell whether a comparison and the training after it fit into the budget: by five folds, by three, or by one fold
 * of five. Probe and LP-FT then learn from the same folds and answer for the same pictures, and the race ends when fine-tuning
 * is not ahead after a fold. What decides is the difference of right answers, picture by picture.
 *
 * @throws {UserError} As training does; the reason of `training.signal` at its abort.
 */
export async function chooseMethod(
  inputs: TrainingInputs,
  options: ChoiceOptions,
): Promise<ChosenMethod> {
  const { training, budgetSeconds, left, stop, onNote } = options;
  const budget = inWords(budgetSeconds);
  const decide = (
    method: ChosenMethod["method"],
    reason: string,
    scores: Pick<MethodChoice, "probe" | "fineTuned"> = {},
    // Where more time would change nothing, none must be asked for.
    without: "untried" | "impossible" = "untried",
  ): ChosenMethod => {
    onNote?.(reason, scores.fineTuned ? "chosen" : without);
    return { method, choice: { budgetSeconds, ...scores, reason } };
  };
  if (left() <= 0) {
    return decide(
      "probe",
      `the probe is kept: a budget of ${budget} leaves no time for fine-tuning`,
    );
  }
  using limit = timeLimit(left(), [training.signal, stop]);
  const { signal } = limit;
  const tooLong = (one: number) =>
    decide(
      "probe",
      `the probe is kept: to fine-tune and see whether it pays takes about ${
        inWords(PLANS[PLANS.length - 1].runs * one)
      }, the budget is ${budget}`,
    );
  const planFor = (one: number) => PLANS.find(({ runs }) => runs * one <= left());
  try {
    // First without the memory that training takes: most declines need no more.
    const rough = roughTuningTime(inputs, training);
    if (planFor(rough.least) === undefined) return tooLong(rough.seconds);
    const one = await estimateTuning(inputs, { ...training, signal });
    const plan = planFor(one);
    if (plan === undefined) return tooLong(one);
    const { labels } = inputs.data;
    const dealt = dealFolds(labels, inputs.data.classCounts(), {
      folds: plan.folds,
      randomState: training.randomState ?? DEFAULT_RANDOM_STATE,
    });
    if (dealt.folds === 0) {
      const reason = "the probe is kept: no class has pictures to spare for a comparison";
      return decide("probe", reason, {}, "impossible");
    }
    onNote?.(
      `comparing the probe with fine-tuning: about ${
        inWords(plan.runs * one)
      } if it pays, ${budget} at most`,
      "comparing",
    );
    const held = Math.min(plan.held, dealt.folds);
    const race = await raceMethods(inputs, { training, dealt, held, left, signal });
    const { probe, fineTuned } = race;
    return decide(...oneStandardError(race, left()), { probe, fineTuned });
  } catch (error) {
    if (error instanceof OutOfMemory) {
      return decide(
        "probe",
        `the probe is kept: fine-tuning at ${inputs.recipe.size} px takes ${memoryInWords(error)}`,
        {},
        "impossible",
      );
    }
    if (!signal.aborted || training.signal?.aborted) throw error;
    return decide(
      "probe",
      stop?.aborted
        ? "the probe is kept: it was stopped before fine-tuning could be compared"
        : `the probe is kept: the budget of ${budget} was over before fine-tuning could be compared`,
    );
  }
}
