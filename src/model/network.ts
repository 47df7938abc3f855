/** What training asks of a network: forward, backward, update, and every number in it by name. @module */

import type { Variant } from "../weights/variants.ts";
import type { ParameterKind } from "./parameters.ts";
import type { Architecture } from "./stages.ts";
import type { PictureTensor } from "./trunk.ts";

/** One array of numbers of a network. */
export interface NetworkEntry {
  /** torchvision's name, for instance `"features.4.1.block.0.0.weight"`; the classifier's are `classifier.1.*`. */
  readonly name: string;
  /** Shape as PyTorch has it: convolutions `[out, in, height, width]`, the classifier `[classes, features]`. */
  readonly shape: readonly number[];
  /** What it is; running statistics are no parameters. */
  readonly kind: ParameterKind;
  /** The part it belongs to: `"features.0"`, `"features.4.1"` … `"features.8"`, or `"classifier"`. */
  readonly part: string;
  /** Whether a step changes it. */
  readonly trainable: boolean;
}

/**
 * Which of the arrays that go with an entry: `first` and `second` are the optimizer's (Adam's means, SGD's momentum),
 * `start` is what L2-SP pulls towards, `average` the running average of values.
 */
export type EntryArray = "value" | "gradient" | "first" | "second" | "start" | "average";

/** How one part of the network takes part in training. */
export interface PartPolicy {
  /** Whether its parameters get gradients. */
  readonly trainable: boolean;
  /** Statistics of its batch norm: of the batch (which also move the running averages), or the running ones as they are. */
  readonly batchNorm: "batch" | "running";
}

/** What is decided once for many steps, since the plan in memory depends on it. */
export interface NetworkOptions {
  /** Number of classes. */
  readonly classes: number;
  /** Side of the square pictures, in pixels, 28 or more. */
  readonly imageSize: number;
  /** Most pictures of one step. */
  readonly batchSize: number;
  /** Stages whose pooled outputs are concatenated, ascending. @default [8] */
  readonly stages?: readonly number[];
  /** Another network of the family, that the weights are for. @default EfficientNet-B0 */
  readonly architecture?: Architecture;
  /** How each part takes part. @default everything learns, by statistics of the batch */
  readonly policy?: (part: string) => PartPolicy;
  /** Probability that a feature, standardised where that is asked for, is dropped before the classifier. @default 0.2 */
  readonly dropout?: number;
  /** Probability that the deepest residual block is skipped, shallower ones in proportion. @default 0.2 */
  readonly stochasticDepth?: number;
  /** `"low"` computes what a block needs for its gradients anew instead of keeping it: about half of the memory, a fifth more time. @default "default" */
  readonly memory?: "default" | "low";
  /**
   * Mean and scale of each feature, `[features]` each: the classifier sees `(feature - mean) / scale`. Fixed, not trained.
   *
   * @default features as they are
   */
  readonly standardisation?: { readonly mean: Float32Array; readonly scale: Float32Array };
  /** Momentum of the running statistics, as PyTorch counts it. @default 0.1 */
  readonly bnMomentum?: number;
  /** Stages whose outputs, and the gradients by them, {@linkcode Network.watched} can be asked for, none past the last of `stages`. @default none */
  readonly watch?: readonly number[];
}

/** Numbers of every place of a stage's output. */
export interface StageOutput {
  /** `[pictures, height, width, channels]` */
  readonly data: Float32Array;
  /** Rows. */
  readonly height: number;
  /** Columns. */
  readonly width: number;
  /** Channels. */
  readonly channels: number;
}

/** What happens by chance in one step; the same numbers give the same masks on any machine and number of threads. */
export interface Chance {
  /** Seed of the training run, a whole number from 0 to 2^32 - 1. */
  readonly seed: number;
  /** Number of the step. */
  readonly step: number;
}

/** Factors in place of chance: for tests, and for training by hand. */
export interface GivenMasks {
  /** Factor of each residual block's branch for each picture, `[blocks, pictures]`, 16 blocks in EfficientNet-B0: 0 or 1 / (1 - p). Blocks without a residual are not looked at. */
  readonly blocks?: Float32Array;
  /** Factor of each feature, `[pictures, features]`: 0 or 1 / (1 - p). */
  readonly features?: Float32Array;
}

/** How gradients become a step; definitions of `torch.optim`. */
export type UpdateRule = AdamRule | SgdRule;

