/** The lab as written, from the pretrained network to the accuracies that it prints. @module */

import { startBackend } from "../../backend/mod.ts";
import { UserError } from "../../core/errors.ts";
import type { ProgressOptions } from "../../core/progress.ts";
import type { ImageDataset } from "../../data/dataset.ts";
import { createNetwork } from "../../model/create_network.ts";
import type { Network, NetworkOptions } from "../../model/network.ts";
import type { LoadedWeights } from "../../weights/load.ts";
import { LAB_BATCH, type LabData, prepareLabData } from "./lab_data.ts";
import {
  evalNetworkOptions,
  FROZEN,
  labHead,
  labNetworkOptions,
  type MakeNetwork,
  type NetworkValues,
  readValues,
  UNFROZEN,
  writeValues,
} from "./lab_network.ts";
import type { LabAccuracy, LabEpoch, LabPhase, LabPhaseName, LabReport } from "./lab_report.ts";
import { accuracyOf, type Chances, costOf, trainEpoch } from "./lab_passes.ts";

/** Options of {@linkcode runLab}; the defaults are the lab's. */
export interface LabOptions extends ProgressOptions {
  /** Epochs of each phase. @default {100} */
  readonly epochs?: number;
  /** Seed of the new layer and of the blocks that are skipped. @default {7} */
  readonly seed?: number;
  /** Step size of Adam in each phase. @default {{ frozen: 0.1, fineTuned: 0.00001 }} */
  readonly learningRates?: Readonly<Record<LabPhaseName, number>>;
  /** Threads to compute with. @default GRAFT_THREADS, else the number of cores */
  readonly threads?: number;
  /** Called after each epoch. */
  readonly onEpoch?: (epoch: LabEpoch) => void;
  /** Makes the network. @default createNetwork */
  readonly makeNetwork?: MakeNetwork;
}

/** What both phases share. */
interface Course extends Required<Pick<LabOptions, "epochs" | "learningRates">>, ProgressOptions {
  readonly data: LabData;
  readonly classes: number;
  readonly validationScale: number;
  readonly chances: Chances;
  readonly make: (options: NetworkOptions) => Network;
  readonly onEpoch?: (epoch: LabEpoch) => void;
}

/** Names of the phases for progress and messages. */
const IN_WORDS: Readonly<Record<LabPhaseName, string>> = {
  frozen: "the frozen phase",
  fineTuned: "fine-tuning",
};

/**
 * Runs the course lab as it is written: raw pixels at 28 x 28, batches of 100 in the order of the split, a softmax before the
 * cost, everything in train mode. First only the new layer learns, with the test pictures' cost tracked; then everything does,
 * with a fresh Adam. Starts the backend.
 *
 * @param data Grey pictures of 28 x 28 with labels.
 * @param weights The checkpoint. Its `variant` says whose arithmetic is used; the lab's own is torchvision's, whatever the
 * weights were trained with.
 * @throws {UserError} When the data or an option do not fit, or the cost is no longer a number.
 */
export async function runLab(
  data: ImageDataset,
  weights: LoadedWeights,
  options: LabOptions = {},
): Promise<LabReport> {
  const { epochs = 100, seed = 7, makeNetwork = createNetwork, threads, ...rest } = options;
  const learningRates = options.learningRates ?? { frozen: 0.1, fineTuned: 1e-5 };
  checkOptions(epochs, learningRates);
  const labData = prepareLabData(data);
  const { train, test, trainBatches, testBatches } = labData;
  rest.signal?.throwIfAborted();
  await startBackend({ threads });

  let passes = 0;
  const course: Course = {
    ...rest,
    epochs,
    learningRates,
    data: labData,
    classes: data.classes.length,
    validationScale: trainBatches.length / testBatches.length,
    chances: () => ({ seed, step: passes++ }),
    make: (networkOptions) => makeNetwork(weights, networkOptions),
  };
  const frozen = await runPhase("frozen", course, (network) => labHead(network, seed));
  const fineTuned = await runPhase("fineTuned", course, () => frozen.values);
  return {
    variant: weights.variant,
    classes: data.classes,
    pictures: { train: train.length, test: test.length },
    batchSize: LAB_BATCH,
    batches: trainBatches.length,
    validationScale: course.validationScale,
    epochs,
    seed,
    frozen: frozen.phase,
    fineTuned: fineTuned.phase,
  };
}

