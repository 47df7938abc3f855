/** LP-FT that is saved only if it is better than the probe that it starts from. @module */

import { featureDistances } from "../model/feature_distance.ts";
import type { TuningTrial } from "../store/training_manifest.ts";
import { fineTune, type FineTuned } from "./fine_tune.ts";
import { FINE_TUNE_DEFAULTS } from "./fine_tune_options.ts";
import { DEFAULT_RANDOM_STATE } from "./fit_head.ts";
import type { MethodOptions, Trained, TrainingInputs } from "./trained.ts";
import { courseOfTuning } from "./training_course.ts";
import { resumedTrials, type Trials, withTrials } from "./trial_checkpoint.ts";
import { type Attempt, openTrial, type Setting, type Tried, tryRate } from "./try_rate.ts";
import { chosenBy, isBetter, standardErrors } from "./tuning_choice.ts";
import { divide } from "./validation_part.ts";
import { checkKeepShare, wiseFt } from "./wise_ft.ts";

/**
 * Learning rates that are tried where none is given, the first one first. What was tried on five data sets is in bench/RESULTS.md:
 * 0.001 adapts the backbone to small grey images, and harms it on few photos.
 */
const LEARNING_RATES: readonly number[] = [FINE_TUNE_DEFAULTS.learningRate, 3e-4];

/**
 * How far the saved weights are from the probe's network (0) to the fine-tuned one (1), where it is not given. Mean of three seeds on 3,000
 * images of small grey clothes that nothing was learnt from: accuracy 0.885 and log loss 0.366 at 0.65, 0.884 and 0.377 at 0.75.
 */
const WISE_FT_ALPHA = 0.65;

/** Share of the images that trials are scored on; the others are learnt from. */
const TRIAL_VALIDATION = 0.2;

/**
 * Epochs of the first trial, of the second one, and of the training on all images after each, over those of a training: together they
 * take at most one and a half times as long as one, whichever wins. Shorter trials (a third of the epochs, or three fifths of the images)
 * did not show what a high rate gains once it has recovered from its first steps.
 */
const EPOCHS = { trials: [3 / 4, 5 / 12], after: [2 / 3, 1 / 3] } as const;

/** With more epochs than these a validation set chooses the epoch; with fewer the schedule has them end with the best. */
const MOST_UNJUDGED_EPOCHS = 24;

/** The probe beside LP-FT. */
export interface ProbeOptions {
  /** Trains it on all images, or gives the one that was. */
  readonly probe: () => Promise<Trained>;
  /** Whether nobody asked for fine-tuning: it then has to be better by a standard error at the least. */
  readonly automatic: boolean;
}

/**
 * Trains a probe, then the whole network from there, and returns whichever is better on images that neither has learnt from.
 *
 * Both learn from the same images and are compared on the same others, by the Brier score of each. The probe is returned, trained on
 * all images, unless fine-tuning is better by as much as `standardErrors` says.
 *
 * Where a validation set is asked for, it also chooses the epoch, and its images are not learnt from. Else a trial on four fifths of the
 * images is scored on the others; where no learning rate is given and the default one does not win, a lower one has a shorter trial. The
 * network that wins goes on learning, from all images.
 *
 * @throws {UserError} As `fineTune` does.
 */
