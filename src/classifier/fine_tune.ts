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
import { FINE_TUNE_DEFAULTS, type FineTuneOptions } from "./fine_tune_options.ts";
import { judgeEpochs, type JudgeOptions } from "./judge_epochs.ts";
import { checkKeepShare, wiseFt } from "./wise_ft.ts";

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

/**
 * Trains trunk and head together.
 *
 * @param data Its labels are indices into its classes, each of which has a picture.
 * @param options Their `randomState` seeds order, views, dropout and stochastic depth. At an abort of `stop` what was best so far is
 * kept.
 * @throws {UserError} For options out of range, and when the loss is no longer finite; the reason of `stop` when no epoch was over.
 */
export async function fineTune(
  start: FineTuneStart,
  data: ImageDataset,
  options: FineTuneOptions & JudgeOptions = {},
): Promise<FineTuned> {
  const { head } = start;
  const { validation, stopping, ...rest } = options;
  const { keepShare = FINE_TUNE_DEFAULTS.keepShare } = options;
  checkKeepShare(keepShare);
  using tuning = openFineTuning(start, data, rest);
  const { network, source, settings, classifier, scaling } = tuning;
  if (head) settings.onStart?.(head);
  using judge = validation && judgeEpochs(tuning, { start, validation, stopping });
  const run = await fitNetwork(network, source, {
    ...settings,
    ...judge?.settings,
    classNames: data.classes,
    checkpoint: settings.checkpoint && {
      ...settings.checkpoint,
      identity: {
        weights: start.weights.sha256,
        head: await startSha256(classifier, scaling),
        frozen: `up to ${settings.freezeTo ?? "nothing"}, batch norm ${settings.batchNorm}`,
        regularisation: `dropout ${
          settings.dropout ?? "default"
        }, stochastic depth ${settings.stochasticDepth}`,
        kernels: backend()?.fma ? "fused multiply-add" : "plain", // they round differently
        validation: await judge?.identity() ?? "none",
        ...settings.checkpoint.identity,
      },
    },
  });
  if (run.history.length === 0) throw settings.stop!.reason;
  const ended = {
    weights: await trunkOf(network, start.weights),
    head: headOf(network, { scaling, details: detailsOf(run, start.weights) }),
  };
  return { ...await wiseFt(start, ended, keepShare), fit: run, epochs: settings.epochs };
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