/** A phase, and the values that it ends with. */
interface Outcome {
  readonly phase: LabPhase;
  readonly values: NetworkValues;
}

/** One training and its scores in both modes. `start` says in what the network differs from the checkpoint. */
async function runPhase(
  name: LabPhaseName,
  course: Course,
  start: (network: Network) => NetworkValues,
): Promise<Outcome> {
  const { data, classes, make, signal } = course;
  const since = performance.now();
  const trained = await trainPhase(name, course, start);
  // What was trained has given its memory back: two networks are never there at once.
  using network = make(evalNetworkOptions(classes));
  writeValues(network, trained.values);
  const evalMode = await score(network, data, { chances: () => "none", signal });
  const seconds = (performance.now() - since) / 1000;
  return { phase: { ...trained.phase, evalMode, seconds }, values: trained.values };
}

/** Trains, and scores in train mode. */
async function trainPhase(
  name: LabPhaseName,
  course: Course,
  start: (network: Network) => NetworkValues,
): Promise<{ phase: Omit<LabPhase, "evalMode" | "seconds">; values: NetworkValues }> {
  const { data, classes, make, learningRates } = course;
  using network = make(labNetworkOptions(classes, name === "frozen" ? FROZEN : UNFROZEN));
  writeValues(network, start(network));
  const curves = await train(name, network, course);
  const trainMode = await score(network, data, course);
  // Scoring in train mode moves the running statistics, in the lab as here: they are read after it.
  const values = readValues(network);
  return { phase: { learningRate: learningRates[name], ...curves, trainMode }, values };
}

/** The lab's loop over epochs; the frozen phase is that of its third listing, which tracks the test pictures' cost. */
async function train(
  name: LabPhaseName,
  network: Network,
  course: Course,
): Promise<Pick<LabPhase, "costs" | "validationCosts">> {
  const { epochs, learningRates, data, validationScale, onEpoch, onProgress } = course;
  const what = IN_WORDS[name];
  const costs: number[] = [];
  const validationCosts: number[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const cost = await trainEpoch(network, data.trainBatches, {
      ...course,
      what,
      learningRate: learningRates[name],
      firstStep: 1 + (epoch - 1) * data.trainBatches.length,
    });
    costs.push(cost);
    const report: LabEpoch = name === "frozen"
      ? {
        phase: name,
        epoch,
        cost,
        validationCost: validationScale * await costOf(network, data.testBatches, course),
      }
      : { phase: name, epoch, cost };
    if (report.validationCost !== undefined) validationCosts.push(report.validationCost);
    onEpoch?.(report);
    onProgress?.({ stage: what, done: epoch, total: epochs, unit: "epochs", detail: { cost } });
  }
  return { costs, validationCosts: name === "frozen" ? validationCosts : null };
}

async function score(
  network: Network,
  { trainBatches, testBatches }: LabData,
  course: Pick<Course, "chances" | "signal">,
): Promise<LabAccuracy> {
  return {
    train: await accuracyOf(network, trainBatches, course),
    test: await accuracyOf(network, testBatches, course),
  };
}

function checkOptions(epochs: number, rates: Readonly<Record<LabPhaseName, number>>): void {
  if (!Number.isInteger(epochs) || epochs < 1) {
    throw new UserError(
      `Cannot run the lab: epochs is ${epochs}, expected a whole number from 1`,
    );
  }
  for (const rate of [rates.frozen, rates.fineTuned]) {
    if (rate > 0 && Number.isFinite(rate)) continue;
    throw new UserError(
      `Cannot run the lab: a learning rate is ${rate}, expected a number above 0`,
    );
  }
}
