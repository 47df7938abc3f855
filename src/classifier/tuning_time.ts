/** How long fine-tuning is going to take. @module */

import { measureColumns } from "../model/standardise.ts";
import { fitNetwork } from "../train/fit.ts";
import { openFineTuning } from "./fine_tune_network.ts";
import { DEFAULT_RANDOM_STATE } from "./fit_head.ts";
import type { MethodOptions, TrainingInputs } from "./fit_method.ts";

/** Steps that are made; the first ones are slower than those to come: memory is touched for the first time, code not compiled. */
const STEPS = 4;
/** Steps that are not counted. */
const WARM_UP = 2;

/** A picture that only passes forward, for validation, over one that a step is made of: measured 0.24 to 0.26 from 28 to 224 px. */
const FORWARD_SHARE = 0.25;

/** Pictures that judge an epoch over those that are learnt from, as `validationRows` divides them. */
const VALIDATION = 0.1;

/**
 * Seconds that fine-tuning on all of these pictures will take, by the time of a few of its steps. What these learn is forgotten.
 *
 * @throws {UserError} As fine-tuning would.
 */
export async function estimateTuning(
  { weights, features, data, recipe }: TrainingInputs,
  options: MethodOptions,
): Promise<number> {
  const { fineTune, augment, classWeights, epochs, learningRate, batchSize, signal } = options;
  const since = performance.now();
  const start = { weights, recipe, standardisation: measureColumns(features, "standard") };
  using tuning = openFineTuning(start, data, {
    ...fineTune,
    ...{ epochs, learningRate, batchSize },
    transform: augment?.transform,
    randomState: options.randomState ?? DEFAULT_RANDOM_STATE,
  });
  const { network, source, settings } = tuning;
  const opened = performance.now() - since;
  const stop = new AbortController();
  const times: number[] = [];
  let last = performance.now();
  await fitNetwork(network, source, {
    ...settings,
    classWeights,
    epochs: STEPS, // however few steps an epoch has
    checkpoint: undefined,
    signal,
    stop: stop.signal,
    onStep: ({ step }) => {
      times.push(performance.now() - last);
      last = performance.now();
      if (step === STEPS) stop.abort();
    },
  });
  const step = Math.min(...times.slice(WARM_UP));
  const pictures = data.length * (1 - VALIDATION + VALIDATION * FORWARD_SHARE);
  const perEpoch = Math.ceil(pictures / settings.batchSize) * step;
  return (opened + settings.epochs * perEpoch) / 1000;
}
