/** Validation of fine-tuning. @module */

import type { ImageDataset } from "../data/dataset.ts";
import { createNetwork } from "../model/create_network.ts";
import type { Network } from "../model/network.ts";
import { evaluateNetwork } from "../train/evaluate_network.ts";
import type { FitNetworkOptions } from "../train/fit_options.ts";
import { freeze } from "../train/freeze.ts";
import { pictureSource } from "../train/pictures.ts";
import type { FineTuneStart, FineTuning } from "./fine_tune_network.ts";
import { STOPPING_DEFAULTS, type StoppingOptions } from "./fine_tune_options.ts";

/** What judges the epochs. */
export interface JudgeOptions {
  /** Pictures that are not trained on, labelled by the same classes. @default none: all epochs are run, the last weights kept */
  readonly validation?: ImageDataset;
  /** When to stop by them. */
  readonly stopping?: StoppingOptions;
}

/** What judges the epochs, ready to be used. Disposing it gives memory back. */
export interface Judge extends Disposable {
  /** Options of the training loop. */
  readonly settings: Pick<FitNetworkOptions, "validate" | "monitor" | "keep" | "earlyStopping">;
  /** Tells these pictures from others, see `BatchSource.identity`. */
  readonly identity: () => Promise<string>;
}

/** Passes the pictures after each epoch, as they are and in eval mode. */
export function judgeEpochs(
  { network, scaling, settings: { batchNorm, signal } }: FineTuning,
  { start, validation, stopping = {} }: JudgeOptions & {
    readonly start: FineTuneStart;
    readonly validation: ImageDataset;
  },
): Judge {
  const { size, preprocessing, fit, stages } = start.recipe;
  const source = pictureSource(validation, { size, preprocessing, fit });
  const options = { ...STOPPING_DEFAULTS, ...given(stopping) };
  const { monitor, patience, minDelta, coolDown, restoreBest } = options;
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

function given(stopping: StoppingOptions): StoppingOptions {
  return Object.fromEntries(Object.entries(stopping).filter(([, value]) => value !== undefined));
}

function copyValues(from: Network, to: Network): void {
  for (const { name } of from.entries) to.write(name, from.read(name));
}
