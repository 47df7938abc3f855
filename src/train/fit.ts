/** The training loop. @module */
import { UserError } from "../core/errors.ts";
import { RandomState } from "../core/random.ts";
import type { Network } from "../model/network.ts";
import type { BatchSource } from "./batch_source.ts";
import { Breakdown } from "./breakdown.ts";
import { breathe } from "./breathe.ts";
import { type FitNetworkOptions, type FitSettings, fitSettings } from "./fit_options.ts";
import type { NetworkEpoch } from "./fit_reports.ts";
import { type GoodWeights, goodWeights, suspect } from "./good_weights.ts";
import { countLabels } from "./labels.ts";
import { stepPictures } from "./step_pictures.ts";
import { type StepRule, stepRule } from "./step_rule.ts";
import {
  countStep,
  endEpoch,
  finishRun,
  openRun,
  saveRun,
  type TrainingRun,
} from "./training_run.ts";

/** How a run went. */
export interface NetworkFit {
  /** One record per epoch, those before a resumption included. */
  readonly history: readonly NetworkEpoch[];
  /** Steps that were made. */
  readonly steps: number;
  /** Best epoch by the monitored figure, from 1; absent without `validate`. */
  readonly bestEpoch?: number;
  /** That `stop` ended it; absent when it ended by itself. */
  readonly stopped?: true;
  /** Step after which the run was resumed; absent when it was begun anew. */
  readonly resumedAt?: number;
}

/** Steps between two copies of the weights to go back to: making one takes about a third of the shortest step. */
const GOOD_WEIGHTS_EVERY = 50;

/** The event loop gets a turn after this many milliseconds: often enough for a display and for Ctrl-C. */
const BREATHE_MS = 50;

/**
 * Trains a network: epochs of batches, each step being forward, loss, backward and update.
 *
 * The same network, pictures and options give the same bits, also when the run was interrupted and resumed. At an abort of `signal`
 * the run is kept, where there is a checkpoint, and the signal's reason is thrown; `stop` ends it gently.
 *
 * @param network Starts from its weights as they are; ends with the last ones, the best or the average, as the options say.
 * @param source Its labels are below `network.classes`.
 * @throws {UserError} For options or labels that make no sense, for a checkpoint of another run or one that another training
 * uses, and when loss or gradient are no longer finite: the network then has the last good weights again.
 */
export async function fitNetwork(
  network: Network,
  source: BatchSource,
  options: FitNetworkOptions,
): Promise<NetworkFit> {
  const settings = fitSettings(network, options);
  const { epochs, batchSize, signal, stop, checkpoint, onStep, onEpoch, onProgress } = settings;
  const batches = countBatches(network, source, settings);
  const rule = stepRule(network, settings, epochs * batches);
  signal?.throwIfAborted();
  await using _held = await checkpoint?.store.hold?.();
  const run = await openRun(network, source, settings, batches);
  const good = goodWeights(network, run.step);
  let breathed = performance.now();
  const total = epochs * batches;
  onProgress?.({ stage: "train", done: run.step, total, unit: "steps" });
  try {
    while (!run.finished && !stop?.aborted) {
      const { order, next } = drawOrder(run.random, source.length, settings);
      while (run.batch < batches && !stop?.aborted) {
        const batchAt = (batch: number) =>
          order.subarray(batch * batchSize, (batch + 1) * batchSize);
        const indices = batchAt(run.batch);
        const following = run.batch + 1 < batches ? batchAt(run.batch + 1) : undefined;
        const report = await takeStep(network, source, {
          ...{ indices, next: following, run, rule, good, settings },
        });
        if (run.step % GOOD_WEIGHTS_EVERY === 0) good.offer(run.step);
        onStep?.(report);
        onProgress?.({
          stage: "train",
          done: run.step,
          total,
          unit: "steps",
          detail: { epoch: report.epoch, loss: run.sums.loss / run.sums.rows },
        });
        if (checkpoint?.every && run.step % checkpoint.every === 0) {
          await saveRun(network, run, settings);
        }
        signal?.throwIfAborted();
        if (performance.now() - breathed >= BREATHE_MS) {
          await breathe(signal);
          breathed = performance.now();
        }
      }
      if (run.batch < batches) break; // stopped within the epoch
      const record = await endEpoch(network, run, { settings, next, good });
      await saveRun(network, run, settings);
      onEpoch?.(record);
      signal?.throwIfAborted();
    }
  } catch (error) {
    if (signal?.aborted && error === signal.reason) await saveRun(network, run, settings);
    throw error;
  }
  if (!run.finished) await saveRun(network, run, settings);
  finishRun(network, run, settings);
  return {
    history: run.history,
    steps: run.step,
    ...(!run.finished && { stopped: true }),
    ...(run.best && { bestEpoch: run.best.epoch }),
    ...(run.resumedAt !== undefined && { resumedAt: run.resumedAt }),
  };
}

