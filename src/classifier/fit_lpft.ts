/** LP-FT that is saved only if it is better than the probe that it starts from. @module */

import type { HostTensor } from "../core/host_tensor.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { brierScores, pairedDifference } from "../evaluate/brier.ts";
import { likeliest } from "../evaluate/likeliest.ts";
import { featureDistances } from "../model/feature_distance.ts";
import { type FeatureMatrix, type Head, logits, softmax, takeRows } from "../model/heads.ts";
import { createTrunk } from "../model/trunk.ts";
import type { TuningTrial } from "../store/training_manifest.ts";
import { extractFeatures } from "../train/features.ts";
import type { HeldOutPictures } from "../train/probe.ts";
import type { CheckpointOptions, CheckpointStore, TrainingState } from "../train/training_state.ts";
import { eitherSignal } from "./either_signal.ts";
import { fineTune, type FineTuned } from "./fine_tune.ts";
import type { FineTuneStart } from "./fine_tune_network.ts";
import { FINE_TUNE_DEFAULTS } from "./fine_tune_options.ts";
import { DEFAULT_RANDOM_STATE, fitHead } from "./fit_head.ts";
import type { MethodOptions, Trained, TrainingInputs } from "./fit_method.ts";
import { courseOfTuning } from "./training_course.ts";
import { chosenBy, isBetter } from "./tuning_choice.ts";
import { divide, type Divided } from "./validation_part.ts";
import { checkKeepShare, wiseFt } from "./wise_ft.ts";

/**
 * Learning rates that are tried where none is given, the first one first. What was tried on five data sets is in bench/RESULTS.md:
 * 0.001 adapts the backbone to small grey images, and harms it on few photos.
 */
export const LEARNING_RATES: readonly number[] = [FINE_TUNE_DEFAULTS.learningRate, 3e-4];

/** Share of the images that a trial is scored on; the others are learnt from. */
const TRIAL_VALIDATION = 0.4;

/** Epochs of a trial, over those of the training: two trials and the training take as long as one and a half trainings. */
const TRIAL_EPOCHS = 5 / 12;

/** Epochs of the training after a second trial, over those after the first. */
const EPOCHS_AFTER_TWO = 2 / 3;

/** With more epochs than these a validation set chooses the epoch; with fewer the schedule has them end with the best. */
const MOST_UNJUDGED_EPOCHS = 24;

/** A model on images that it has not learnt from. */
interface Scored {
  readonly logits: Float32Array;
  /** Brier score of each image. */
  readonly scores: Float64Array;
  readonly correct: number;
  readonly features: FeatureMatrix;
}

/** What the parts of {@linkcode fitFromProbe} share. */
interface Setting {
  readonly inputs: TrainingInputs;
  readonly options: MethodOptions;
  /** Options of fine-tuning; its weights are those at the end, not yet between start and end. */
  readonly tuning: Parameters<typeof fineTune>[2];
  readonly keepShare: number;
  readonly randomState: number;
}

/**
 * Trains a probe, then the whole network from there, and returns whichever is better on images that neither has learnt from.
 *
 * Both learn from the same images and are compared on the same others, by the Brier score of each. The probe is returned, trained on
 * all images, unless fine-tuning is better by more than the standard error of the difference.
 *
 * Where a validation set is asked for, it also chooses the epoch, and its images are not learnt from. Else a short trial on three fifths
 * of the images is scored on the others; where no learning rate is given and the default one does not win, a lower one has another
 * trial. With the learning rate that wins the network is trained on all images.
 *
 * @param probe Trains the probe on all images.
 * @throws {UserError} As `fineTune` does.
 */
