/** Everything that a training run goes on from, as plain data. @module */
import { UserError } from "../core/errors.ts";
import type { HostTensor } from "../core/host_tensor.ts";
import { clip } from "../core/quoted.ts";
import { RandomState } from "../core/random.ts";
import type { EntryArray, Network, NetworkEntry } from "../model/network.ts";
import type { CoolDown } from "./cool_down.ts";
import type { NetworkEpoch } from "./fit_reports.ts";
import { changes, type EntryValues } from "./network_values.ts";

/** Sums over the steps of an epoch that is not over. */
export interface EpochSums {
  /** Loss times pictures. */
  readonly loss: number;
  /** Pictures that were right. */
  readonly correct: number;
  /** Pictures. */
  readonly rows: number;
  /** Gradient norms. */
  readonly norm: number;
  /** Seconds. */
  readonly seconds: number;
  /** Learning rate of the last step. */
  readonly learningRate: number;
}

/** Where a run stands: the part of its state that is no tensor. JSON holds all of it exactly. */
export interface TrainingProgress {
  /** What the course of the run depends on, in words that an error message can name: see `settingsText`. */
  readonly settings: Readonly<Record<string, string>>;
  /** Updates that were made. */
  readonly step: number;
  /** Epoch that the next step belongs to, from 1; one more than there are when all are over. */
  readonly epoch: number;
  /** Steps of it that were made. */
  readonly batch: number;
  /** What these came to. */
  readonly sums: EpochSums;
  /** The epochs that are over. */
  readonly history: readonly NetworkEpoch[];
  /** Best epoch so far and the figure that made it best; null before there is one. */
  readonly best: { readonly epoch: number; readonly score: number } | null;
  /** The cool-down that it is in; null before there is one. */
  readonly coolDown: CoolDown | null;
  /** Whether the run is over. */
  readonly finished: boolean;
  /** Position of the generator of orders within its words, at the beginning of the epoch. */
  readonly generatorPosition: number;
}

/** A run's whole state. */
export interface TrainingState {
  /** Where it stands. */
  readonly progress: TrainingProgress;
  /**
   * Values under torchvision's names; `first.`, `second.`, `start.`, `average.` and `best.` before a name are the arrays that go
   * with it, as far as the run has them. `random.key` `[624]` is the generator's state, its words as int32.
   */
  readonly tensors: ReadonlyMap<string, HostTensor>;
}

/** Where states are kept. */
export interface CheckpointStore {
  /** What messages call it. */
  readonly name: string;
  /** Whether there is a state already. */
  occupied(): Promise<boolean>;
  /** The state that was saved last; undefined when there is none. */
  load(): Promise<TrainingState | undefined>;
  /** Keeps a state in place of the one before: wholly, or not at all. */
  save(state: TrainingState): Promise<void>;
  /**
   * Keeps other trainings away, also those of this process, until what it returns is disposed; absent if there cannot be any, or if
   * the caller holds the store already.
   *
   * @throws {UserError} (rejects) When another training is under way there.
   */
  hold?(): Promise<AsyncDisposable>;
}

/** How a run is kept. */
export interface CheckpointOptions {
  /** Where. */
  readonly store: CheckpointStore;
  /** Also after every so many steps, not just after each epoch and at an abort. */
  readonly every?: number;
  /**
   * Goes on where the state that is there was taken, to the same bits as if the run had never been interrupted; starts
   * anew when there is none. Without it a state that is there is an error, never written over.
   *
   * @default {false}
   */
  readonly resume?: boolean;
  /** What else the run depends on and the network does not tell, by name: checkpoint of the weights, dropout, policy … */
  readonly identity?: Readonly<Record<string, string>>;
}

/** Words of the generator, see `RandomState`. */
const KEY = "random.key";

/** What a state is made of besides the network. */
export interface RunArrays {
  /** Generator of orders, as it was at the beginning of the epoch. */
  readonly random: RandomState;
  /** Weights of the best epoch, where they are kept. */
  readonly best?: EntryValues;
  /** Arrays that go with entries that learn, as far as the run uses them. */
  readonly arrays: readonly EntryArray[];
}

/** Options of {@linkcode restoreTensors}. */
export interface RestoreOptions extends Pick<RunArrays, "arrays"> {
  /** Whether the weights of the best epoch are kept, once there is one. */
  readonly best: boolean;
  /** What messages call the state. */
  readonly source: string;
}

/** The tensors of a state: see {@linkcode TrainingState}. */
export function stateTensors(
  network: Network,
  { random, best, arrays }: RunArrays,
): Map<string, HostTensor> {
  const tensors = new Map<string, HostTensor>();
  for (const { name, shape, array, entryName } of namesOf(network, arrays)) {
    tensors.set(name, { dtype: "float32", shape, data: network.read(entryName, array) });
  }
  for (const entry of best ? network.entries.filter(changes) : []) {
    const data = best!.get(entry.name)!;
    tensors.set(`best.${entry.name}`, { dtype: "float32", shape: entry.shape, data });
  }
  const { key } = random.state();
  const words = new Int32Array(key.buffer, key.byteOffset, key.length);
  return tensors.set(KEY, { dtype: "int32", shape: [words.length], data: words });
}

/**
 * Writes a state's tensors to the network.
 *
 * @throws {UserError} When a tensor is missing or has another shape; nothing was written then.
 */
export function restoreTensors(
  network: Network,
  { tensors, progress }: TrainingState,
  { arrays, best: keepsBest, source }: RestoreOptions,
): Omit<RunArrays, "arrays"> {
  const take = (name: string, dtype: HostTensor["dtype"], shape: readonly number[]) => {
    const tensor = tensors.get(name);
    if (tensor?.dtype === dtype && tensor.shape.join() === shape.join()) return tensor.data;
    const found = tensor ? `${tensor.dtype} [${tensor.shape}]` : "absent";
    throw new UserError(
      `Cannot resume the training from ${source}: tensor ${
        clip(name)
      } is ${found}, expected ${dtype} [${shape}]; start the training anew`,
    );
  };
  const floats = (name: string, { shape }: Pick<NetworkEntry, "shape">) =>
    take(name, "float32", shape) as Float32Array;
  const wanted = namesOf(network, arrays).map((item) => ({
    ...item,
    values: floats(item.name, item),
  }));
  const best = progress.best && keepsBest && new Map(
    network.entries.filter(changes).map((entry) =>
      [entry.name, floats(`best.${entry.name}`, entry)] as const
    ),
  );
  const words = take(KEY, "int32", [624]) as Int32Array;
  for (const { entryName, values, array } of wanted) network.write(entryName, values, array);
  const key = new Uint32Array(words); // the words' bits, whatever their sign
  const random = RandomState.fromState({ key, position: progress.generatorPosition });
  return best ? { random, best } : { random };
}

/** Every array of the network that a state holds: its name there, and where it is. */
function namesOf(network: Network, arrays: readonly EntryArray[]) {
  const values = network.entries.map(({ name, shape }) => ({
    name,
    shape,
    entryName: name,
    array: "value" as EntryArray,
  }));
  const learning = network.entries.filter(({ trainable }) => trainable);
  const others = arrays.flatMap((array) =>
    learning.map(({ name, shape }) => ({ name: `${array}.${name}`, shape, entryName: name, array }))
  );
  return [...values, ...others];
}