export async function fitFromProbe(
  inputs: TrainingInputs,
  given: MethodOptions,
  { probe, automatic }: ProbeOptions,
): Promise<Trained> {
  const options = {
    ...given,
    learningRate: given.learningRate ?? given.fineTune?.learningRate,
    epochs: given.epochs ?? given.fineTune?.epochs,
  };
  const { fineTune: tuning, augment, validation, earlyStopping, ...rest } = options;
  const { randomState = DEFAULT_RANDOM_STATE, epochs = FINE_TUNE_DEFAULTS.epochs } = rest;
  const { keepShare = WISE_FT_ALPHA } = tuning ?? {};
  checkKeepShare(keepShare);
  const setting: Setting = {
    inputs,
    options,
    tuning: { ...tuning, ...rest, transform: augment?.transform, randomState, keepShare: 1 },
    keepShare,
    randomState,
    automatic,
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

/** The fine-tuned model, or the choice alone if it is the probe. */
type Chosen = Trained | { readonly course: Pick<Trained["course"], "tuning"> };

/** Fine-tunes with a validation set that chooses the epoch, and compares with the probe on the same set. */
async function byValidation(setting: Setting): Promise<Chosen> {
  const { inputs: { data }, options, tuning, randomState } = setting;
  const { validation: asked, earlyStopping } = options;
  const parts = divide(data, { ...asked, randomState });
  const { validation } = parts;
  if (validation === undefined) {
    return { course: { tuning: chosenBy([], 0, { kept: "probe", errors: 0 }) } };
  }
  const { start, before } = await openTrial(setting, { ...parts, validation });
  const learningRate = options.learningRate ?? FINE_TUNE_DEFAULTS.learningRate;
  const { trial, tuned } = await tryRate(setting, {
    ...{ start, before, validation },
    train: parts.train,
    options: { ...tuning, learningRate, validation, stopping: earlyStopping },
  });
  const errors = standardErrors(validation.length, setting);
  const better = isBetter(trial, errors);
  const choice = chosenBy([trial], validation.length, {
    kept: better ? "lpft" : "probe",
    errors,
  });
  if (tuned === undefined || !better) return { course: { tuning: choice } };
  const { run, weights, head } = tuned;
  const course = courseOfTuning("lpft", run, {
    rows: validation.length,
    part: asked?.part ?? "validation",
  });
  return { weights, head, validation, course: { ...course, tuning: choice } };
}

/** Trials on a part of the images, then the training on all of them. */
async function byTrials(setting: Setting, epochs: number): Promise<Chosen> {
  const { inputs, options, tuning, keepShare, randomState } = setting;
  const { data, weights, recipe } = inputs;
  const { stop } = options;
  const { checkpoint } = tuning;
  const size = Math.floor(TRIAL_VALIDATION * data.length);
  const parts = divide(data, { randomState, unasked: size });
  const { validation, validationRows } = parts;
  if (validation === undefined) {
    return { course: { tuning: chosenBy([], 0, { kept: "probe", errors: 0 }) } };
  }
  const images = validation.length;
  await using _held = await checkpoint?.store.hold?.();
  const trial = await openTrial(setting, { ...parts, validation });
  const { start } = trial;
  const resumed = checkpoint?.resume
    ? await resumedTrials(checkpoint.store, {
      images,
      classes: data.classes.length,
      learningRate: options.learningRate,
    })
    : undefined;
  const { trials, logits, distances, tuned }: Trials = resumed ??
    await runTrials(setting, { ...trial, train: parts.train, validation }, epochs);
  const { learningRate } = trials.at(-1)!;
  const errors = standardErrors(images, setting);
  const better = isBetter(trials.at(-1)!, errors);
  const choice = chosenBy(trials, images, { kept: better ? "lpft" : "probe", errors });
  if (!better) return { course: { tuning: choice } };
  const heldOut = { rows: validationRows!, logits, distances };
  const run = await untilStopped(stop, () =>
    // A state that is resumed holds the weights that the trial ended with.
    fineTune({ ...start, ...tuned?.run, recipe }, data, {
      ...tuning,
      learningRate,
      epochs: options.epochs ?? Math.ceil(EPOCHS.after[trials.length - 1] * epochs),
      onStart: undefined,
      checkpoint: checkpoint && {
        ...checkpoint,
        store: withTrials(checkpoint.store, { logits, distances }),
        identity: {
          weights: weights.sha256,
          head: "that of the trial",
          ...checkpoint.identity,
          trials: JSON.stringify(trials),
        },
      },
    }));
  if (run !== undefined) {
    const course = { ...courseOfTuning("lpft", run, undefined), tuning: choice };
    const ended = await wiseFt(start, run, keepShare);
    const details = { ...ended.head.details, startedFrom: weights.sha256 };
    return { ...ended, head: { ...ended.head, details }, heldOut, course };
  }
  // Amid its schedule a network may be worse than the probe; that of the trial is known not to be.
  if (tuned === undefined) throw stop!.reason;
  const reason = `${choice.reason}; stopped before all images were learnt from`;
  const course = courseOfTuning("lpft", tuned.run, undefined);
  return {
    weights: tuned.weights,
    head: tuned.head,
    heldOut,
    course: { ...course, tuning: { ...choice, reason } },
  };
}

/** A training; undefined where it was stopped. */
async function untilStopped(
  stop: AbortSignal | undefined,
  train: () => Promise<FineTuned>,
): Promise<FineTuned | undefined> {
  try {
    const run = await train();
    return run.fit.stopped ? undefined : run;
  } catch (error) {
    if (stop?.aborted && error === stop.reason) return undefined;
    throw error;
  }
}

/** Trials until a learning rate is better than the probe, or all have been tried. */
async function runTrials(
  { options, tuning, ...setting }: Setting,
  parts: Omit<Attempt, "options">,
  epochs: number,
): Promise<Trials> {
  const { onProgress } = options;
  const rates = options.learningRate === undefined ? LEARNING_RATES : [options.learningRate];
  const trials: TuningTrial[] = [];
  let last: Tried["tuned"];
  for (const [i, learningRate] of rates.entries()) {
    const tried = await tryRate({ ...setting, options, tuning }, {
      ...parts,
      options: {
        ...tuning,
        learningRate,
        epochs: Math.ceil(EPOCHS.trials[i] * epochs),
        checkpoint: undefined,
        onEpoch: undefined,
        onProgress: onProgress && ((progress) =>
          onProgress({
            ...progress,
            stage: `trial ${i + 1} of ${rates.length}, ${progress.stage}`,
          })),
      },
    });
    last = tried.tuned;
    // The scores of a stopped trial mean nothing, and there is no other model yet.
    if (last?.run.fit.stopped) throw options.stop!.reason;
    trials.push(tried.trial);
    if (isBetter(tried.trial, standardErrors(parts.validation.length, setting))) break;
  }
  return {
    trials,
    logits: last?.after.logits ?? new Float32Array(),
    // Rounded as a checkpoint keeps them.
    distances: last === undefined
      ? new Float64Array()
      : featureDistances(last.head, last.after.features)!.map(Math.fround),
    tuned: last,
  };
}
