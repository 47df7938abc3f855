/** The loops of the lab's listings. @module */

import { UserError } from "../../core/errors.ts";
import { type Proportion, wilson } from "../../core/intervals.ts";
import type { Batch, DataLoader } from "../../data/data_loader.ts";
import { tfjs } from "../../backend/tfjs.ts";
import type { AdamRule, Chance, Network } from "../../model/network.ts";
import { breathe } from "../../train/breathe.ts";
import { type BatchLoss, crossEntropy } from "../../train/loss.ts";
import { LAB_SIZE, rawPixels } from "./lab_data.ts";

/** Gives each forward pass in train mode other blocks to skip; `"none"` skips none. */
export type Chances = () => Chance | "none";

/** `torch.optim.Adam` but for learning rate and count. */
const ADAM = {
  kind: "adam",
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  decoupled: false,
  weightDecay: 0,
} as const satisfies Partial<AdamRule>;

/** One pass over the batches with a step of Adam after each; the running count of steps is the caller's. */
export interface EpochOptions {
  /** Step size. */
  readonly learningRate: number;
  /** Number of the next step, from 1. */
  readonly firstStep: number;
  /** Which blocks are skipped. */
  readonly chances: Chances;
  /** What is being done, for messages. */
  readonly what: string;
  /** Stops between two batches. */
  readonly signal?: AbortSignal;
}

/**
 * Trains for one epoch.
 *
 * @returns The cost, summed over the batches as the lab sums it.
 * @throws {UserError} When the cost is no longer a number.
 */
export async function trainEpoch(
  network: Network,
  batches: DataLoader,
  { learningRate, firstStep, chances, what, signal }: EpochOptions,
): Promise<number> {
  let cost = 0;
  let step = firstStep;
  for await (const batch of batches) {
    await breathe(signal);
    const { loss, gradient } = labCost(network, batch, forward(network, batch, chances()));
    if (!Number.isFinite(loss)) {
      throw new UserError(
        `Cannot go on with the lab: the cost is ${loss} at step ${step} of ${what} with learning rate ` +
          `${learningRate}, expected a number; use a smaller learning rate or other weights`,
      );
    }
    network.backward(gradient);
    network.update({ ...ADAM, learningRate, step: step++ });
    cost += loss;
  }
  return cost;
}

/** Cost of pictures that are not trained on, summed over their batches. In train mode this moves the running statistics, too. */
export async function costOf(
  network: Network,
  batches: DataLoader,
  { chances, signal }: Pick<EpochOptions, "chances" | "signal">,
): Promise<number> {
  let cost = 0;
  for await (const batch of batches) {
    await breathe(signal);
    cost += labCost(network, batch, forward(network, batch, chances())).loss;
  }
  return cost;
}

/** Share of pictures whose greatest score is that of their class, in the mode that the network is in. */
export async function accuracyOf(
  network: Network,
  batches: DataLoader,
  { chances, signal }: Pick<EpochOptions, "chances" | "signal">,
): Promise<Proportion> {
  let correct = 0;
  for await (const batch of batches) {
    await breathe(signal);
    correct += labCost(network, batch, forward(network, batch, chances())).correct;
  }
  return wilson(correct, batches.dataset.length);
}

/** `cost_fn(nn.Softmax(dim=1)(outputs), labels)`: a softmax before a cost that takes one itself. */
function labCost(
  { classes }: Network,
  { labels }: Batch,
  logits: Float32Array,
): BatchLoss {
  return crossEntropy(logits, labels, { classes, softmaxFirst: true });
}

/** Scores of a batch; leaves no tensor behind. */
function forward(network: Network, { images }: Batch, chance: Chance | "none"): Float32Array {
  const input = tfjs().tensor4d(rawPixels(images), [images.length, LAB_SIZE, LAB_SIZE, 3]);
  try {
    return network.forward(input, chance);
  } finally {
    input.dispose();
  }
}
