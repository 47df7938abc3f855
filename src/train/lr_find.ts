/** Which learning rate to train with: Smith's range test. @module */
import { UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { RandomState } from "../core/random.ts";
import type { EntryArray, Network } from "../model/network.ts";
import type { BatchSource } from "./batch_source.ts";
import { breathe } from "./breathe.ts";
import { type FitNetworkOptions, type FitSettings, fitSettings } from "./fit_options.ts";
import { countLabels } from "./labels.ts";
import { crossEntropy } from "./loss.ts";
import { readChanging, readTrainable, writeAll } from "./network_values.ts";
import { type StepRule, stepRule } from "./step_rule.ts";
import { type RateCurve, type RateSuggestion, suggestRate } from "./suggest_rate.ts";

/** Options of {@linkcode lrFind}: those of the training that the rate is for, and those of the test. */
export interface LrFindOptions extends
  ProgressOptions,
  Pick<
    FitNetworkOptions,
    | "optimizer"
    | "weightDecay"
    | "decays"
    | "layerDecay"
    | "maxNorm"
    | "labelSmoothing"
    | "classWeights"
    | "batchSize"
    | "randomState"
    | "classNames"
  > {
  /** Learning rate of the first step. @default {1e-7} */
  readonly lowest?: number;
  /** Learning rate of the last step. @default {10} */
  readonly highest?: number;
  /** Mini-batches, 10 or more. @default {100} */
  readonly steps?: number;
}

/** What a range test found. */
export interface LearningRates extends RateCurve {
  /** Loss of each batch before its step, in nats. */
  readonly losses: readonly number[];
  /** Whether the loss ran away before the highest rate was reached; the test then ended. */
  readonly diverged: boolean;
  /** Rates that the test speaks for; `null` where the loss never fell. */
  readonly suggestion: RateSuggestion | null;
}

/** Share of the smoothed loss that a step keeps: fastai's `Recorder`. */
const SMOOTHING = 0.98;

/** A smoothed loss above so many times the least one ends the test: fastai's `LRFinder`. */
const RUNAWAY = 4;

/**
 * Trains for a few mini-batches while the learning rate rises exponentially, and looks at which rates the loss falls and from which
 * on it runs away (Smith 2017, "Cyclical Learning Rates", section 3.3, in fastai's form: exponential, with a smoothed loss). The
 * network then has its numbers again, moments included.
 *
 * The same network, pictures and options give the same bits. All batches are full ones: of the pictures that are left over in an
 * epoch, none is shown in it.
 *
 * @param network With the policy, dropout and weights of the training that the rate is for.
 * @param source Its labels are below `network.classes`.
 * @throws {UserError} For options or labels that make no sense.
 */
export async function lrFind(
  network: Network,
  source: BatchSource,
  options: LrFindOptions = {},
): Promise<LearningRates> {
  const { lowest = 1e-7, highest = 10, steps = 100, onProgress, signal } = options;
  checkRange(lowest, highest, steps);
  const settings = fitSettings(network, { ...options, epochs: 1, learningRate: highest });
  const { classNames } = settings;
  countLabels(source.labels, { classes: network.classes, classNames }, "find a learning rate");
  signal?.throwIfAborted();
  const rateAt = (step: number) => lowest * (highest / lowest) ** (step / (steps - 1));
  const test: RangeTest = {
    network,
    source,
    settings,
    rule: stepRule(network, settings, steps),
    rates: [],
    losses: [],
    smoothed: [],
    mean: 0,
    least: Infinity,
  };
  const restore = remember(network, settings);
  let diverged = false;
  try {
    const batches = endlessBatches(source.length, settings);
    for (let step = 0; step < steps && !diverged; step++) {
      diverged = !await takeStep(test, batches.next().value, rateAt(step));
      const detail = { rate: rateAt(step), loss: test.smoothed.at(-1) ?? NaN };
      const done = diverged ? steps : step + 1;
      onProgress?.({ stage: "learning rate", done, total: steps, unit: "steps", detail });
      await breathe(signal);
    }
  } finally {
    restore();
  }
  const { rates, losses, smoothed } = test;
  const suggestion = suggestRate({ rates, smoothed }, steps) ?? null;
  return { rates, losses, smoothed, diverged, suggestion };
}

/** A range test as it goes. */
interface RangeTest {
  readonly network: Network;
  readonly source: BatchSource;
  readonly settings: FitSettings;
  readonly rule: StepRule;
  readonly rates: number[];
  readonly losses: number[];
  readonly smoothed: number[];
  /** Running mean of the loss, not corrected for its start at 0. */
  mean: number;
  /** Least smoothed loss so far. */
  least: number;
}

/** The pictures of one step, and the epoch that they belong to. */
interface Pictures {
  readonly indices: Int32Array;
  readonly epoch: number;
}

/** One step. Returns whether the test may go on. */
async function takeStep(
  test: RangeTest,
  { indices, epoch }: Pictures,
  learningRate: number,
): Promise<boolean> {
  const { network, source, settings, rule, rates, losses, smoothed } = test;
  const { classWeights, labelSmoothing, randomState: seed } = settings;
  const step = rates.length + 1;
  using batch = await source.batch(indices, epoch);
  const { loss, gradient } = crossEntropy(
    network.forward(batch.images, { seed, step }),
    indices.map((index) => source.labels[index]),
    { classes: network.classes, classWeights, labelSmoothing },
  );
  if (!Number.isFinite(loss)) return false;
  test.mean = SMOOTHING * test.mean + (1 - SMOOTHING) * loss;
  const value = test.mean / (1 - SMOOTHING ** step);
  rates.push(learningRate);
  losses.push(loss);
  smoothed.push(value);
  test.least = Math.min(test.least, value);
  if (value > RUNAWAY * test.least) return false;
  network.backward(gradient);
  const { norm, notFinite } = network.gradientNorm();
  if (notFinite !== undefined || !Number.isFinite(norm)) return false;
  network.update({ ...rule.make(step, norm), learningRate }); // all but the rate is as in training
  return true;
}

/** Full batches, each epoch in an order of its own: those that `fitNetwork` takes with `dropLast`. */
function* endlessBatches(
  length: number,
  { batchSize, randomState }: FitSettings,
): Generator<Pictures, never> {
  const random = new RandomState(randomState);
  const size = Math.min(batchSize, length);
  for (let epoch = 1;; epoch++) {
    const order = random.permutation(length);
    for (let end = size; end <= length; end += size) {
      yield { indices: order.subarray(end - size, end), epoch };
    }
  }
}

/** Copies everything that steps change, and clears the moments. Returns what puts it all back. */
function remember(network: Network, { optimizer }: FitSettings): () => void {
  const values = readChanging(network);
  const arrays: EntryArray[] = optimizer.kind === "sgd" ? ["first"] : ["first", "second"];
  const moments = arrays.map((array) => ({ array, kept: readTrainable(network, array) }));
  for (const { array, kept } of moments) {
    for (const [name, { length }] of kept) network.write(name, new Float32Array(length), array);
  }
  return () => {
    writeAll(network, values, "value");
    for (const { array, kept } of moments) writeAll(network, kept, array);
  };
}

function checkRange(lowest: number, highest: number, steps: number): void {
  const refuse = (what: string, expected: string) => {
    throw new UserError(`Cannot find a learning rate: ${what}, expected ${expected}`);
  };
  if (!(lowest > 0 && lowest < highest && highest < Infinity)) {
    refuse(`the rates are ${lowest} and ${highest}`, "two numbers above 0, the lowest first");
  }
  if (!Number.isInteger(steps) || steps < 10) {
    refuse(`steps is ${steps}`, "a whole number from 10");
  }
}
