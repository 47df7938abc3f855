/** Staying near the weights one started from, and averaging those one passes. @module */
import type { Network } from "../model/network.ts";
import { readTrainable, writeAll } from "./network_values.ts";

/** How a run is held back. */
export interface RegulariseOptions {
  /**
   * L2-SP (Li, Grandvalet and Davoine 2018): strength of the pull towards the weights at the start, `alpha` in
   * `alpha / 2 * |w - w0|^2`. It is part of the step, not of the loss that is reported.
   *
   * @default {0}
   */
  readonly startDecay?: number;
  /**
   * Share of the running average of the weights that a step keeps, for instance 0.999; the run then is validated with, and
   * ends with, the average. Early on less is kept, see {@linkcode averageDecayAt}.
   *
   * @default {0} no average
   */
  readonly averageDecay?: number;
}

/** Makes the weights as they are the ones to stay near, and the first average. */
export function startRegularising(
  network: Network,
  { startDecay = 0, averageDecay = 0 }: RegulariseOptions,
): void {
  if (startDecay === 0 && averageDecay === 0) return;
  const values = readTrainable(network, "value");
  if (startDecay !== 0) writeAll(network, values, "start");
  if (averageDecay !== 0) writeAll(network, values, "average");
}

/**
 * The decay of a step's average: at most `(1 + step) / (10 + step)`, so that the average of a short run is not mostly its first
 * weights (`num_updates` of TensorFlow's `ExponentialMovingAverage`).
 *
 * @param step From 1.
 *
 * @example
 * ```ts
 * import { averageDecayAt } from "./regularise.ts";
 * if (averageDecayAt(0.999, 8) !== 0.5 || averageDecayAt(0.999, 1e5) !== 0.999) throw new Error();
 * ```
 */
export function averageDecayAt(decay: number, step: number): number {
  return Math.min(decay, (1 + step) / (10 + step));
}

/** Runs `body` with the average in the weights' place and puts the weights back, also when it throws. */
export async function withAverage<T>(network: Network, body: () => T | Promise<T>): Promise<T> {
  const values = readTrainable(network, "value");
  adoptAverage(network);
  try {
    return await body();
  } finally {
    writeAll(network, values, "value");
  }
}

/** Makes the average the weights. Running statistics stay those of the run: they are averages by themselves. */
export function adoptAverage(network: Network): void {
  writeAll(network, readTrainable(network, "average"), "value");
}