export async function fitFromProbe(
  inputs: TrainingInputs,
  options: MethodOptions,
  probe: () => Promise<Trained>,
): Promise<Trained> {
  const { fineTune: tuning, augment, validation, earlyStopping, ...rest } = options;
  const { randomState = DEFAULT_RANDOM_STATE, epochs = FINE_TUNE_DEFAULTS.epochs } = rest;
  const { keepShare = FINE_TUNE_DEFAULTS.keepShare } = tuning ?? {};
  checkKeepShare(keepShare);
  const setting: Setting = {
    inputs,
    options,
    tuning: { ...tuning, ...rest, transform: augment?.transform, randomState, keepShare: 1 },
    keepShare,
    randomState,
  };
  const chosen = validation !== undefined || earlyStopping !== undefined ||
      epochs > MOST_UNJUDGED_EPOCHS
    ? await byValidation(setting)
    : await byTrials(setting, epochs);
  rest.onNote?.(chosen.course.tuning!.reason, "chosen");
  if ("head" in chosen) return chosen;
  const kept = await probe();
  return { ...kept, course: { ...kept.course, ...chosen.course } };
}

/** What a choice comes to: a training, or the choice alone where it is the probe. */
type Chosen = Trained | { readonly course: Pick<Trained["course"], "tuning"> };

/** Fine-tuning that a validation set judges, and the probe on the same set. */
async function byValidation(setting: Setting): Promise<Chosen> {
  const { inputs: { data }, options, tuning, keepShare, randomState } = setting;
  const { validation: asked, earlyStopping } = options;
  const parts = divide(data, { ...asked, randomState });
  const { validation } = parts;
  if (validation === undefined) return { course: { tuning: chosenBy([], 0, "probe") } };
  const { start, before } = await openTrial(setting, { ...parts, validation });
  const run = await fineTune(start, parts.train, {
    ...tuning,
    validation,
    stopping: earlyStopping,
  });
  const ended = await wiseFt(start, run, keepShare);
  const trial = trialOf(run, {
    ...{ before, validation, options },
    learningRate: options.learningRate ?? FINE_TUNE_DEFAULTS.learningRate,
    after: await score(ended, validation, setting),
  });
  const better = isBetter(trial, validation.length);
  const choice = chosenBy([trial], validation.length, better ? "lpft" : "probe");
  if (!better) return { course: { tuning: choice } };
  const course = courseOfTuning("lpft", run, {
    rows: validation.length,
    part: asked?.part ?? "validation",
  });
  return { ...ended, validation, course: { ...course, tuning: choice } };
}

/** Trials on a part of the images, then the training on all of them. */
async function byTrials(setting: Setting, epochs: number): Promise<Chosen> {
  const { inputs, options, tuning, keepShare, randomState } = setting;
  const { data, features, weights, recipe } = inputs;
  const { checkpoint } = tuning!;
  const size = Math.floor(TRIAL_VALIDATION * data.length);
  const parts = divide(data, { randomState, unasked: size });
  const { validation, validationRows } = parts;
  if (validation === undefined) return { course: { tuning: chosenBy([], 0, "probe") } };
  const images = validation.length;
  const resumed = checkpoint?.resume ? await resumedTrials(checkpoint.store) : undefined;
  const { trials, logits, distances } = resumed ??
    await runTrials(setting, { ...parts, validation }, epochs);
  const last = trials.at(-1)!;
  if (!isBetter(last, images)) return { course: { tuning: chosenBy(trials, images, "probe") } };
  const head = await headOn(setting, features, data);
  const start = { weights, recipe, head };
  const run = await fineTune(start, data, {
    ...tuning,
    learningRate: last.learningRate,
    epochs: options.epochs ?? Math.ceil(trials.length > 1 ? EPOCHS_AFTER_TWO * epochs : epochs),
    checkpoint: checkpoint && {
      ...checkpoint,
      store: withTrials(checkpoint.store, { logits, distances }),
      identity: { ...checkpoint.identity, trials: JSON.stringify(trials) },
    },
  });
  return {
    ...await wiseFt(start, run, keepShare),
    heldOut: { rows: validationRows!, logits, distances },
    course: {
      ...courseOfTuning("lpft", run, undefined),
      tuning: chosenBy(trials, images, "lpft"),
    },
  };
}

/** Trials that were made, and what the last one's model says of the images that it was scored on. */
interface Trials extends Pick<HeldOutPictures, "logits" | "distances"> {
  readonly trials: readonly TuningTrial[];
}

