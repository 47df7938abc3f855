/** Training by any of the methods. @module */

import { mixName } from "../data/transforms/mix_batch.ts";
import { type Head, takeRows } from "../model/heads.ts";
import { measureColumns } from "../model/standardise.ts";
import { weightsText } from "../train/class_weights.ts";
import type { ProbeHead } from "../train/probe.ts";
import { viewRows } from "../train/view_rows.ts";
import { eitherSignal } from "./either_signal.ts";
import { fineTune } from "./fine_tune.ts";
import { fitAuto } from "./fit_auto.ts";
import { fitHead } from "./fit_head.ts";
import { fitFromProbe } from "./fit_lpft.ts";
import type {
  ResolvedFinetune,
  ResolvedLinear,
  ResolvedProbe,
  ResolvedTraining,
} from "./resolve_training.ts";
import type { Trained, TrainingInputs } from "./trained.ts";
import { courseOfHead, courseOfTuning } from "./training_course.ts";
import { divide } from "./validation_part.ts";

/**
 * Trains by any method.
 *
 * @throws {UserError} For options out of range, and when the loss is no longer finite; the reason of `signal` at its abort.
 */
export async function train(inputs: TrainingInputs, training: ResolvedTraining): Promise<Trained> {
  switch (training.kind) {
    case "probe":
    case "linear":
      return await trainHead(inputs, training);
    case "finetune":
      return await trainNetwork(inputs, training, () => trainHead(inputs, training.probe));
    case "auto":
      return await fitAuto(inputs, training, {
        probe: () => trainHead(inputs, training.probe),
        finetune: (probe, stop) =>
          trainNetwork(inputs, { ...training.finetune, stop }, () => Promise.resolve(probe)),
      });
  }
}

/** Trains a head on features that stay as they are. */
async function trainHead(
  { features, data }: TrainingInputs,
  training: ResolvedProbe | ResolvedLinear,
): Promise<Trained> {
  const { kind, views, classWeights, randomState, onProgress } = training;
  const { labels, groups } = viewRows(data.labels, features.rows);
  const { heldOut, ...head }: Head & Pick<ProbeHead, "heldOut"> = await fitHead(
    features,
    labels,
    data.classes,
    {
      ...{ method: kind, classWeights, randomState, onProgress, groups, holdOut: true },
      ...kind === "linear" && {
        epochs: training.epochs,
        learningRate: training.learningRate,
        batchSize: training.batchSize,
        onEpoch: training.onEpoch,
      },
      signal: eitherSignal(training),
    },
  );
  const course = courseOfHead(kind, head);
  if (views === undefined) return { head, heldOut, course };
  const details = { ...head.details, augmentation: views.transform.name, views: views.views };
  return { head: { ...head, details }, heldOut, course };
}

/** Trains the whole network, or returns the probe where that is compared and not worse. */
async function trainNetwork(
  inputs: TrainingInputs,
  training: ResolvedFinetune,
  probe: () => Promise<Trained>,
): Promise<Trained> {
  const trained = training.comparison === "none"
    ? await trainUncompared(inputs, training)
    : await fitFromProbe(inputs, training, probe);
  if (trained.weights === undefined) return trained;
  const { init, transform, mix, classWeights } = training;
  const details = {
    method: init === "zeros" ? "finetune" : "lpft",
    ...trained.head.details,
    ...transform && { augmentation: transform.name },
    ...mix && { mix: mixName(mix) },
    ...classWeights && { classWeights: weightsText(classWeights) },
  };
  return { ...trained, head: { ...trained.head, details } };
}

async function trainUncompared(
  { weights, features, data, recipe }: TrainingInputs,
  training: ResolvedFinetune,
): Promise<Trained> {
  const { init, randomState, classWeights, onProgress } = training;
  const parts = divide(data, { ...training.validation, randomState });
  const { validation } = parts;
  const rows = parts.rows ?? Int32Array.from(data.labels.keys());
  const learnt = rows.length === features.rows ? features : takeRows(features, rows);
  const signal = eitherSignal(training);
  const start = init === "probe"
    ? {
      head: await fitHead(learnt, parts.train.labels, data.classes, {
        ...{ randomState, classWeights, onProgress, signal },
      }),
    }
    : { standardisation: measureColumns(learnt, "standard") };
  const tuned = await fineTune({ weights, recipe, ...start }, parts, training);
  return {
    weights: tuned.weights,
    validation,
    course: courseOfTuning(
      init === "zeros" ? "finetune" : "lpft",
      tuned,
      validation && {
        rows: validation.length,
        part: training.validation.part ?? "validation",
      },
    ),
    head: tuned.head,
  };
}
