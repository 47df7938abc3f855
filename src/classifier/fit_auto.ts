/** Training by whichever method pays. @module */

import { chooseMethod, DEFAULT_BUDGET_SECONDS } from "./choose_method.ts";
import { eitherSignal } from "./either_signal.ts";
import {
  fitByMethod,
  type MethodOptions,
  type Trained,
  type TrainingInputs,
} from "./fit_method.ts";
import type { FitOptions } from "./options.ts";
import { FOR_PROBE } from "./race.ts";
import { timeLimit } from "./time_limit.ts";

/** Options of {@linkcode fitAuto}. */
export type AutoOptions =
  & Omit<MethodOptions, "method">
  & Pick<FitOptions, "budgetSeconds" | "onNote">;

/**
 * Trains a probe and keeps it unless LP-FT is better and can be trained within the budget, see `chooseMethod`. When the time is over
 * during that training, or `stop` is aborted, the best epoch so far is kept, and before the first one the probe.
 *
 * @throws {UserError} As `fitByMethod` does.
 */
export async function fitAuto(inputs: TrainingInputs, options: AutoOptions): Promise<Trained> {
  const { budgetSeconds = DEFAULT_BUDGET_SECONDS, onNote, ...training } = options;
  const { stop, signal } = training;
  const probe = await fitByMethod(inputs, {
    ...training,
    ...FOR_PROBE,
    signal: eitherSignal(options),
  });
  const since = performance.now();
  const left = () => budgetSeconds - (performance.now() - since) / 1000;
  const { method, choice } = await chooseMethod(inputs, {
    ...{ training, budgetSeconds, left, stop, onNote },
  });
  const kept = (reason = choice.reason): Trained => ({
    ...probe,
    course: { ...probe.course, choice: { ...choice, reason } },
  });
  if (method === "probe") return kept();
  using limit = timeLimit(left(), [stop]);
  try {
    const tuned = await fitByMethod(inputs, { ...training, method, stop: limit.signal });
    if (limit.signal.aborted && !stop?.aborted) {
      onNote?.("the budget is over: the best epoch so far is kept", "chosen");
    }
    return { ...tuned, course: { ...tuned.course, choice } };
  } catch (error) {
    if (signal?.aborted || error !== limit.signal.reason) throw error;
    const reason = "the probe is kept: fine-tuning was ahead, but ended before its first epoch";
    onNote?.(reason, "chosen");
    return kept(reason);
  }
}
