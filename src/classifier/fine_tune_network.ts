/** The network that fine-tuning trains, and the pictures that it sees. @module */

import type { ImageDataset } from "../data/dataset.ts";
import { createNetwork } from "../model/create_network.ts";
import type { Head } from "../model/heads.ts";
import type { Network } from "../model/network.ts";
import { CLASSIFIER } from "../model/network_entries.ts";
import type { Standardisation } from "../model/standardise.ts";
import { transposed } from "../core/transposed.ts";
import { flipAndShift } from "../train/augment.ts";
import type { BatchSource } from "../train/batch_source.ts";
import { freezeTo, type Policy, unfreeze } from "../train/freeze.ts";
import { pictureSource } from "../train/pictures.ts";
import type { LoadedWeights } from "../weights/load.ts";
import {
  FINE_TUNE_DEFAULTS,
  type FineTuneDefaults,
  type FineTuneOptions,
} from "./fine_tune_options.ts";
import type { FeatureRecipe } from "./options.ts";

/** What fine-tuning starts from. */
export interface FineTuneStart {
  /** Weights of the trunk. */
  readonly weights: LoadedWeights;
  /** A head that was trained on the trunk's features; without it the head starts at zero. */
  readonly head?: Head;
  /** How features are brought to scale where there is no head that says it. */
  readonly standardisation?: Standardisation;
  /** How pictures become features. */
  readonly recipe: FeatureRecipe;
}

/** All that is ready to be trained. Disposing it gives the network's memory back. */
export interface FineTuning extends Disposable {
  /** The network, with the weights that training starts from. */
  readonly network: Network;
  /** The pictures, in their views. */
  readonly source: BatchSource;
  /** Options with their defaults. */
  readonly settings: FineTuneOptions & FineTuneDefaults;
  /** Weights of the classifier at the start, by name. */
  readonly classifier: ReadonlyMap<string, Float32Array>;
  /** How features are brought to scale before the classifier, where they are. */
  readonly scaling: Standardisation | undefined;
}

/**
 * Makes the network and its pictures.
 *
 * @param data Its labels are indices into its classes.
 * @throws {UserError} For options out of range.
 */
export function openFineTuning(
  { weights, head, standardisation, recipe }: FineTuneStart,
  data: ImageDataset,
  options: FineTuneOptions,
): FineTuning {
  const given = withDefaults(options);
  const { dropout, stochasticDepth, memory, randomState, transform } = given;
  const { size, preprocessing, fit, stages } = recipe;
  const scaling = head?.mean && head.scale
    ? { mean: head.mean, scale: head.scale }
    : head
    ? undefined
    : standardisation;
  const batchSize = Math.min(given.batchSize, data.length);
  const augmentation = given.augmentation === undefined && transform === undefined
    ? flipAndShift()
    : given.augmentation ?? undefined;
  const views = { transform, augmentation, randomState };
  const source = pictureSource(data, { size, preprocessing, fit, ...views });
  const network = createNetwork(weights, {
    classes: data.classes.length,
    imageSize: size,
    batchSize,
    stages,
    policy: policyOf(given),
    dropout,
    stochasticDepth,
    memory,
    standardisation: scaling,
  });
  const classifier = startOf(network, head);
  for (const [name, values] of classifier) network.write(name, values);
  // A last batch of a picture or two would weigh as much as a full one.
  const dropLast = given.dropLast ?? data.length >= 4 * batchSize;
  return {
    network,
    source,
    settings: { ...given, batchSize, dropLast },
    classifier,
    scaling,
    [Symbol.dispose]: () => network[Symbol.dispose](),
  };
}

/** An option that is `undefined` keeps its default. */
function withDefaults(options: FineTuneOptions): FineTuneOptions & FineTuneDefaults {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...FINE_TUNE_DEFAULTS, ...Object.fromEntries(given) };
}

function policyOf({ freezeTo: first, batchNorm }: FineTuneOptions): Policy {
  return first === undefined ? unfreeze({ batchNorm }) : freezeTo(first, { batchNorm });
}

/** Weights of the classifier at the beginning. */
function startOf(
  { classes, featureSize }: Network,
  head: Head | undefined,
): ReadonlyMap<string, Float32Array> {
  return new Map([
    [
      `${CLASSIFIER}.weight`,
      head
        ? transposed(head.weight, featureSize, classes)
        : new Float32Array(classes * featureSize),
    ],
    [`${CLASSIFIER}.bias`, head ? head.bias : new Float32Array(classes)],
  ]);
}
