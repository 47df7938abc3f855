/** Fine-tuning: the trunk learns together with the head. @module */

import { backend } from "../backend/mod.ts";
import { UserError } from "../core/errors.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { createNetwork } from "../model/create_network.ts";
import type { Head } from "../model/heads.ts";
import type { Network } from "../model/network.ts";
import { CLASSIFIER } from "../model/network_entries.ts";
import type { Standardisation } from "../model/standardise.ts";
import { transposed } from "../model/transposed.ts";
import { hashTensors } from "../store/hash_tensors.ts";
import { flipAndShift } from "../train/augment.ts";
import { fitNetwork, type NetworkFit } from "../train/fit.ts";
import { freezeTo, type Policy, unfreeze } from "../train/freeze.ts";
import { pictureSource } from "../train/pictures.ts";
import type { LoadedWeights } from "../weights/load.ts";
import {
  FINE_TUNE_DEFAULTS,
  type FineTuneDefaults,
  type FineTuneOptions,
} from "./fine_tune_options.ts";
import type { FeatureRecipe } from "./options.ts";

/** What {@linkcode fineTune} starts from. */
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

/** What fine-tuning ends with. */
export interface FineTuned {
  /** The trunk as it learnt. */
  readonly weights: LoadedWeights;
  /** Its head. */
  readonly head: Head;
  /** How the run went. */
  readonly fit: NetworkFit;
}

/**
 * Trains trunk and head together.
 *
 * @param data Its labels are indices into its classes, each of which has a picture.
 * @param options Their `randomState` seeds order, views, dropout and stochastic depth.
 * @throws {UserError} For options out of range, and when the loss is no longer finite.
 */
export async function fineTune(
  { weights, head, standardisation, recipe }: FineTuneStart,
  data: ImageDataset,
  options: FineTuneOptions = {},
): Promise<FineTuned> {
  const settings = withDefaults(options);
  const { keepShare, dropout, stochasticDepth, memory, randomState } = settings;
  if (!(keepShare > 0 && keepShare <= 1)) {
    throw new UserError(
      `Cannot fine-tune: keepShare is ${keepShare}, expected a number above 0, up to 1`,
    );
  }
  const { size, preprocessing, fit, stages } = recipe;
  const scaling = head?.mean && head.scale
    ? { mean: head.mean, scale: head.scale }
    : head
    ? undefined
    : standardisation;
  const batchSize = Math.min(settings.batchSize, data.length);
  using network = createNetwork(weights, {
    classes: data.classes.length,
    imageSize: size,
    batchSize,
    stages,
    policy: policyOf(settings),
    dropout,
    stochasticDepth,
    memory,
    standardisation: scaling,
  });
  if (head) settings.onStart?.(head);
  const classifier = startOf(network, head);
  for (const [name, values] of classifier) network.write(name, values);
  const { transform } = settings;
  const augmentation = settings.augmentation === undefined && transform === undefined
    ? flipAndShift()
    : settings.augmentation ?? undefined;
  const views = { transform, augmentation, randomState };
  const source = pictureSource(data, { size, preprocessing, fit, ...views });
  const run = await fitNetwork(network, source, {
    ...settings,
    batchSize,
    // A last batch of a picture or two would weigh as much as a full one.
    dropLast: settings.dropLast ?? data.length >= 4 * batchSize,
    classNames: data.classes,
    checkpoint: settings.checkpoint && {
      ...settings.checkpoint,
      identity: {
        weights: weights.sha256,
        head: await startSha256(classifier, scaling),
        frozen: `up to ${settings.freezeTo ?? "nothing"}, batch norm ${settings.batchNorm}`,
        regularisation: `dropout ${dropout ?? "default"}, stochastic depth ${stochasticDepth}`,
        kernels: backend()?.fma ? "fused multiply-add" : "plain", // they round differently
        ...settings.checkpoint.identity,
      },
    },
  });
  return {
    weights: await trunkOf(network, weights, keepShare),
    head: headOf(network, { classifier, scaling, keepShare, details: detailsOf(run, weights) }),
    fit: run,
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

/** Tells one start from another: the classifier's numbers, and how features are brought to scale. */
async function startSha256(
  classifier: ReadonlyMap<string, Float32Array>,
  scaling: Standardisation | undefined,
): Promise<string> {
  const vectors = [...classifier, ...Object.entries(scaling ?? {})];
  return await hashTensors(
    new Map(
      vectors.map(([name, data]) => [name, { dtype: "float32", shape: [data.length], data }]),
    ),
  );
}

/** Between `from` and `to`. */
function between(from: ArrayLike<number>, to: Float32Array, share: number): Float32Array {
  return share === 1 ? to : to.map((value, i) => from[i] + share * (value - from[i]));
}

async function trunkOf(
  network: Network,
  { tensors, variant, source }: LoadedWeights,
  share: number,
): Promise<LoadedWeights> {
  const learnt = network.entries.filter(({ part }) => part !== "classifier").map((
    { name, shape },
  ) => {
    const data = between(
      tensors.get(name)!.data as ArrayLike<number>,
      network.read(name),
      share,
    );
    return [name, { dtype: "float32" as const, shape: [...shape], data }] as const;
  });
  // Stages that the features do not reach are no part of the network: they stay as they were.
  const kept = new Map([
    ...[...tensors].filter(([name]) => name.startsWith("features.")),
    ...learnt,
  ]);
  return {
    tensors: kept,
    variant,
    sha256: await hashTensors(kept),
    source: `${source}, fine-tuned`,
    notes: [],
  };
}

/** What {@linkcode headOf} puts together. */
interface HeadParts {
  readonly classifier: ReadonlyMap<string, Float32Array>;
  readonly scaling: Standardisation | undefined;
  readonly keepShare: number;
  readonly details: Head["details"];
}

function headOf(network: Network, { classifier, scaling, keepShare, details }: HeadParts): Head {
  const { classes, featureSize: columns } = network;
  const read = (name: string) => between(classifier.get(name)!, network.read(name), keepShare);
  return {
    kind: "finetuned",
    weight: transposed(read(`${CLASSIFIER}.weight`), classes, columns),
    bias: read(`${CLASSIFIER}.bias`),
    ...scaling,
    classes,
    columns,
    details,
  };
}

function detailsOf({ history, steps }: NetworkFit, { sha256 }: LoadedWeights): Head["details"] {
  const { loss, accuracy, learningRate } = history[history.length - 1];
  return {
    epochs: history.length,
    steps,
    loss,
    trainAccuracy: accuracy,
    lastLearningRate: learningRate,
    startedFrom: sha256,
  };
}
