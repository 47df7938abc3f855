/** Training by any of the methods. @module */

import { mixName } from "../data/transforms/mix_batch.ts";
import { type Head, takeRows } from "../model/heads.ts";
import { measureColumns } from "../model/standardise.ts";
import { weightsText } from "../train/class_weights.ts";
import type { Method } from "../train/method.ts";
import type { ProbeHead } from "../train/probe.ts";
import { viewRows } from "../train/view_rows.ts";
import { eitherSignal } from "./either_signal.ts";
import { fineTune } from "./fine_tune.ts";
import { DEFAULT_RANDOM_STATE, fitHead } from "./fit_head.ts";
import { divide } from "./validation_part.ts";
import { fitFromProbe, type ProbeOptions } from "./fit_lpft.ts";
import { courseOfHead, courseOfTuning } from "./training_course.ts";
import type { MethodOptions, Trained, TrainingInputs } from "./trained.ts";

export type { MethodOptions, Trained, TrainingInputs } from "./trained.ts";

/** Views of each picture where no number is given. */
export const DEFAULT_VIEWS = 4;

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

/** Trains by `options.method`; see `fitFromProbe` on LP-FT. */
export async function fitByMethod(
  { weights, features, data, recipe }: TrainingInputs,
  options: MethodOptions,
): Promise<Trained> {
  const { method = "probe", fineTune: tuning, augment, ...rest } = options;
  if (method === "probe" || method === "linear") {
    const { labels, groups } = viewRows(data.labels, features.rows);
    const { classWeights, randomState, epochs, learningRate, batchSize, onProgress, onEpoch } =
      rest;
    const fitted = await fitHead(features, labels, data.classes, {
      ...{
        method,
        classWeights,
        randomState,
        epochs,
        learningRate,
        batchSize,
        onProgress,
        onEpoch,
      },
      groups,
      signal: eitherSignal(rest),
      holdOut: true,
    });
    const { heldOut, ...head }: Head & Pick<ProbeHead, "heldOut"> = fitted;
    const course = courseOfHead(method, fitted);
    if (augment === undefined) return { head, heldOut, course };
    const { views = DEFAULT_VIEWS } = augment;
    const details = { ...head.details, augmentation: augment.transform.name, views };
    return { head: { ...head, details }, heldOut, course };
  }
  // Nothing can be compared where nothing is kept apart: fine-tuning is what was asked for.
  if (method === "lpft" && rest.validation?.size !== 0) {
    const inputs = { weights, features, data, recipe };
    const signal = eitherSignal(rest);
    return await fitLpft(
      inputs,
      options,
      {
        probe: () => fitByMethod(inputs, { ...options, ...FOR_PROBE, signal }),
        automatic: false,
      },
    );
  }
  const { validation, earlyStopping, randomState = DEFAULT_RANDOM_STATE, ...others } = rest;
  const { classWeights, onProgress } = rest;
  const judged = divide(data, { ...validation, randomState });
  const rows = judged.rows ?? Int32Array.from(data.labels.keys());
  const learnt = rows.length === features.rows ? features : takeRows(features, rows);
  const probe = { randomState, classWeights, onProgress, signal: eitherSignal(rest) };
  const start = method === "lpft"
    ? { head: await fitHead(learnt, judged.train.labels, data.classes, probe) }
    : { standardisation: measureColumns(learnt, "standard") };
  const tuned = await fineTune({ weights, recipe, ...start }, judged.train, {
    ...tuning,
    ...others,
    validation: judged.validation,
    stopping: earlyStopping,
    transform: augment?.transform,
    randomState,
  });
  const { head } = tuned;
  return {
    weights: tuned.weights,
    validation: judged.validation,
    course: courseOfTuning(
      method,
      tuned,
      judged.validation && {
        rows: judged.validation.length,
        part: validation?.part ?? "validation",
      },
    ),
    head: withOptions(head, method, options),
  };
}

/** LP-FT beside the probe that it starts from, see `fitFromProbe`. */
export async function fitLpft(
  inputs: TrainingInputs,
  options: MethodOptions,
  probe: ProbeOptions,
): Promise<Trained> {
  const trained = await fitFromProbe(inputs, options, probe);
  if (trained.weights === undefined) return trained;
  return { ...trained, head: withOptions(trained.head, "lpft", options) };
}

/** A fine-tuned head that says by which options it was trained. */
function withOptions(
  head: Head,
  method: Method,
  { fineTune: tuning, augment, classWeights }: MethodOptions,
): Head {
  return {
    ...head,
    details: {
      method,
      ...head.details,
      ...augment && { augmentation: augment.transform.name },
      ...tuning?.mix && { mix: mixName(tuning.mix) },
      ...classWeights && { classWeights: weightsText(classWeights) },
    },
  };
}
