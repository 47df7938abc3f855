/** What the assignment comes to, as plain data. @module */

import type { Proportion } from "../../core/intervals.ts";
import type { Preprocessing } from "../../core/preprocessing.ts";
import type { LearningRates } from "../../train/lr_find.ts";
import type { Variant } from "../../weights/variants.ts";

/** The assignment's two trainings: C with D, and E with F. */
export type AssignmentPhaseName = "extraction" | "fineTuning";

/** Scores in eval mode, on pictures as they are. */
export interface AssignmentScore {
  /** Mean cross-entropy, in nats. */
  readonly cost: number;
  /** Share of pictures that are named rightly. */
  readonly accuracy: Proportion;
}

/** How one training went. */
export interface AssignmentPhase {
  /** Numbers that learn. */
  readonly parameters: number;
  /** The range test of learning rates; `null` where the rate was given. */
  readonly rates: LearningRates | null;
  /** Step size of Adam. */
  readonly learningRate: number;
  /** Mean cost of each epoch on the views that were trained on, in nats. */
  readonly costs: readonly number[];
  /** Cost of the test pictures after each epoch. */
  readonly validationCosts: readonly number[];
  /** Share of the test pictures that was right after each epoch. */
  readonly validationAccuracies: readonly number[];
  /** At the end, on the training pictures. */
  readonly train: AssignmentScore;
  /** At the end, on the test pictures. */
  readonly test: AssignmentScore;
  /** How long the range test, and training with validation and scoring took. */
  readonly seconds: { readonly rates: number; readonly training: number };
}

/** Pictures of a part of the data. */
export interface AssignmentPart {
  /** All of them. */
  readonly pictures: number;
  /** Of each class. */
  readonly classCounts: readonly number[];
}

/** What the assignment came to; plain data. */
export interface AssignmentReport {
  /** Whose arithmetic the network has. */
  readonly variant: Variant;
  /** Class names in order. */
  readonly classes: readonly string[];
  /** What is trained on. */
  readonly train: AssignmentPart;
  /** What is kept apart. */
  readonly test: AssignmentPart;
  /** Pictures in a batch. */
  readonly batchSize: number;
  /** Batches in an epoch. */
  readonly batches: number;
  /** Least and greatest height and width of the pictures, in pixels. */
  readonly pictureSizes: {
    readonly height: readonly [number, number];
    readonly width: readonly [number, number];
  };
  /** Side that pictures are scaled to for the network, in pixels. */
  readonly imageSize: number;
  /** How pictures are prepared. */
  readonly preprocessing: Preprocessing;
  /** The random views, with their parameters. */
  readonly views: string;
  /** Seed of the new layer, of the order, the views and the blocks that are skipped. */
  readonly seed: number;
  /** Only the new layer learns. */
  readonly extraction: AssignmentPhase;
  /** Everything learns, from where the first training ended. */
  readonly fineTuning: AssignmentPhase;
}