/** What a step needs. */
interface StepInputs {
  readonly indices: Int32Array;
  /** Pictures of the step after it, where it is of the same epoch. */
  readonly next: Int32Array | undefined;
  readonly run: TrainingRun;
  readonly rule: StepRule;
  readonly good: GoodWeights;
  readonly settings: FitSettings;
}

/** One step on the pictures at `indices`, which is made only when its loss and gradient are finite. */
async function takeStep(
  network: Network,
  source: BatchSource,
  { indices, next, run, rule, good, settings }: StepInputs,
) {
  const started = performance.now();
  const step = run.step + 1;
  const { epoch } = run;
  const { classWeights, labelSmoothing, softmaxFirst, mix, maxLoss, randomState: seed } = settings;
  const place = { step, coolDown: run.coolDown };
  const learningRate = rule.learningRate(place);
  const broken = (what: string, more: string) =>
    new Breakdown(
      `Cannot go on training: ${what} at step ${step} (epoch ${epoch}) with learning rate ${learningRate}${more}; ` +
        `the network has its weights of step ${good.restore()} again; use a smaller learning rate, a warm-up or maxNorm`,
    );
  using batch = await source.batch(indices, epoch);
  if (next !== undefined) await source.expect?.(next, epoch);
  using pictures = stepPictures(batch.images, indices.map((index) => source.labels[index]), {
    ...{ classes: network.classes, classWeights, labelSmoothing, softmaxFirst },
    ...{ mix, seed, step },
  });
  const logits = forward(network, pictures.images, { seed, step });
  const { loss, correct, gradient } = pictures.lossOf(logits);
  if (!(loss <= maxLoss)) {
    throw broken(`the loss is ${loss}`, `, expected at most ${maxLoss}; ${suspect(network)}`);
  }
  network.backward(gradient);
  const { norm, notFinite } = network.gradientNorm();
  if (notFinite !== undefined || !Number.isFinite(norm)) {
    throw broken(`the gradient of ${notFinite ?? "all entries"} is not finite`, "");
  }
  good.confirm();
  network.update(rule.make(place, norm));
  const rows = indices.length;
  const report = {
    step,
    epoch,
    loss,
    accuracy: correct / rows,
    learningRate,
    gradientNorm: norm,
  };
  countStep(run, report, { rows, correct, seconds: (performance.now() - started) / 1000 });
  return report;
}

function forward(network: Network, ...[images, chance]: Parameters<Network["forward"]>) {
  try {
    return network.forward(images, chance);
  } catch (error) {
    if (!(error instanceof UserError && images.shape[0] === 1)) throw error;
    throw new UserError(
      `Cannot train the network: a batch has a single picture (${error.message}); use another batchSize, or dropLast`,
      { cause: error },
    );
  }
}

/** The order of an epoch and the generator of the next; `random` stays as it is, since a checkpoint within the epoch needs it. */
function drawOrder(
  random: RandomState,
  length: number,
  { shuffle }: FitSettings,
): { order: Int32Array; next: RandomState } {
  if (!shuffle) return { order: Int32Array.from({ length }, (_, i) => i), next: random };
  const next = RandomState.fromState(random.state());
  return { order: next.permutation(length), next };
}

/** Steps of an epoch. @throws {UserError} When there is none, or nothing can be learnt from the labels. */
function countBatches(
  { classes }: Network,
  { length, labels }: BatchSource,
  { batchSize, dropLast, classNames }: FitSettings,
): number {
  countLabels(labels, { classes, classNames }, "train the network");
  const batches = dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize);
  if (batches > 0) return batches;
  throw new UserError(
    `Cannot train the network: ${length} pictures make no full batch of ${batchSize}, and dropLast leaves out any other; use a smaller batchSize`,
  );
}
