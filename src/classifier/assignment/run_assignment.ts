/** The lab's assignment, from the pretrained network to the comparison of its two trainings. @module */

import { startBackend } from "../../backend/mod.ts";
import { UserError } from "../../core/errors.ts";
import type { ProgressOptions } from "../../core/progress.ts";
import type { ImageDataset } from "../../data/dataset.ts";
import { createNetwork } from "../../model/create_network.ts";
import type { NetworkOptions } from "../../model/network.ts";
import { freeze, unfreeze } from "../../train/freeze.ts";
import { pictureSource } from "../../train/pictures.ts";
import type { LoadedWeights } from "../../weights/load.ts";
import { VARIANTS } from "../../weights/variants.ts";
import { defaultImageSize } from "../defaults.ts";
import { labHead, type MakeNetwork, readValues, writeValues } from "../lab/lab_network.ts";
import { ASSIGNMENT_BATCH, prepareAssignment } from "./assignment_data.ts";
import type { AssignmentPart, AssignmentPhaseName, AssignmentReport } from "./assignment_report.ts";
import { type AssignmentSources, type PhaseOptions, trainPhase } from "./train_phase.ts";
import { assignmentViews } from "./views.ts";

/** Options of {@linkcode runAssignment}. */
export interface AssignmentOptions extends ProgressOptions {
  /** Passes over the pictures in each training. @default {@linkcode ASSIGNMENT_EPOCHS} */
  readonly epochs?: Readonly<Record<AssignmentPhaseName, number>>;
  /** Step sizes of Adam; those left out are looked for. @default both are looked for */
  readonly learningRates?: Partial<Readonly<Record<AssignmentPhaseName, number>>>;
  /** Mini-batches of each search for a step size. @default {100} */
  readonly rateSteps?: number;
  /** Seed of the new layer, of the order, the views and the blocks that are skipped. @default {7} */
  readonly seed?: number;
  /** Side that pictures are scaled to. @default three times their longer side, 84 to 224 */
  readonly imageSize?: number;
  /** Threads to compute with. @default GRAFT_THREADS, else the number of cores */
  readonly threads?: number;
  /** Makes the network. @default createNetwork */
  readonly makeNetwork?: MakeNetwork;
}

/** Passes over the pictures: where the cost has stopped falling much, and all of it is done in some minutes on two cores. */
export const ASSIGNMENT_EPOCHS: Readonly<Record<AssignmentPhaseName, number>> = {
  extraction: 40,
  fineTuning: 20,
};

/** Names of the trainings for progress and messages. */
const IN_WORDS: Readonly<Record<AssignmentPhaseName, string>> = {
  extraction: "feature extraction",
  fineTuning: "fine-tuning",
};

/**
 * Runs the lab's assignment: the network is loaded anew and gets a new last layer; first that layer alone learns, then everything,
 * both from views that are drawn anew in each epoch and with a learning rate found by a range test. Starts the backend.
 *
 * Where the lab is silent, or its listings do what they should not: pictures are scaled up and normalised as the checkpoint was
 * trained; the cost takes the scores themselves, not their softmax; batch norm goes by the checkpoint's statistics, so that the
 * frozen features are those of eval mode, and accuracies are measured in eval mode, on pictures without augmentation.
 *
 * @param data Pictures with labels, of any sizes.
 * @param weights The checkpoint; its `variant` says whose arithmetic is used.
 * @throws {UserError} When the data or an option do not fit, or training breaks down.
 */
export async function runAssignment(
  data: ImageDataset,
  weights: LoadedWeights,
  options: AssignmentOptions = {},
): Promise<AssignmentReport> {
  const { epochs = ASSIGNMENT_EPOCHS, learningRates = {}, rateSteps = 100, seed = 7 } = options;
  const { makeNetwork = createNetwork, threads, signal, onProgress } = options;
  checkEpochs(epochs);
  const parts = prepareAssignment(data);
  const { classes } = data;
  const imageSize = options.imageSize ?? defaultImageSize(data.size(0));
  const { preprocessing } = VARIANTS[weights.variant];
  const views = assignmentViews();
  signal?.throwIfAborted();
  await startBackend({ threads });

  const prepared = { size: imageSize, preprocessing, randomState: seed };
  const sources: AssignmentSources = {
    views: pictureSource(parts.train, { ...prepared, transform: views }),
    train: pictureSource(parts.train, prepared),
    test: pictureSource(parts.test, prepared),
  };
  const batchSize = Math.min(ASSIGNMENT_BATCH, parts.train.length);
  const networkOptions = (name: AssignmentPhaseName): NetworkOptions => ({
    classes: classes.length,
    imageSize,
    batchSize,
    dropout: 0, // the lab takes the dropout layer out
    ...name === "extraction"
      ? { policy: freeze(), stochasticDepth: 0 }
      : { policy: unfreeze({ batchNorm: "running" }) },
  });
  const phaseOptions = (name: AssignmentPhaseName): PhaseOptions => ({
    what: IN_WORDS[name],
    epochs: epochs[name],
    learningRate: learningRates[name],
    rateSteps,
    seed,
    classNames: classes,
    signal,
    onProgress,
  });
  const first = async () => {
    using network = makeNetwork(weights, networkOptions("extraction"));
    writeValues(network, labHead(network, seed));
    const phase = await trainPhase(network, sources, phaseOptions("extraction"));
    return { phase, values: readValues(network) };
  };
  const extraction = await first(); // has given its memory back: two networks are never there at once
  using network = makeNetwork(weights, networkOptions("fineTuning"));
  writeValues(network, extraction.values);
  const fineTuning = await trainPhase(network, sources, phaseOptions("fineTuning"));
  return {
    variant: weights.variant,
    classes,
    train: partOf(parts.train),
    test: partOf(parts.test),
    batchSize,
    batches: Math.ceil(parts.train.length / batchSize),
    pictureSizes: sizesOf(data),
    imageSize,
    preprocessing,
    views: views.name,
    seed,
    extraction: extraction.phase,
    fineTuning,
  };
}

function partOf(part: ImageDataset): AssignmentPart {
  return { pictures: part.length, classCounts: [...part.classCounts()] };
}

function sizesOf(data: ImageDataset): AssignmentReport["pictureSizes"] {
  const range = (side: "height" | "width"): [number, number] => {
    let least = Infinity, greatest = 0;
    for (let i = 0; i < data.length; i++) {
      const pixels = data.size(i)[side];
      least = Math.min(least, pixels);
      greatest = Math.max(greatest, pixels);
    }
    return [least, greatest];
  };
  return { height: range("height"), width: range("width") };
}

function checkEpochs(epochs: Readonly<Record<AssignmentPhaseName, number>>): void {
  for (const name of Object.keys(IN_WORDS) as AssignmentPhaseName[]) {
    if (Number.isInteger(epochs[name]) && epochs[name] >= 1) continue;
    throw new UserError(
      `Cannot do the assignment: epochs of ${IN_WORDS[name]} are ${
        epochs[name]
      }, expected a whole number from 1`,
    );
  }
}
