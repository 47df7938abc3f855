/** A training run as it goes: begun or resumed, saved, and judged after each epoch. @module */
import { UserError } from "../core/errors.ts";
import { RandomState } from "../core/random.ts";
import type { EntryArray, Network } from "../model/network.ts";
import type { BatchSource } from "./batch_source.ts";
import { Breakdown } from "./breakdown.ts";
import type { FitSettings } from "./fit_options.ts";
import type { NetworkEpoch, StepReport, Validation } from "./fit_reports.ts";
import type { GoodWeights } from "./good_weights.ts";
import { type EntryValues, readChanging, writeAll } from "./network_values.ts";
import { adoptAverage, startRegularising, withAverage } from "./regularise.ts";
import { checkSameSettings } from "./same_settings.ts";
import { type SettingsText, settingsText } from "./settings_text.ts";
import {
  type CheckpointOptions,
  type EpochSums,
  restoreTensors,
  stateTensors,
  type TrainingProgress,
} from "./training_state.ts";

/** Where a run stands; see `TrainingProgress` for the fields. */
export interface TrainingRun {
  /** Updates that were made. */
  step: number;
  /** Epoch that the next step belongs to, from 1. */
  epoch: number;
  /** Steps of it that were made. */
  batch: number;
  /** What these came to. */
  sums: EpochSums;
  /** Generator of orders, as it was at the beginning of the epoch. */
  random: RandomState;
  /** The epochs that are over. */
  readonly history: NetworkEpoch[];
  /** Best epoch so far. */
  best: TrainingProgress["best"];
  /** Its weights, where the run is to end with them. */
  bestValues: EntryValues | undefined;
  /** The cool-down that it is in. */
  coolDown: TrainingProgress["coolDown"];
  /** Whether the run is over. */
  finished: boolean;
  /** Step at which it was resumed. */
  readonly resumedAt: number | undefined;
  /** Settings as text, where the run is kept. */
  readonly settings: SettingsText;
}

const NOTHING: EpochSums = { loss: 0, correct: 0, rows: 0, norm: 0, seconds: 0, learningRate: 0 };

/**
 * Begins a run with the network as it is, or resumes the one that the checkpoint holds.
 *
 * @param batches Steps of an epoch.
 * @throws {UserError} When there is a run already and it is not to be resumed, it belongs to other settings, or its numbers do not fit
 * together.
 */
export async function openRun(
  network: Network,
  source: BatchSource,
  settings: FitSettings,
  batches: number,
): Promise<TrainingRun> {
  const { checkpoint } = settings;
  const text = checkpoint ? await settingsText(network, source, settings) : {};
  const resumed = checkpoint?.resume ? await checkpoint.store.load() : undefined;
  if (resumed !== undefined) {
    const { name } = checkpoint!.store;
    const { progress } = resumed;
    checkSameSettings(progress.settings, text, name);
    checkProgress(progress, settings, batches, name);
    const { random, best } = restoreTensors(network, resumed, {
      arrays: arraysOf(settings),
      best: settings.keep === "best",
      source: name,
    });
    const { step, epoch, batch, sums, coolDown, finished } = progress;
    return {
      step,
      epoch,
      batch,
      sums,
      coolDown,
      finished,
      random,
      bestValues: best,
      best: progress.best,
      history: [...progress.history],
      resumedAt: step,
      settings: text,
    };
  }
  await refuseOccupied(checkpoint);
  clearMoments(network, settings);
  startRegularising(network, settings);
  return {
    step: 0,
    epoch: 1,
    batch: 0,
    sums: NOTHING,
    coolDown: null,
    finished: false,
    history: [],
    random: new RandomState(settings.randomState),
    best: null,
    bestValues: undefined,
    resumedAt: undefined,
    settings: text,
  };
}

/** @throws {UserError} (rejects) If there is a run already and it is not to be resumed. */
export async function refuseOccupied(checkpoint: CheckpointOptions | undefined): Promise<void> {
  if (checkpoint === undefined || checkpoint.resume || !await checkpoint.store.occupied()) return;
  throw new UserError(
    `Cannot train the network: ${checkpoint.store.name} holds a training run already; resume it, or name another place`,
  );
}

/** Numbers that contradict one another would make a run that never ends, or one that silently does less than was asked for. */
function checkProgress(
  { step, epoch, batch, sums, best, coolDown, finished }: TrainingProgress,
  { epochs, earlyStopping }: FitSettings,
  batches: number,
  name: string,
): void {
  const last = coolDown?.lastEpoch ?? epochs;
  const done = epoch > last;
  const cooling = coolDown === null ||
    earlyStopping !== undefined && last <= epochs && coolDown.after < step + 1 &&
      coolDown.after + coolDown.steps === last * batches;
  const fits = batch <= batches && step === (epoch - 1) * batches + batch &&
    (sums.rows > 0) === (batch > 0) && sums.correct <= sums.rows &&
    epoch <= last + 1 && (finished ? done || earlyStopping !== undefined : !done) && cooling &&
    (best === null || best.epoch < epoch);
  if (fits) return;
  throw new UserError(
    `Cannot resume the training from ${name}: step ${step}, epoch ${epoch} and batch ${batch} do not fit together, expected ${batches} steps in each of ${epochs} epochs; the file is damaged, start the training anew`,
  );
}

