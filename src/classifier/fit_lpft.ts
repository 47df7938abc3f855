/** LP-FT that is saved only if it is better than the probe that it starts from. @module */

import { featureDistances } from "../model/feature_distance.ts";
import type { TuningTrial } from "../store/training_manifest.ts";
import { fineTune, type FineTuned } from "./fine_tune.ts";
import type { ResolvedFinetune } from "./resolve_training.ts";
import type { Trained, TrainingInputs } from "./trained.ts";
import { courseOfTuning } from "./training_course.ts";
import { resumedTrials, type Trials, withTrials } from "./trial_checkpoint.ts";
import { type Attempt, openTrial, type Setting, type Tried, tryRate } from "./try_rate.ts";
import { chosenBy, isBetter, standardErrors } from "./tuning_choice.ts";
import { divide } from "./validation_part.ts";
import { wiseFt } from "./wise_ft.ts";

/** Share of the images that trials are scored on; the others are learnt from. */
const TRIAL_VALIDATION = 0.2;

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
  training: ResolvedFinetune,
  probe: () => Promise<Trained>,
): Promise<Trained> {
  const setting: Setting = { inputs, training };
  const chosen = training.comparison === "validation"
    ? await byValidation(setting)
    : await byTrials(setting);
  training.onNote?.(chosen.course.tuning!.reason, "chosen");
  if ("head" in chosen) return chosen;
  const kept = await probe();
  return { ...kept, course: { ...kept.course, ...chosen.course } };
}

/** The fine-tuned model, or the choice alone if it is the probe. */
type Chosen = Trained | { readonly course: Pick<Trained["course"], "tuning"> };

/** If there are no images to compare on. */
const NO_IMAGES: Chosen = {
  course: { tuning: chosenBy([], 0, { kept: "probe", errors: 0 }) },
};

/** Fine-tunes with a validation set that chooses the epoch, and compares with the probe on the same set. */
async function byValidation(setting: Setting): Promise<Chosen> {
  const { inputs: { data }, training } = setting;
  const { randomState } = training;
  const parts = divide(data, { ...training.validation, randomState });
  const { validation } = parts;
  if (validation === undefined) return NO_IMAGES;
  const { start, before } = await openTrial(setting, { ...parts, validation });
  const { trial, tuned } = await tryRate(setting, {
    ...{ start, before, isValidated: true },
    data: { train: parts.train, validation },
  });
  const errors = standardErrors(validation.length, training);
  const better = isBetter(trial, errors);
  const choice = chosenBy([trial], validation.length, {
    kept: better ? "lpft" : "probe",
    errors,
  });
  if (tuned === undefined || !better) return { course: { tuning: choice } };
  const { run, weights, head } = tuned;
  const course = courseOfTuning("lpft", run, {
    rows: validation.length,
    part: training.validation.part ?? "validation",
  });
  return { weights, head, validation, course: { ...course, tuning: choice } };
}

/** Trials on a part of the images, then the training on all of them. */
async function byTrials(setting: Setting): Promise<Chosen> {
  const { inputs, training } = setting;
  const { data, weights, recipe } = inputs;
  const { stop, checkpoint, keepShare, randomState } = training;
  const size = Math.floor(TRIAL_VALIDATION * data.length);
  const parts = divide(data, { randomState, unasked: size });
  const { validation, validationRows } = parts;
  if (validation === undefined) return NO_IMAGES;
  const images = validation.length;
  await using _held = await checkpoint?.store.hold?.();
  const { start, before } = await openTrial(setting, { ...parts, validation });
  const resumed = checkpoint?.resume
    ? await resumedTrials(checkpoint.store, {
      images,
      classes: data.classes.length,
      learningRates: training.trials.map(({ learningRate }) => learningRate),
    })
    : undefined;
  const { trials, logits, distances, tuned }: Trials = resumed ?? await runTrials(setting, {
    ...{ start, before, isValidated: false },
    data: { train: parts.train, validation },
  });
  const errors = standardErrors(images, training);
  const better = isBetter(trials.at(-1)!, errors);
  const choice = chosenBy(trials, images, { kept: better ? "lpft" : "probe", errors });
  if (!better) return { course: { tuning: choice } };
  const heldOut = { rows: validationRows!, logits, distances };
  const { learningRate, epochsAfter } = training.trials[trials.length - 1];
  const run = await untilStopped(stop, () =>
    // A state that is resumed holds the weights that the trial ended with.
    fineTune({ ...start, ...tuned?.run, recipe }, { train: data }, {
      ...training,
      ...{ learningRate, epochs: epochsAfter, keepShare: 1 },
      onStart: undefined,
      checkpoint: checkpoint && {
        ...checkpoint,
        store: withTrials(checkpoint.store, { logits, distances }),
        identity: {
          weights: weights.sha256,
          head: "that of the trial",
          keepShare: String(keepShare), // the trials were scored by it
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
async function runTrials({ inputs, training }: Setting, attempt: Attempt): Promise<Trials> {
  const { onProgress, stop } = training;
  const trials: TuningTrial[] = [];
  let last: Tried["tuned"];
  for (const [i, { learningRate, epochs }] of training.trials.entries()) {
    const stage = `trial ${i + 1} of ${training.trials.length}`;
    const ofTrial: ResolvedFinetune = {
      ...training,
      ...{ learningRate, epochs },
      ...{ checkpoint: undefined, onEpoch: undefined },
      onProgress: onProgress &&
        ((progress) => onProgress({ ...progress, stage: `${stage}, ${progress.stage}` })),
    };
    const tried = await tryRate({ inputs, training: ofTrial }, attempt);
    last = tried.tuned;
    // The scores of a stopped trial mean nothing, and there is no other model yet.
    if (last?.run.fit.stopped) throw stop!.reason;
    trials.push(tried.trial);
    if (isBetter(tried.trial, standardErrors(attempt.data.validation.length, training))) break;
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
