/** Which learning rate to train with: Smith's range test. @module */
import { UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { RandomState } from "../core/random.ts";
import type { EntryArray, Network } from "../model/network.ts";
import type { BatchSource, PictureBatch } from "./batch_source.ts";
import { breathe } from "./breathe.ts";
import { type FitNetworkOptions, type FitSettings, fitSettings } from "./fit_options.ts";
import { countLabels } from "./labels.ts";
import type { BatchLoss } from "./loss.ts";
import { readChanging, readTrainable, writeAll } from "./network_values.ts";
import { stepPictures } from "./step_pictures.ts";
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
    | "mix"
    | "batchSize"
    | "randomState"
    | "classNames"
  > {
  /** Learning rate of the first step. @default {1e-7} */
  readonly lowest?: number;
  /** Learning rate of the last step. @default {10} */
  readonly highest?: number;
  /** Mini-batches, 10 or more. @default 100, or as many from 20 as {@linkcode LrFindOptions.budgetSeconds} leaves time for */
  readonly steps?: number;
  /** Time limit in seconds; the test ends when it is over, also before the highest rate. @default 300, unless `steps` are given */
  readonly budgetSeconds?: number;
}

/** What a range test found. */
export interface LearningRates extends RateCurve {
  /** Loss of each batch before its step, in nats. */
  readonly losses: readonly number[];
  /** Loss of the same batches by the weights that the test began with; as many as there are `losses`. */
  readonly before: readonly number[];
  /** Whether the loss ran away before the highest rate was reached; the test then ended. */
  readonly diverged: boolean;
  /** Mini-batches that the test was to have. */
  readonly steps: number;
  /** Whether the time limit ended the test before its last step. */
  readonly timedOut: boolean;
  /** Rates that the test speaks for; `null` where the loss never fell. */
  readonly suggestion: RateSuggestion | null;
}

/** Share of the smoothed loss that a step keeps: fastai's `Recorder`. */
const SMOOTHING = 0.98;

/** Steps where there is time enough, and where there is not. */
const STEPS = { most: 100, fewest: 20 } as const;

/** Seconds that a test may take where nothing is said. */
export const DEFAULT_RANGE_SECONDS = 300;

/** Cost of a training step in forward passes: measured on two busy cores, 3.1 on grey 28 px images and 3.8 on photos of 128 px, where both were scaled up. Progress counts by it, so that the time left is about right. */
const STEP_COST = 4;

/** A running mean of the loss above so many times its least one ends the test: fastai's `LRFinder`. */
const RUNAWAY = 4;

/**
 * Trains for a few mini-batches while the learning rate rises exponentially, and looks at which rates the loss falls and from which
 * on it runs away (Smith 2017, "Cyclical Learning Rates", section 3.3, in fastai's form: exponential, with a smoothed loss). The
 * network then has its numbers again, moments included.
 *
 * Unlike fastai's, the test knows how hard each batch was to begin with: all of them pass through the network once before, and what
 * is smoothed is by how much their losses have changed since, added to the mean of the losses before. Where a network is trained
 * already, the ups and downs from batch to batch are larger than what a good rate gains, and would hide it.
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
  const { lowest = 1e-7, highest = 10, onProgress, signal } = options;
  const { budgetSeconds = options.steps === undefined ? DEFAULT_RANGE_SECONDS : Infinity } =
    options;
  checkRange(lowest, highest, options.steps ?? STEPS.most, budgetSeconds);
  const settings = fitSettings(network, { ...options, epochs: 1, learningRate: highest });
  const { classNames } = settings;
  countLabels(source.labels, { classes: network.classes, classNames }, "find a learning rate");
  signal?.throwIfAborted();
  const since = performance.now();
  const left = () => budgetSeconds - (performance.now() - since) / 1000;
  let steps = options.steps ?? STEPS.most;
  const rateAt = (step: number) => lowest * (highest / lowest) ** (step / (steps - 1));
  const report = (done: number, detail: Record<string, number>) =>
    onProgress?.({
      ...{ stage: "learning rate", done, total: (1 + STEP_COST) * steps, unit: "passes", detail },
    });
  const test: RangeTest = {
    network,
    source,
    settings,
    rule: stepRule(network, settings, steps),
    before: [],
    rates: [],
    losses: [],
    smoothed: [],
    mean: 0,
    meanBefore: 0,
    least: Infinity,
  };
  const restore = remember(network, settings);
  let diverged = false, timedOut = false;
  try {
    const ahead = endlessBatches(source.length, settings);
    for (let step = 0; step < steps; step++) {
      const began = performance.now();
      await lookAhead(test, ahead.next().value);
      // The first pass is slower than those to come: memory is touched for the first time, code not compiled.
      if (step === 1 && options.steps === undefined) {
        steps = stepsWithin(left(), (performance.now() - began) / 1000);
      }
      report(step + 1, {});
      await breathe(signal);
    }
    restore(); // statistics of batch norm may have moved
    clearMoments(network, settings);
    const batches = endlessBatches(source.length, settings);
    for (let step = 0; step < steps && !diverged; step++) {
      timedOut = step > 0 && left() <= 0;
      if (timedOut) break;
      diverged = !await takeStep(test, batches.next().value, rateAt(step));
      const done = diverged ? (1 + STEP_COST) * steps : steps + STEP_COST * (step + 1);
      report(done, { rate: rateAt(step), loss: test.smoothed.at(-1) ?? NaN });
      await breathe(signal);
    }
  } finally {
    restore();
  }
  const { rates, losses, smoothed } = test;
  const before = test.before.slice(0, losses.length);
  const suggestion = suggestRate({ rates, smoothed }, steps) ?? null;
  return { rates, losses, before, smoothed, steps, diverged, timedOut, suggestion };
}

/** Steps that a time allows, by what a pass forward takes. */
function stepsWithin(seconds: number, perPass: number): number {
  const affordable = Math.floor(seconds / ((1 + STEP_COST) * perPass));
  return Math.max(STEPS.fewest, Math.min(STEPS.most, affordable));
}

/** A range test as it goes. */
interface RangeTest {
  readonly network: Network;
  readonly source: BatchSource;
  readonly settings: FitSettings;
  readonly rule: StepRule;
  readonly before: number[];
  readonly rates: number[];
  readonly losses: number[];
  readonly smoothed: number[];
  /** Running means of the loss and of that of the same batches before, not corrected for their start at 0. */
  mean: number;
  meanBefore: number;
  /** Least running mean of the loss so far. */
  least: number;
}

/** The pictures of one step, and the epoch that they belong to. */
interface Pictures {
  readonly indices: Int32Array;
  readonly epoch: number;
}

/** Loss of a batch by the weights as they are, before anything is learnt. */
async function lookAhead(test: RangeTest, pictures: Pictures): Promise<void> {
  using batch = await test.source.batch(pictures.indices, pictures.epoch);
  const { loss } = lossOf(test, batch, { pictures, step: test.before.length + 1 });
  if (!Number.isFinite(loss)) {
    throw new UserError(
      `Cannot find a learning rate: the loss is ${loss} before anything is learnt, expected a number; use other weights`,
    );
  }
  test.before.push(loss);
}

/** One step. Returns whether the test may go on. */
async function takeStep(
  test: RangeTest,
  pictures: Pictures,
  learningRate: number,
): Promise<boolean> {
  const { network, rule, before, rates, losses, smoothed } = test;
  const step = rates.length + 1;
  using batch = await test.source.batch(pictures.indices, pictures.epoch);
  const { loss, gradient } = lossOf(test, batch, { pictures, step });
  if (!Number.isFinite(loss)) return false;
  test.mean = SMOOTHING * test.mean + (1 - SMOOTHING) * loss;
  test.meanBefore = SMOOTHING * test.meanBefore + (1 - SMOOTHING) * before[step - 1];
  const share = 1 - SMOOTHING ** step;
  rates.push(learningRate);
  losses.push(loss);
  smoothed.push(meanOf(before) + (test.mean - test.meanBefore) / share);
  test.least = Math.min(test.least, test.mean / share);
  if (test.mean / share > RUNAWAY * test.least) return false;
  network.backward(gradient);
  const { norm, notFinite } = network.gradientNorm();
  if (notFinite !== undefined || !Number.isFinite(norm)) return false;
  network.update({ ...rule.make({ step, coolDown: null }, norm), learningRate }); // all but the rate is as in training
  return true;
}

/** What is skipped by chance in a step, and how it is mixed, is the same before the test and in it. */
function lossOf(
  { network, source, settings }: RangeTest,
  { images }: PictureBatch,
  { pictures, step }: { readonly pictures: Pictures; readonly step: number },
): BatchLoss {
  const { classWeights, labelSmoothing, mix, randomState: seed } = settings;
  const labels = pictures.indices.map((index) => source.labels[index]);
  using shown = stepPictures(images, labels, {
    ...{ classes: network.classes, classWeights, labelSmoothing },
    ...{ mix, seed, step },
  });
  return shown.lossOf(network.forward(shown.images, { seed, step }));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
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

/** Copies everything that the test changes. Returns what puts it all back. */
function remember(network: Network, settings: FitSettings): () => void {
  const values = readChanging(network);
  const moments = momentsOf(settings).map((array) => ({
    array,
    kept: readTrainable(network, array),
  }));
  return () => {
    writeAll(network, values, "value");
    for (const { array, kept } of moments) writeAll(network, kept, array);
  };
}

/** Training begins without moments. */
function clearMoments(network: Network, settings: FitSettings): void {
  for (const array of momentsOf(settings)) {
    const kept = readTrainable(network, array);
    for (const [name, { length }] of kept) network.write(name, new Float32Array(length), array);
  }
}

function momentsOf({ optimizer }: FitSettings): EntryArray[] {
  return optimizer.kind === "sgd" ? ["first"] : ["first", "second"];
}

function checkRange(lowest: number, highest: number, steps: number, seconds: number): void {
  const refuse = (what: string, expected: string) => {
    throw new UserError(`Cannot find a learning rate: ${what}, expected ${expected}`);
  };
  if (!(lowest > 0 && lowest < highest && highest < Infinity)) {
    refuse(`the rates are ${lowest} and ${highest}`, "two numbers above 0, the lowest first");
  }
  if (!Number.isInteger(steps) || steps < 10) {
    refuse(`steps is ${steps}`, "a whole number from 10");
  }
  if (!(seconds > 0)) refuse(`budgetSeconds is ${seconds}`, "a number of seconds above 0");
}