async function runTrials(
  setting: Setting,
  parts: Divided & Required<Pick<Divided, "validation">>,
  epochs: number,
): Promise<Trials> {
  const { options, tuning, keepShare } = setting;
  const { validation, train } = parts;
  const { onProgress } = options;
  const rates = options.learningRate === undefined ? LEARNING_RATES : [options.learningRate];
  const { start, before } = await openTrial(setting, parts);
  const trials: TuningTrial[] = [];
  for (const [i, learningRate] of rates.entries()) {
    const run = await fineTune(start, train, {
      ...tuning,
      learningRate,
      epochs: Math.ceil(TRIAL_EPOCHS * epochs),
      checkpoint: undefined,
      onEpoch: undefined,
      onProgress: onProgress &&
        ((progress) =>
          onProgress({
            ...progress,
            stage: `trial ${i + 1} of ${rates.length}, ${progress.stage}`,
          })),
    });
    // A trial that was stopped says nothing, and there is no other model yet.
    if (run.fit.stopped) throw options.stop!.reason;
    const ended = await wiseFt(start, run, keepShare);
    const after = await score(ended, validation, setting);
    const trial = trialOf(run, { learningRate, before, after, validation, options });
    trials.push(trial);
    if (isBetter(trial, validation.length) || i === rates.length - 1) {
      // Rounded as a checkpoint keeps them.
      const distances = featureDistances(ended.head, after.features)!.map(Math.fround);
      return { trials, logits: after.logits, distances };
    }
  }
  throw new Error("no learning rate was tried");
}

/** The probe of the images to learn from, and its scores on the others. */
async function openTrial(
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
  { options, randomState }: Setting,
  features: FeatureMatrix,
  { labels, classes, length }: ImageDataset,
): Promise<Head> {
  const { classWeights, onProgress } = options;
  const own = features.rows === length
    ? features
    : takeRows(features, Int32Array.from(labels.keys()));
  const signal = eitherSignal(options);
  return await fitHead(own, labels, classes, { randomState, classWeights, onProgress, signal });
}

/** Scores of a model on images whose features are not known yet. */
async function score(
  { weights, head }: { readonly weights: FineTuned["weights"]; readonly head: Head },
  images: ImageDataset,
  { inputs: { recipe }, options: { signal } }: Setting,
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

/** Both models on the same images. */
interface Comparison {
  readonly learningRate: number;
  readonly before: Scored;
  readonly after: Scored;
  readonly validation: ImageDataset;
  readonly options: MethodOptions;
}

function trialOf(
  { fit: { history } }: FineTuned,
  { learningRate, before, after, validation: { labels }, options: { classWeights } }: Comparison,
): TuningTrial {
  return {
    learningRate,
    epochs: history.length,
    probeCorrect: before.correct,
    tunedCorrect: after.correct,
    ...pairedDifference(
      before.scores,
      after.scores,
      classWeights && Float64Array.from(labels, (label) => classWeights[label]),
    ),
  };
}

const LOGITS = "trial.logits";
const DISTANCES = "trial.distances";

/** Trials that were over when a checkpoint was made, so that they need not be made again. */
async function resumedTrials(store: CheckpointStore): Promise<Trials | undefined> {
  const state = await store.load();
  const trials = state?.progress.settings.trials;
  if (state === undefined || trials === undefined) return undefined;
  const numbers = (name: string) => state.tensors.get(name)!.data as Float32Array;
  return {
    trials: JSON.parse(trials),
    logits: numbers(LOGITS),
    distances: Float64Array.from(numbers(DISTANCES)),
  };
}

/** A store that keeps what trials came to beside the state of the training. */
function withTrials(
  store: CheckpointStore,
  { logits, distances }: Pick<Trials, "logits" | "distances">,
): CheckpointStore {
  const tensorOf = (data: Float32Array): HostTensor => ({
    dtype: "float32",
    shape: [data.length],
    data,
  });
  const more: [string, HostTensor][] = [
    [LOGITS, tensorOf(logits)],
    [DISTANCES, tensorOf(Float32Array.from(distances))],
  ];
  return {
    name: store.name,
    occupied: () => store.occupied(),
    load: () => store.load(),
    save: (state: TrainingState) =>
      store.save({ ...state, tensors: new Map([...state.tensors, ...more]) }),
  };
}
