/** What can be seen of a trained model, as plain data: no markup, no tensors. @module */

import type { SuspectLabel } from "../audit/wrong_labels.ts";
import type { Proportion } from "../core/intervals.ts";
import type { Evaluation } from "../evaluate/metrics.ts";
import type { Reliability } from "../evaluate/reliability.ts";

/** How well a model answers, where it errs, and why; made by `interpret`. Rows are indices into the data unless said otherwise. */
export interface Interpretation {
  /** Class names in order. */
  readonly classes: readonly string[];
  /** Scores. */
  readonly evaluation: Evaluation;
  /** Whether the model is right as often as it says. */
  readonly reliability: Reliability;
  /** Pairs of classes of which one was taken for the other, the commonest first. */
  readonly mostConfused: readonly ConfusedPair[];
  /** The pictures whose label surprises the model most, that one first. */
  readonly topLosses: readonly LossRow[];
  /** A seeded sample of all pictures, in row order, to hold the worst against. */
  readonly random: readonly LossRow[];
  /** Where the model looks, for the pictures of `topLosses` and `random`. */
  readonly heatmaps: readonly Heatmap[];
  /** What the model learnt from that is like its mistakes, in the order of `topLosses`; [] without training data. */
  readonly neighbours: readonly Neighbours[];
  /** The pictures as points that lie together where their features are alike; `undefined` where it was not asked for. */
  readonly map: FeatureMap | undefined;
  /** Accuracy against the number of pictures learnt from, ascending; `undefined` without training data. */
  readonly learningCurve: readonly LearningPoint[] | undefined;
  /** What the curve says of more data; `undefined` without one, and where it is too short to say. */
  readonly moreData: MoreData | undefined;
  /** Labels of the TRAINING data that are likely wrong, the surest first; rows are its own; [] without it. */
  readonly suspects: readonly SuspectLabel[];
  /** What was left out and why, a line each. */
  readonly notes: readonly string[];
}

/** How often one class was taken for another. */
export interface ConfusedPair {
  /** Index of the true class. */
  readonly truth: number;
  /** Index of the one that it was taken for. */
  readonly predicted: number;
  /** Pictures. */
  readonly count: number;
  /** Share of the true class's pictures, 0 to 1. */
  readonly share: number;
}

/** A picture, and how its label surprises the model. */
export interface LossRow {
  /** Its index. */
  readonly row: number;
  /** What the data set calls it. */
  readonly name: string;
  /** Index of its true class. */
  readonly label: number;
  /** Index of the class that the model answers. */
  readonly predicted: number;
  /** Probability of the true class. */
  readonly labelProbability: number;
  /** Probability of the answer. */
  readonly predictedProbability: number;
  /** -log(probability of the true class), in nats. */
  readonly loss: number;
}

/** How much each place of a picture speaks for a class: Grad-CAM. */
export interface Heatmap {
  /** Index of the picture. */
  readonly row: number;
  /** Index of the class. */
  readonly target: number;
  /** Stage of the trunk that was looked at. */
  readonly stage: number;
  /** Rows of the map, which spans the whole of what the network saw. */
  readonly height: number;
  /** Columns of the map. */
  readonly width: number;
  /** Row-major `[height, width]`, 0 to 1; the largest is 1 unless nothing speaks for the class. */
  readonly values: Float32Array;
}

/** The pictures of the training data that are most like one of the data. */
export interface Neighbours {
  /** Index of the picture. */
  readonly row: number;
  /** Rows of the TRAINING data, nearest first. */
  readonly nearest: readonly Neighbour[];
}

/** A picture that is like another. */
export interface Neighbour {
  /** Index in the TRAINING data. */
  readonly row: number;
  /** Cosine distance of their features, 0 to 2. */
  readonly distance: number;
}

/** Part of the data that a point of the map comes from. */
export type MapPart = "train" | "test";

/** Pictures as points of a plane. */
export interface FeatureMap {
  /** Across, one a point; units mean nothing. */
  readonly x: Float32Array;
  /** Along. */
  readonly y: Float32Array;
  /** Class of each point, -1 = none. */
  readonly labels: Int32Array;
  /** `"test"`: a row of the data, `"train"`: one of the training data. */
  readonly part: readonly MapPart[];
  /** Row of each point in its part. */
  readonly rows: Int32Array;
  /** How the map was made, in words. */
  readonly method: string;
  /** Share of the variance that the plane shows, where the method knows it. */
  readonly explained?: number;
}

/** Accuracy after learning from a number of pictures. */
export interface LearningPoint {
  /** Pictures learnt from. */
  readonly rows: number;
  /** Accuracy on pictures kept apart. */
  readonly accuracy: Proportion;
}

/** What a learning curve says of more data. */
export interface MoreData {
  /** Pictures that the curve ends with. */
  readonly rows: number;
  /** Accuracy there by the fitted curve. */
  readonly accuracy: number;
  /** Pictures that were asked about: twice as many. */
  readonly moreRows: number;
  /** Accuracy to expect there, with its 95 % interval. */
  readonly expected: { readonly value: number; readonly low: number; readonly high: number };
  /** Gain to expect, `expected - accuracy`, with its 95 % interval. */
  readonly gain: { readonly value: number; readonly low: number; readonly high: number };
  /** The same in one or two plain sentences. */
  readonly text: string;
}
