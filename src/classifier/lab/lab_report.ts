/** What the lab comes to, as plain data. @module */

import type { Proportion } from "../../core/intervals.ts";
import type { Variant } from "../../weights/variants.ts";

/** One of the lab's two trainings. */
export type LabPhaseName = "frozen" | "fineTuned";

/** What one epoch of the lab came to. */
export interface LabEpoch {
  /** Which training. */
  readonly phase: LabPhaseName;
  /** Number of the epoch, from 1. */
  readonly epoch: number;
  /** Cost, summed over the batches. */
  readonly cost: number;
  /** Cost of the test pictures, brought to the same scale; in the frozen phase only. */
  readonly validationCost?: number;
}

/** Shares of pictures that a network names rightly. */
export interface LabAccuracy {
  /** Of those that it was trained on. */
  readonly train: Proportion;
  /** Of those kept apart. */
  readonly test: Proportion;
}

/** How one phase went. */
export interface LabPhase {
  /** Step size of Adam. */
  readonly learningRate: number;
  /** Cost of each epoch, summed over the batches. */
  readonly costs: readonly number[];
  /** Cost of the test pictures after each epoch, times `validationScale`; `null` for the phase where the lab has none. */
  readonly validationCosts: readonly number[] | null;
  /** As the lab measures: by the statistics of each batch, with blocks skipped by chance. */
  readonly trainMode: LabAccuracy;
  /** As it should be measured: by the running statistics, with every block. */
  readonly evalMode: LabAccuracy;
  /** How long it took, measuring included, in seconds. */
  readonly seconds: number;
}

/** What the lab came to; plain data. */
export interface LabReport {
  /** Whose arithmetic the network has. */
  readonly variant: Variant;
  /** Class names in order. */
  readonly classes: readonly string[];
  /** Pictures to train on and kept apart. */
  readonly pictures: { readonly train: number; readonly test: number };
  /** Pictures in a batch. */
  readonly batchSize: number;
  /** Batches of training in an epoch: the costs are sums over so many. */
  readonly batches: number;
  /** What a cost of the test pictures is multiplied by to be on the scale of training: 9 in the lab. */
  readonly validationScale: number;
  /** Epochs of each phase. */
  readonly epochs: number;
  /** Seed of the new layer and of the blocks that are skipped. */
  readonly seed: number;
  /** Only the new layer learns. */
  readonly frozen: LabPhase;
  /** Everything learns, from where the first phase ended. */
  readonly fineTuned: LabPhase;
}
