/** What `resumable.ts` trains, and what of it is compared. @module */
import type { HostTensor } from "../../../src/core/host_tensor.ts";
import { sha256Hex } from "../../../src/core/sha256.ts";
import type { EntryArray, Network } from "../../../src/model/network.ts";
import { hashTensors } from "../../../src/store/hash_tensors.ts";
import type { BatchSource } from "../../../src/train/batch_source.ts";
import type { FitNetworkOptions } from "../../../src/train/fit_options.ts";
import type { NetworkEpoch } from "../../../src/train/fit_reports.ts";

/** A training run, the same each time it is made. */
export interface Training {
  /** The network at its start. */
  readonly network: Network;
  /** Its pictures. */
  readonly source: BatchSource;
  /** All but the checkpoint. */
  readonly options: FitNetworkOptions;
}

/** Names of the trainings: `<name>_training.ts` makes each. */
export type TrainingName = "fake" | "network";

/** Makes a training by name. */
export async function makeTraining(name: TrainingName): Promise<Training> {
  const made: { makeTraining: () => Training | Promise<Training> } = await import(
    `./${name}_training.ts`
  );
  return await made.makeTraining();
}

/** Hash of all that a run leaves: values, moments, averages and history, times apart. */
export async function outcome(
  { network, options }: Training,
  history: readonly NetworkEpoch[],
): Promise<string> {
  const arrays: EntryArray[] = ["value", "first", "second"];
  if (options.averageDecay) arrays.push("average");
  const tensors = new Map<string, HostTensor>();
  for (const { name, shape } of network.entries) {
    for (const array of arrays) {
      const data = network.read(name, array);
      tensors.set(`${array} ${name}`, { dtype: "float32", shape, data });
    }
  }
  const course = JSON.stringify(history.map((epoch) => ({ ...epoch, seconds: 0 })));
  return await sha256Hex(new TextEncoder().encode(await hashTensors(tensors) + course));
}
