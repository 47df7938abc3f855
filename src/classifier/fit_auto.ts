/** Training by whichever method pays. @module */

import { memoryInWords, OutOfMemory } from "../backend/out_of_memory.ts";
import { eitherSignal } from "./either_signal.ts";
import { inWords } from "./in_words.ts";
import type { ResolvedAuto } from "./resolve_training.ts";
import { timeLimit } from "./time_limit.ts";
import type { Trained, TrainingInputs } from "./trained.ts";
import { estimateTuning, roughTuningTime } from "./tuning_time.ts";

/** What LP-FT takes with its comparison and the epochs on all images, over a training on nine tenths of them. */
const WHOLE_RUN = 1.5;

/** How the two that are compared are trained. */
interface Candidates {
  readonly probe: () => Promise<Trained>;
  /** LP-FT, or the probe where that is not worse; `stop` ends it gently. */
  readonly finetune: (probe: Trained, stop: AbortSignal) => Promise<Trained>;
}

/**
 * Trains a probe and saves it unless LP-FT is better on validation images and can be trained within the budget, see `fitFromProbe`.
 * A few timed steps tell whether it can. When the time is over during that training, or `stop` is aborted, what was reached by then is
 * compared, and before the first epoch is over the probe is saved.
 *
 * @throws {UserError} As `train` does; the reason of `signal` at its abort.
 */
export async function fitAuto(
  inputs: TrainingInputs,
  { budgetSeconds, finetune: training }: ResolvedAuto,
  { probe: trainProbe, finetune }: Candidates,
): Promise<Trained> {
  const { stop, signal, onNote } = training;
  const probe = await trainProbe();
  const since = performance.now();
  const left = () => budgetSeconds - (performance.now() - since) / 1000;
  const budget = inWords(budgetSeconds);
  // Where more time would change nothing, none must be asked for.
  const keepProbe = (reason: string, about: "untried" | "impossible" = "untried"): Trained => {
    onNote?.(reason, about);
    return { ...probe, course: { ...probe.course, choice: { budgetSeconds, reason } } };
  };
  if (left() <= 0) {
    return keepProbe(`the probe is saved: a budget of ${budget} leaves no time for fine-tuning`);
  }
  using limit = timeLimit(left(), [stop]);
  const tooLong = (seconds: number) =>
    keepProbe(
      `the probe is saved: to fine-tune and see whether it pays takes about ${
        inWords(seconds)
      }, the budget is ${budget}`,
    );
  try {
    // First without the memory that training takes: most declines need no more.
    const rough = roughTuningTime(inputs, training);
    if (WHOLE_RUN * rough.least > left()) return tooLong(WHOLE_RUN * rough.seconds);
    const ends = eitherSignal({ signal, stop: limit.signal });
    const needed = WHOLE_RUN * await estimateTuning(inputs, { ...training, signal: ends });
    if (needed > left()) return tooLong(needed);
    onNote?.(
      `comparing the probe with fine-tuning: about ${inWords(needed)}, ${budget} at most`,
      "comparing",
    );
    const trained = await finetune(probe, limit.signal);
    const { reason } = trained.course.tuning!;
    return { ...trained, course: { ...trained.course, choice: { budgetSeconds, reason } } };
  } catch (error) {
    if (error instanceof OutOfMemory) {
      const reason = `the probe is saved: fine-tuning at ${inputs.recipe.size} px takes ${
        memoryInWords(error)
      }`;
      return keepProbe(reason, "impossible");
    }
    if (!limit.signal.aborted || signal?.aborted) throw error;
    return keepProbe(
      stop?.aborted
        ? "the probe is saved: it was stopped before fine-tuning could be compared"
        : `the probe is saved: the budget of ${budget} was over before fine-tuning could be compared`,
    );
  }
}