/** Keeps the run as it stands; does nothing when it is not to be kept. */
export async function saveRun(
  network: Network,
  run: TrainingRun,
  settings: FitSettings,
): Promise<void> {
  const { step, epoch, batch, sums, history, best, coolDown, finished, random } = run;
  await settings.checkpoint?.store.save({
    progress: {
      settings: run.settings,
      step,
      epoch,
      batch,
      sums,
      history,
      best,
      coolDown,
      finished,
      generatorPosition: random.state().position,
    },
    tensors: stateTensors(network, { random, best: run.bestValues, arrays: arraysOf(settings) }),
  });
}

/** Takes a step into account. */
export function countStep(
  run: TrainingRun,
  { loss, gradientNorm, learningRate }: StepReport,
  { rows, correct, seconds }: Pick<EpochSums, "rows" | "correct" | "seconds">,
): void {
  const { sums } = run;
  run.step++;
  run.batch++;
  run.sums = {
    loss: sums.loss + loss * rows,
    correct: sums.correct + correct,
    rows: sums.rows + rows,
    norm: sums.norm + gradientNorm,
    seconds: sums.seconds + seconds,
    learningRate,
  };
}

/** What the end of an epoch needs. */
export interface EpochEnd {
  /** Options of the run. */
  readonly settings: FitSettings;
  /** Generator of the next epoch's order. */
  readonly next: RandomState;
  /** Weights to go back to. */
  readonly good: GoodWeights;
}

/**
 * Ends the epoch: validates it, notes whether it is the best, and makes the run ready for the next one.
 *
 * @returns The epoch, as it went into the history.
 * @throws {UserError} When validation gives no finite numbers; the network then has the last good weights again.
 */
export async function endEpoch(
  network: Network,
  run: TrainingRun,
  { settings, next, good }: EpochEnd,
): Promise<NetworkEpoch> {
  const { epoch, sums, batch } = run;
  const { validate, averageDecay } = settings;
  const judge = async () => {
    const validation = await validate!(network, epoch);
    if (isFinite(validation)) noteBest(network, run, validation, settings);
    return validation;
  };
  const validation = validate &&
    await (averageDecay > 0 ? withAverage(network, judge) : judge());
  if (validation && !isFinite(validation)) {
    const { loss, accuracy } = validation;
    throw new Breakdown(
      `Cannot go on training: validation gives loss ${loss} and accuracy ${accuracy} after step ${run.step} (epoch ${epoch}) with learning rate ${sums.learningRate}, expected finite numbers; ` +
        `the network has its weights of step ${good.restore()} again; use a smaller learning rate`,
    );
  }
  const record: NetworkEpoch = {
    epoch,
    loss: sums.loss / sums.rows,
    accuracy: sums.correct / sums.rows,
    learningRate: sums.learningRate,
    gradientNorm: sums.norm / batch,
    seconds: sums.seconds,
    ...(validation && { validation: { loss: validation.loss, accuracy: validation.accuracy } }),
  };
  run.history.push(record);
  goOn(network, run, settings);
  run.epoch++;
  run.batch = 0;
  run.sums = NOTHING;
  run.random = next;
  return record;
}

/** Ends the run, or begins its cool-down, where it is time for that after an epoch. */
function goOn(network: Network, run: TrainingRun, { epochs, earlyStopping }: FitSettings): void {
  const { epoch, step, batch, best, coolDown } = run;
  run.finished = epoch === (coolDown?.lastEpoch ?? epochs);
  if (run.finished || coolDown || !earlyStopping || !best) return;
  if (epoch - best.epoch < earlyStopping.patience) return;
  const lastEpoch = Math.min(epochs, epoch + (earlyStopping.coolDown ?? 0));
  if (lastEpoch === epoch) {
    run.finished = true;
    return;
  }
  run.coolDown = { after: step, steps: (lastEpoch - epoch) * batch, lastEpoch };
  if (run.bestValues) writeAll(network, run.bestValues, "value");
}

/** Gives the network the weights that the run ends with. */
export function finishRun(network: Network, run: TrainingRun, settings: FitSettings): void {
  if (run.bestValues) writeAll(network, run.bestValues, "value");
  else if (settings.averageDecay > 0) adoptAverage(network);
}

function isFinite({ loss, accuracy }: Validation): boolean {
  return Number.isFinite(loss) && Number.isFinite(accuracy);
}

function noteBest(
  network: Network,
  run: TrainingRun,
  { loss, accuracy }: Validation,
  { monitor, earlyStopping, keep }: FitSettings,
): void {
  const score = monitor === "loss" ? -loss : accuracy;
  if (run.best && !(score > run.best.score + (earlyStopping?.minDelta ?? 0))) return;
  run.best = { epoch: run.epoch, score };
  if (keep === "best") run.bestValues = readChanging(network);
}

/** Arrays that the run uses beside values. */
function arraysOf({ optimizer, startDecay, averageDecay }: FitSettings): EntryArray[] {
  const arrays: EntryArray[] = ["first"];
  if (optimizer.kind !== "sgd") arrays.push("second");
  if (startDecay > 0) arrays.push("start");
  if (averageDecay > 0) arrays.push("average");
  return arrays;
}

/** Moments may be left from an earlier run of the same network. */
function clearMoments(network: Network, { optimizer }: FitSettings): void {
  for (const { name, trainable } of network.entries) {
    if (!trainable) continue;
    const zeros = new Float32Array(network.read(name).length);
    network.write(name, zeros, "first");
    if (optimizer.kind !== "sgd") network.write(name, zeros, "second");
  }
}
