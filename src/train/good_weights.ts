/** Weights to go back to when a run breaks down. @module */
import type { Network } from "../model/network.ts";
import { type EntryValues, readChanging, writeAll } from "./network_values.ts";

/** Copies of a network's weights, of which the last that proved good can be brought back. */
export interface GoodWeights {
  /** Copies the weights as they are after `step` updates; they count once they have been confirmed. */
  offer(step: number): void;
  /** Says that the weights gave a finite loss and gradient. Costs nothing. */
  confirm(): void;
  /** Writes the last confirmed weights to the network. Returns the number of updates behind them. */
  restore(): number;
}

/**
 * Starts with the weights as they are, which count as good.
 *
 * Finite weights are not enough: a step that is far too long leaves finite ones with which nothing can be computed any more, and
 * only the loss of the next batch shows it.
 *
 * @param step Updates that are behind the weights.
 */
export function goodWeights(network: Network, step: number): GoodWeights {
  let good: { readonly step: number; readonly values: EntryValues } = {
    step,
    values: readChanging(network),
  };
  let offered = good;
  return {
    offer(step) {
      offered = { step, values: readChanging(network) };
    },
    confirm() {
      good = offered;
    },
    restore() {
      writeAll(network, good.values, "value");
      return good.step;
    },
  };
}

/** What to look at when the loss is not finite: the first parameter with a value that is not, else the one with the largest. */
export function suspect(network: Network): string {
  let largest = -1, where = "";
  // Running statistics follow from the parameters before them.
  const byBlame = network.entries.toSorted((a, b) =>
    Number(isStatistic(a)) - Number(isStatistic(b))
  );
  for (const entry of byBlame) {
    for (const value of network.read(entry.name)) {
      if (!Number.isFinite(value)) return `${entry.name} holds ${value}`;
      if (!isStatistic(entry) && Math.abs(value) > largest) {
        largest = Math.abs(value);
        where = entry.name;
      }
    }
  }
  return `the largest weight is ${largest.toPrecision(3)} in ${where}`;
}

function isStatistic({ kind }: { readonly kind: string }): boolean {
  return kind === "runningMean" || kind === "runningVariance";
}
