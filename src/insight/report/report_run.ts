/** A training run that is kept to be resumed, as a report tells it. @module */

import type { TrainingProgress } from "../../train/training_state.ts";
import type { ReportedRun } from "./report_data.ts";

/**
 * Where a run stands.
 *
 * @param progress Of the state that is kept.
 * @param graft Version of graft that keeps it.
 */
export function reportRun(progress: TrainingProgress, graft: string): ReportedRun {
  const { history, best, finished, step, settings } = progress;
  return {
    epochs: history.map(({ epoch, loss, accuracy, learningRate, validation }) => ({
      ...{ epoch, loss, accuracy, learningRate },
      ...validation !== undefined && {
        validation: { loss: validation.loss, accuracy: validation.accuracy },
      },
    })),
    ...best !== null && { bestEpoch: best.epoch },
    ...{ finished, steps: step, settings, graft },
  };
}
