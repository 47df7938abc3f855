/** How a training went, in the manifest's words. @module */

import type { Head } from "../model/heads.ts";
import type { TrainingManifest, ValidationManifest } from "../store/training_manifest.ts";
import type { LinearHead } from "../train/linear.ts";
import type { Method } from "../train/method.ts";
import type { FineTuned } from "./fine_tune.ts";

/** All but the time, which whoever waited knows. */
export type TrainingCourse = Omit<TrainingManifest, "seconds">;

/** The course of a head on features that stay as they are. */
export function courseOfHead(method: Method, head: Head | LinearHead): TrainingCourse {
  // The rate is the same throughout.
  const learningRate = Number(head.details.learningRate);
  const epochs = "history" in head
    ? head.history.map((report) => ({ ...report, learningRate }))
    : [];
  return { method, epochs, stoppedEarly: false, validation: null };
}

/** The course of fine-tuning; `validation` is what judged it. */
export function courseOfTuning(
  method: Method,
  { fit, epochs }: FineTuned,
  validation: ValidationManifest | undefined,
): TrainingCourse {
  const { history, bestEpoch } = fit;
  return {
    method,
    epochs: history.map(({ epoch, loss, accuracy, learningRate, validation }) => ({
      epoch,
      loss,
      accuracy,
      learningRate,
      ...validation && { validation },
    })),
    ...bestEpoch !== undefined && { bestEpoch },
    stoppedEarly: history.length < epochs,
    validation: validation ?? null,
  };
}
