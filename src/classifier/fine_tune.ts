/** Fine-tuning: the trunk learns together with the head. @module */

import { backend } from "../backend/mod.ts";
import type { ImageDataset } from "../data/dataset.ts";
import type { Head } from "../model/heads.ts";
import type { Network } from "../model/network.ts";
import { CLASSIFIER } from "../model/network_entries.ts";
import type { Standardisation } from "../model/standardise.ts";
import { transposed } from "../core/transposed.ts";
import { hashTensors } from "../store/hash_tensors.ts";
import { fitNetwork, type NetworkFit } from "../train/fit.ts";

import type { LoadedWeights } from "../weights/load.ts";
import { type FineTuneStart, openFineTuning } from "./fine_tune_network.ts";
import { judgeEpochs } from "./judge_epochs.ts";
import type { ResolvedFinetune } from "./resolve_training.ts";
import { wiseFt } from "./wise_ft.ts";

/** What fine-tuning ends with. */
export interface FineTuned {
  /** The trunk as it learnt. */
  readonly weights: LoadedWeights;
  /** Its head. */
  readonly head: Head;
  /** How the run went. */
  readonly fit: NetworkFit;
  /** Epochs that it was to have. */
  readonly epochs: number;
}

/** What a network learns from, and what chooses its epoch. */
export interface FineTuneData {
  /** Images whose labels are indices into the classes, each of which has one. */
  readonly train: ImageDataset;
  /** Images that are not learnt from; without them all epochs are run and the last weights are saved. */
  readonly validation?: ImageDataset;
}

/**
 * Trains trunk and head together.
 *
 * @param training At an abort of its `stop` what was best so far is saved.
 * @throws {UserError} For options out of range, and when the loss is no longer finite; the reason of `stop` when no epoch was over.
 */
export async function fineTune(
  start: FineTuneStart,
  { train, validation }: FineTuneData,
  training: ResolvedFinetune,
): Promise<FineTuned> {
  const { head } = start;
  const { freezeTo, batchNorm, dropout, stochasticDepth, keepShare, stop } = training;
  using tuning = openFineTuning(start, train, training);
  const { network, source, options, classifier, scaling } = tuning;
  if (head) training.onStart?.(head);
  using judge = validation && judgeEpochs(tuning, { start, validation, training });
  const run = await fitNetwork(network, source, {
    ...options,
    ...judge?.settings,
    classNames: train.classes,
    checkpoint: options.checkpoint && {
      ...options.checkpoint,
      identity: {
        weights: start.weights.sha256,
        head: await startSha256(classifier, scaling),
        frozen: `up to ${freezeTo ?? "nothing"}, batch norm ${batchNorm}`,
        regularisation: `dropout ${dropout ?? "default"}, stochastic depth ${stochasticDepth}`,
        kernels: backend()?.fma ? "fused multiply-add" : "plain", // they round differently
        validation: await judge?.identity() ?? "none",
        ...options.checkpoint.identity,
      },
    },
  });
  if (run.history.length === 0) throw stop!.reason;
  const ended = {
    weights: await trunkOf(network, start.weights),
    head: headOf(network, { scaling, details: detailsOf(run, start.weights) }),
  };
  return { ...await wiseFt(start, ended, keepShare), fit: run, epochs: training.epochs };
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

async function trunkOf(
  network: Network,
  { tensors, variant, source }: LoadedWeights,
): Promise<LoadedWeights> {
  const learnt = network.entries.filter(({ part }) => part !== "classifier").map((
    { name, shape },
  ) => {
    const data = network.read(name);
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
    source: source.endsWith(", fine-tuned") ? source : `${source}, fine-tuned`,
    notes: [],
  };
}

function headOf(
  network: Network,
  { scaling, details }: {
    readonly scaling: Standardisation | undefined;
    readonly details: Head["details"];
  },
): Head {
  const { classes, featureSize: columns } = network;
  return {
    kind: "finetuned",
    weight: transposed(network.read(`${CLASSIFIER}.weight`), classes, columns),
    bias: network.read(`${CLASSIFIER}.bias`),
    ...scaling,
    classes,
    columns,
    details,
  };
}

function detailsOf(
  { history, steps, bestEpoch }: NetworkFit,
  { sha256 }: LoadedWeights,
): Head["details"] {
  const { loss, accuracy, learningRate } = history[history.length - 1];
  return {
    epochs: history.length,
    ...bestEpoch !== undefined && { bestEpoch },
    steps,
    loss,
    trainAccuracy: accuracy,
    lastLearningRate: learningRate,
    startedFrom: sha256,
  };
}
