/** What trials came to, beside the state of the training that followed. @module */

import type { HostTensor } from "../core/host_tensor.ts";
import type { TuningTrial } from "../store/training_manifest.ts";
import type { HeldOutPictures } from "../train/probe.ts";
import type { Tried } from "./try_rate.ts";
import type { CheckpointStore, TrainingState } from "../train/training_state.ts";

/** Trials that were made, and what the last one's model says of the images that it was scored on. */
export interface Trials extends Pick<HeldOutPictures, "logits" | "distances"> {
  readonly trials: readonly TuningTrial[];
  /** The last one's model; absent where it broke down, and after a resumption. */
  readonly tuned?: Tried["tuned"];
}

const LOGITS = "trial.logits";
const DISTANCES = "trial.distances";

/** Trials that were over when a checkpoint was made, so that they need not be made again. */
export async function resumedTrials(store: CheckpointStore): Promise<Trials | undefined> {
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

/** A store, held already, that keeps what trials came to beside the state of the training. */
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
