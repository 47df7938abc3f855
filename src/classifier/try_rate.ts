/** Fine-tuning beside the probe that it starts from, on images that neither has learnt from. @module */

import type { ImageDataset } from "../data/dataset.ts";
import { brierScores, pairedDifference } from "../evaluate/brier.ts";
import { likeliest } from "../evaluate/likeliest.ts";
import { type FeatureMatrix, type Head, logits, softmax, takeRows } from "../model/heads.ts";
import { createTrunk } from "../model/trunk.ts";
import type { TuningTrial } from "../store/training_manifest.ts";
import { Breakdown } from "../train/breakdown.ts";
import { extractFeatures } from "../train/features.ts";
import { eitherSignal } from "./either_signal.ts";
import { fineTune, type FineTuned, type FineTuneData } from "./fine_tune.ts";
import type { FineTuneStart } from "./fine_tune_network.ts";
import { fitHead } from "./fit_head.ts";
import type { ResolvedFinetune } from "./resolve_training.ts";
import type { TrainingInputs } from "./trained.ts";
import type { Divided } from "./validation_part.ts";
import { wiseFt } from "./wise_ft.ts";

/** A model on images that it has not learnt from. */
export interface Scored {
  readonly logits: Float32Array;
  /** Brier score of each image. */
  readonly scores: Float64Array;
  readonly correct: number;
  readonly features: FeatureMatrix;
}

/** What is trained, and how. */
export interface Setting {
  readonly inputs: TrainingInputs;
  readonly training: ResolvedFinetune;
}

/** A start, and the images that it is trained and scored on. */
export interface Attempt {
  readonly start: FineTuneStart;
  /** The probe on the validation images. */
  readonly before: Scored;
  readonly data: Required<FineTuneData>;
  /** Whether a validation set chooses the epoch; else it is looked at when training is over. */
  readonly isValidated: boolean;
}

/** Result of a trial. */
export interface Tried {
  readonly trial: TuningTrial;
  /** The model; absent where training broke down. */
  readonly tuned?: {
    readonly run: FineTuned;
    readonly weights: FineTuned["weights"];
    readonly head: Head;
    readonly after: Scored;
  };
}

/** Fine-tunes from the probe at the training's learning rate and compares both. */
export async function tryRate(
  { inputs, training }: Setting,
  { start, before, data: { train, validation }, isValidated }: Attempt,
): Promise<Tried> {
  const { learningRate, classWeights, keepShare } = training;
  const trial = { learningRate, probeCorrect: before.correct };
  let run: FineTuned;
  try {
    const data = isValidated ? { train, validation } : { train };
    run = await fineTune(start, data, { ...training, keepShare: 1 });
  } catch (error) {
    if (!(error instanceof Breakdown)) throw error;
    const worst = { difference: 2, standardError: 0 };
    return { trial: { ...trial, epochs: 0, tunedCorrect: 0, ...worst } };
  }
  const ended = await wiseFt(start, run, keepShare);
  const after = await score(ended, validation, { inputs, training });
  return {
    trial: {
      ...trial,
      epochs: run.fit.history.length,
      tunedCorrect: after.correct,
      ...pairedDifference(
        before.scores,
        after.scores,
        classWeights && Float64Array.from(validation.labels, (label) => classWeights[label]),
      ),
    },
    tuned: { run, ...ended, after },
  };
}

/** The probe of the images to learn from, and its scores on the others. */
export async function openTrial(
  setting: Setting,
  { train, rows, validation, validationRows }: Divided & Required<Pick<Divided, "validation">>,
): Promise<{ readonly start: FineTuneStart & { readonly head: Head }; readonly before: Scored }> {
  const { weights, features, recipe } = setting.inputs;
  const head = await headOn(setting, rows ? takeRows(features, rows) : features, train);
  const before = validationRows
    ? scored(head, takeRows(features, validationRows), validation)
    : await score({ weights, head }, validation, setting);
  return { start: { weights, recipe, head }, before };
}

/** Fine-tuning makes views of its own: what it starts from learns from the images themselves. */
async function headOn(
  { training }: Setting,
  features: FeatureMatrix,
  { labels, classes, length }: ImageDataset,
): Promise<Head> {
  const { classWeights, randomState, onProgress } = training;
  const own = features.rows === length
    ? features
    : takeRows(features, Int32Array.from(labels.keys()));
  const signal = eitherSignal(training);
  return await fitHead(own, labels, classes, { randomState, classWeights, onProgress, signal });
}

/** Scores of a model on images whose features are not known yet. */
async function score(
  { weights, head }: { readonly weights: FineTuned["weights"]; readonly head: Head },
  images: ImageDataset,
  { inputs: { recipe }, training: { signal } }: Setting,
): Promise<Scored> {
  using trunk = createTrunk(weights);
  return scored(head, await extractFeatures(trunk, images, { ...recipe, signal }), images);
}

function scored(head: Head, features: FeatureMatrix, images: ImageDataset): Scored {
  const classes = images.classes.length;
  const { labels } = images;
  const answers = logits(head, features);
  const probabilities = softmax(answers, classes);
  const classOf = likeliest(probabilities, classes);
  return {
    logits: answers,
    scores: brierScores(probabilities, labels, { classes }),
    correct: labels.filter((label, i) => classOf[i] === label).length,
    features,
  };
}
