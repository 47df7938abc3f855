/** Copies of what training changes in a network. @module */
import type { EntryArray, Network, NetworkEntry } from "../model/network.ts";

/** Arrays by the name of their entry. */
export type EntryValues = ReadonlyMap<string, Float32Array>;

/** Whether a step may change the entry's value: what learns, and the running statistics. */
export function changes({ trainable, kind }: NetworkEntry): boolean {
  return trainable || kind === "runningMean" || kind === "runningVariance";
}

/** A copy of one array of every entry that learns. */
export function readTrainable(network: Network, array: EntryArray): Map<string, Float32Array> {
  const learning = network.entries.filter(({ trainable }) => trainable);
  return new Map(learning.map(({ name }) => [name, network.read(name, array)]));
}

/** A copy of all values that training changes; the rest stays as it was. */
export function readChanging(network: Network): Map<string, Float32Array> {
  return new Map(network.entries.filter(changes).map(({ name }) => [name, network.read(name)]));
}

/** Writes arrays back to their entries. */
export function writeAll(network: Network, values: EntryValues, array: EntryArray): void {
  for (const [name, numbers] of values) network.write(name, numbers, array);
}
