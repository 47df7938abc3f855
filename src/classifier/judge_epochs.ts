/** Validation of fine-tuning. @module */

import type { ImageDataset } from "../data/dataset.ts";
import { createNetwork } from "../model/create_network.ts";
import type { Network } from "../model/network.ts";
import { evaluateNetwork } from "../train/evaluate_network.ts";
import type { FitNetworkOptions } from "../train/fit_options.ts";
import { freeze } from "../train/freeze.ts";
import { pictureSource } from "../train/pictures.ts";
import type { FineTuneStart, FineTuning } from "./fine_tune_network.ts";
import type { ResolvedFinetune } from "./resolve_training.ts";

/** What judges the epochs, ready to be used. Disposing it gives memory back. */
export interface Judge extends Disposable {
  /** Options of the training loop. */
  readonly settings: Pick<FitNetworkOptions, "validate" | "monitor" | "keep" | "earlyStopping">;
  /** Tells these pictures from others, see `BatchSource.identity`. */
  readonly identity: () => Promise<string>;
}

/** Passes the pictures after each epoch, as they are and in eval mode. */
export function judgeEpochs(
  { network, scaling }: FineTuning,
  { start, validation, training: { batchNorm, signal, stopping } }: {
    readonly start: FineTuneStart;
    readonly validation: ImageDataset;
    readonly training: ResolvedFinetune;
  },
): Judge {
  const { size, preprocessing, fit, stages } = start.recipe;
  const source = pictureSource(validation, { size, preprocessing, fit });
  const { monitor, patience, minDelta, coolDown, restoreBest } = stopping;
  // A network whose batch norm goes by the batch is never in eval mode: another one takes its weights.
  const other = batchNorm === "batch"
    ? createNetwork(start.weights, {
      classes: network.classes,
      imageSize: size,
      batchSize: network.batchSize,
      stages,
      policy: freeze(),
      dropout: 0,
      stochasticDepth: 0,
      standardisation: scaling,
    })
    : undefined;
  return {
    identity: () => source.identity(),
    settings: {
      validate: (learning) => {
        if (other) copyValues(learning, other);
        return evaluateNetwork(other ?? learning, source, { signal });
      },
      monitor,
      keep: restoreBest ? "best" : "last",
      earlyStopping: { patience, minDelta, coolDown },
    },
    [Symbol.dispose]: () => other?.[Symbol.dispose](),
  };
}

function copyValues(from: Network, to: Network): void {
  for (const { name } of from.entries) to.write(name, from.read(name));
}
