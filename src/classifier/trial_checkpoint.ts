/** Results of trials, stored beside the state of the training that followed. @module */

import type { HostTensor } from "../core/host_tensor.ts";
import { checkpointChecks } from "../store/parse_progress.ts";
import { parseTrials, type TuningTrial } from "../store/training_manifest.ts";
import type { HeldOutPictures } from "../train/probe.ts";
import { checkSameSettings } from "../train/same_settings.ts";
import type { Tried } from "./try_rate.ts";
import type { CheckpointStore, TrainingState } from "../train/training_state.ts";

/** Trials, and the predictions of the last one's model for the validation images. */
export interface Trials extends Pick<HeldOutPictures, "logits" | "distances"> {
  readonly trials: readonly TuningTrial[];
  /** The last one's model; absent where it broke down, and after a resumption. */
  readonly tuned?: Tried["tuned"];
}

/** Learning rates that are tried at the most. */
const MOST_TRIALS = 2;

const LOGITS = "trial.logits";
const DISTANCES = "trial.distances";

/** What trials must fit to be resumed. */
export interface TrialShape {
  /** Images that they are scored on. */
  readonly images: number;
  readonly classes: number;
  /** Learning rates of the trials, in turn. */
  readonly learningRates: readonly number[];
}

/**
 * Trials that were over when a checkpoint was made, so that they need not be made again; `undefined` if there are none.
 *
 * @throws {UserError} If they are damaged, or belong to other data or another learning rate.
 */
export async function resumedTrials(
  store: CheckpointStore,
  { images, classes, learningRates }: TrialShape,
): Promise<Trials | undefined> {
  const state = await store.load();
  const text = state?.progress.settings.trials;
  if (state === undefined || text === undefined) return undefined;
  const check = checkpointChecks(store.name);
  const trials = parseTrials(check, "settings.trials", check.parse(text, "its trials are"));
  if (trials.length === 0 || trials.length > MOST_TRIALS) {
    throw check.expected("settings.trials", trials, `1 to ${MOST_TRIALS} trials`);
  }
  const numbers = (name: string, perImage: number) => {
    const data = state.tensors.get(name)?.data;
    if (!(data instanceof Float32Array && data.every(Number.isFinite))) {
      throw check.fail(`its tensor ${name} is absent or damaged; start the training anew`);
    }
    const asSetting = (count: number) => ({ "validation images": String(count) });
    checkSameSettings(asSetting(data.length / perImage), asSetting(images), store.name);
    return data;
  };
  const rates = (list: readonly number[]) => ({ learningRate: list.join(", then ") });
  const found = trials.map(({ learningRate }) => learningRate);
  checkSameSettings(rates(found), rates(learningRates.slice(0, found.length)), store.name);
  return {
    trials: JSON.parse(text), // to the letter, fields in their order: the settings of the training hold this text
    logits: numbers(LOGITS, classes),
    distances: Float64Array.from(numbers(DISTANCES, 1)),
  };
}

/** A store, locked already, that also saves the results of trials with each state. */
export function withTrials(
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
