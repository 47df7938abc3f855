/** All of a training: features, head or trunk, calibration. Loaded when the first one begins: what only answers does without. @module */

import type { ImageDataset } from "../data/dataset.ts";
import type { Trunk } from "../model/trunk.ts";
import { extractFeatures } from "../train/features.ts";
import { refuseOccupied } from "../train/training_run.ts";
import type { LoadedWeights } from "../weights/load.ts";
import { calibrateTrained } from "./calibrate_trained.ts";
import { checkRows } from "./check_rows.ts";
import { defaultImageSize } from "./defaults.ts";
import { eitherSignal } from "./either_signal.ts";
import { train } from "./fit_method.ts";
import type { ClassifierParts, FeatureRecipe, FitOptions, TrainedHead } from "./options.ts";
import { resolveTraining, seedOf } from "./resolve_training.ts";
import { trainingFeatures } from "./training_features.ts";
import { TrunkSwap } from "./trunk_swap.ts";

/** A classifier as it is before a training. */
export interface Untrained {
  /** Weights to start from. */
  readonly checkpoint: LoadedWeights;
  /** The trunk that is used now; freed where another one takes its place. */
  readonly trunk: Trunk;
  /** How pictures become features. */
  readonly recipe: Omit<FeatureRecipe, "size">;
  /** What options fixed. */
  readonly fixed: Pick<ClassifierParts, "classes" | "imageSize">;
  /** Side of the network's input, where it is known. */
  readonly imageSize: number | undefined;
}

/** What a training changes. */
export interface TrainedParts {
  /** The trunk from then on. */
  readonly trunk: Trunk;
  /** The head and how it was trained. */
  readonly trained: TrainedHead;
  /** Side of the network's input. */
  readonly imageSize: number | undefined;
  /** Names of the classes. */
  readonly classes: readonly string[];
}

/**
 * Trains by the options; see `Classifier.fit`. Where it fails, the trunk that is used now is as it was.
 *
 * @throws {UserError} As `resolveTraining`, and as the training does.
 */
export async function trainClassifier(
  { checkpoint, trunk: current, recipe: common, fixed, imageSize }: Untrained,
  dataset: ImageDataset,
  options: FitOptions,
): Promise<TrainedParts> {
  const since = performance.now();
  const { features: known, featuresCache: cache, onProgress } = options;
  const data = fixed.classes === undefined ? dataset : dataset.withClasses(fixed.classes);
  const training = resolveTraining(options, data);
  // Before minutes of features, probe and trials, not after.
  if (training.kind === "finetune") await refuseOccupied(training.checkpoint);
  const size = known ? imageSize : fixed.imageSize ?? defaultImageSize(data.size(0));
  if (known) checkRows(known, data);
  const recipe = { ...common, size: size! };
  const signal = eitherSignal(options);
  using trunks = new TrunkSwap(current);
  const features = await trainingFeatures(trunks.of(checkpoint), data, training, {
    ...{ recipe, known, cache, onProgress, signal },
  });
  const inputs = { weights: checkpoint, features, data, recipe };
  const trained = await train(inputs, training);
  const { head, weights, course } = trained;
  const trunk = trunks.of(weights ?? checkpoint);
  const calibration = await calibrateTrained(trained, {
    labels: data.labels,
    extract: (pictures) =>
      extractFeatures(trunk, pictures, { ...recipe, onProgress, signal: options.signal }),
  });
  const manifest = { ...course, seconds: (performance.now() - since) / 1000 };
  return {
    trunk: trunks.keep(trunk),
    trained: {
      ...{ head, calibration, split: null, metrics: null },
      seed: seedOf(training),
      training: manifest,
    },
    imageSize: size,
    classes: data.classes,
  };
}