/** What all rules share. */
export interface CommonRule {
  /** Step size; multiplied by the entry's own factor. */
  readonly learningRate: number;
  /** Weight decay, for entries that decay. */
  readonly weightDecay: number;
  /** Every gradient is multiplied by it first: clipping. @default 1 */
  readonly gradientScale?: number;
  /** Number of this step, from 1: for Adam's bias correction and for SGD's first step. */
  readonly step: number;
  /** Strength of L2-SP (Li et al. 2018): adds `startDecay * (value - start)` to the gradient; `start` is the value before the first such step unless it was written. @default 0 */
  readonly startDecay?: number;
  /** Decay of the running average of values, for instance 0.999; 0 keeps none. @default 0 */
  readonly averageDecay?: number;
  /** Factor of the learning rate by entry: layer-wise decay. @default 1 */
  readonly rateOf?: (entry: NetworkEntry) => number;
  /** Whether an entry decays. @default every entry, as in PyTorch */
  readonly decays?: (entry: NetworkEntry) => boolean;
}

/** Adam (Kingma and Ba 2015), or AdamW (Loshchilov and Hutter 2019) with `decoupled`. */
export interface AdamRule extends CommonRule {
  /** Which rule. */
  readonly kind: "adam";
  /** Decay of the running mean of gradients, 0.9 as a rule. */
  readonly beta1: number;
  /** Decay of the running mean of squared gradients, 0.999 as a rule. */
  readonly beta2: number;
  /** Added to the root, 1e-8 as a rule. */
  readonly epsilon: number;
  /** AdamW: decay multiplies the weights and does not pass through the moments. */
  readonly decoupled: boolean;
}

/** Stochastic gradient descent. */
export interface SgdRule extends CommonRule {
  /** Which rule. */
  readonly kind: "sgd";
  /** Share of the last direction that is kept. */
  readonly momentum: number;
  /** Share of the gradient that momentum leaves out. */
  readonly dampening: number;
  /** Looks ahead along the momentum. */
  readonly nesterov: boolean;
}

/**
 * A network that learns. Values, gradients and the optimizer's moments live in the backend's memory; `read` and
 * `write` copy them in PyTorch's layout.
 *
 * A step is `forward`, a loss of one's own on the logits, `backward`, `update`.
 */
export interface Network extends Disposable {
  /** Family of the checkpoint: decides padding and the epsilon of batch norm. */
  readonly variant: Variant;
  /** Number of classes. */
  readonly classes: number;
  /** Side of the pictures, in pixels. */
  readonly imageSize: number;
  /** Most pictures of one step. */
  readonly batchSize: number;
  /** Length of the feature vector before the classifier. */
  readonly featureSize: number;
  /** Everything in it, in the network's order, running statistics included, the classifier last. */
  readonly entries: readonly NetworkEntry[];
  /** Bytes that it holds in the backend's memory. */
  readonly bytes: number;
  /**
   * Train-mode forward pass: batch norm as the policy says, stochastic depth and dropout by `chance`. Moves the
   * running statistics of parts whose batch norm is `"batch"`.
   *
   * @param images `[n, imageSize, imageSize, 3]`, normalised as the checkpoint wants it, n from 1 to `batchSize`.
   * @param chance Seed and step, masks given by hand, or `"none"`: nothing is dropped.
   * @returns Logits, row-major `[n, classes]`.
   * @throws {UserError} For a wrong shape, and for batch statistics of a single number.
   */
  forward(images: PictureTensor, chance: Chance | GivenMasks | "none"): Float32Array;
  /**
   * Gradients of the last `forward` for every trainable entry; they replace those of the step before.
   *
   * @param logitGradients Gradient of the loss by the logits, row-major `[n, classes]`.
   */
  backward(logitGradients: Float32Array): void;
  /** Euclidean norm of all gradients of trainable entries, and the first entry whose gradient is not finite. */
  gradientNorm(): { readonly norm: number; readonly notFinite?: string };
  /** Changes every trainable entry by its gradient. */
  update(rule: UpdateRule): void;
  /**
   * What a stage of {@linkcode NetworkOptions.watch} gave out in the last forward pass, and the gradient by it of the backward
   * pass after that: along all ways, those through later stages and that of its own pooled features. Copies.
   *
   * @throws {UserError} For a stage that is not watched.
   * @throws {UserError} When the network did not run backward yet.
   */
  watched(stage: number): { readonly activation: StageOutput; readonly gradient: StageOutput };
  /** A copy of an entry's array in PyTorch's layout. @throws {UserError} For a name that it does not have. */
  read(name: string, array?: EntryArray): Float32Array;
  /** Sets an entry's array. */
  write(name: string, values: Float32Array, array?: EntryArray): void;
}
