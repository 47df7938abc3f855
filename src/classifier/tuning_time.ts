/** How long fine-tuning is going to take. @module */

import { measureColumns } from "../model/standardise.ts";
import { createTrunk } from "../model/trunk.ts";
import { fitNetwork } from "../train/fit.ts";
import { openFineTuning } from "./fine_tune_network.ts";
import type { ResolvedFinetune } from "./resolve_training.ts";
import type { TrainingInputs } from "./trained.ts";

/** Steps that are made; the first ones are slower than those to come: memory is touched for the first time, code not compiled. */
const STEPS = 4;
/** Steps that are not counted. */
const WARM_UP = 2;

/** A picture that only passes forward, for validation, over one that a step is made of: measured 0.24 to 0.26 from 28 to 224 px. */
const FORWARD_SHARE = 0.25;

/**
 * A picture of a step over one that passes the frozen trunk, of which one is timed without the memory of training: measured 2.8 to 5 on a busy machine
 * from 28 to 128 px, and 5.6 to 9.9 at 224 px; no step was below 2.5. Where the first parts are frozen, a step is a pass forward at the least.
 */
const STEP_OVER_PASS = { usual: 4.3, least: 2.5, leastFrozen: 1 } as const;

/** Pictures that are passed for the time of one. */
const PASSED = 16;

/** Pictures that judge an epoch over those that are learnt from, as `validationRows` divides them. */
const VALIDATION = 0.1;

/** Seconds that fine-tuning on all pictures takes, by what a pass through the frozen trunk takes. */
export interface RoughTime {
  /** About. */
  readonly seconds: number;
  /** At the least: where this is too long, no step need be timed. */
  readonly least: number;
}

/**
 * Tells roughly how long fine-tuning takes, by two passes of a few grey pictures: training's memory, gigabytes of it, is not asked for.
 *
 * @throws {UserError} As making the trunk does.
 */
export function roughTuningTime(
  { weights, data, recipe: { size, stages } }: Pick<TrainingInputs, "weights" | "data" | "recipe">,
  { epochs, freezeTo }: Pick<ResolvedFinetune, "epochs" | "freezeTo">,
): RoughTime {
  using trunk = createTrunk(weights);
  const count = Math.min(PASSED, data.length);
  const pixels = new Float32Array(count * size * size * 3);
  const times = Array.from({ length: 3 }, () => {
    const since = performance.now();
    trunk.pooled(pixels, size, { stages });
    return performance.now() - since;
  });
  const pass = Math.min(...times.slice(1)) / count / 1000;
  const passes = epochs * effectivePictures(data.length) * pass;
  const { usual, least, leastFrozen } = STEP_OVER_PASS;
  return {
    seconds: usual * passes,
    least: (freezeTo === undefined ? least : leastFrozen) * passes,
  };
}

/** Pictures of an epoch, those that judge it counted by what they cost. */
function effectivePictures(length: number): number {
  return length * (1 - VALIDATION + VALIDATION * FORWARD_SHARE);
}

/**
 * Seconds that fine-tuning on all of these pictures will take, by the time of a few of its steps. What these learn is forgotten.
 *
 * @throws {UserError} As fine-tuning would.
 */
export async function estimateTuning(
  { weights, features, data, recipe }: TrainingInputs,
  training: ResolvedFinetune,
): Promise<number> {
  const since = performance.now();
  const start = { weights, recipe, standardisation: measureColumns(features, "standard") };
  using tuning = openFineTuning(start, data, training);
  const { network, source, options } = tuning;
  const opened = performance.now() - since;
  const stop = new AbortController();
  const times: number[] = [];
  let last = performance.now();
  await fitNetwork(network, source, {
    ...options,
    epochs: STEPS, // however few steps an epoch has
    ...{ checkpoint: undefined, onEpoch: undefined, onProgress: undefined },
    stop: stop.signal,
    onStep: ({ step }) => {
      times.push(performance.now() - last);
      last = performance.now();
      if (step === STEPS) stop.abort();
    },
  });
  const step = Math.min(...times.slice(WARM_UP));
  const perEpoch = Math.ceil(effectivePictures(data.length) / network.batchSize) * step;
  return (opened + training.epochs * perEpoch) / 1000;
}
