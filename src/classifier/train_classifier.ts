/** All of a training: features, head or trunk, calibration. Loaded when the first one begins: what only answers does without. @module */

import type { ImageDataset } from "../data/dataset.ts";
import type { Trunk } from "../model/trunk.ts";
import { extractFeatures } from "../train/features.ts";
import { refuseOccupied } from "../train/training_run.ts";
import type { LoadedWeights } from "../weights/load.ts";
import { calibrateTrained } from "./calibrate_trained.ts";
import { checkRows } from "./check_rows.ts";
import { checkTrainable } from "./check_trainable.ts";
import { defaultImageSize } from "./defaults.ts";
import { eitherSignal } from "./either_signal.ts";
import { fitAny } from "./fit_any.ts";
import { DEFAULT_RANDOM_STATE } from "./fit_head.ts";
import type { ClassifierParts, FeatureRecipe, FitOptions, TrainedHead } from "./options.ts";
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
 * Trains by the options, which were checked; see `Classifier.fit`. Where it fails, the trunk that is used now is as it was.
 *
 * @throws {UserError} When the data cannot be learnt from.
 */
export async function trainClassifier(
  { checkpoint, trunk: current, recipe: common, fixed, imageSize }: Untrained,
  dataset: ImageDataset,
  options: FitOptions,
): Promise<TrainedParts> {
  const since = performance.now();
  const { features: known, featuresCache: cache, classWeights: weighting, ...rest } = options;
  const data = fixed.classes === undefined ? dataset : dataset.withClasses(fixed.classes);
  const classWeights = checkTrainable(data, weighting);
  await refuseOccupied(rest.fineTune?.checkpoint); // before minutes of features, probe and trials, not after
  const { onProgress, randomState: seed = DEFAULT_RANDOM_STATE } = options;
  const size = known ? imageSize : fixed.imageSize ?? defaultImageSize(data.size(0));
  if (known) checkRows(known, data);
  const recipe = { ...common, size: size! };
  const { method, augment } = rest;
  const signal = eitherSignal(options);
  const how = { recipe, known, cache, method, augment, randomState: seed, onProgress, signal };
  using trunks = new TrunkSwap(current);
  const features = await trainingFeatures(trunks.of(checkpoint), data, how);
  const inputs = { weights: checkpoint, features, data, recipe };
  const trained = await fitAny(inputs, { ...rest, classWeights });
  const { head, weights, course } = trained;
  const trunk = trunks.of(weights ?? checkpoint);
  const calibration = await calibrateTrained(trained, {
    labels: data.labels,
    extract: (pictures) =>
      extractFeatures(trunk, pictures, { ...recipe, onProgress, signal: options.signal }),
  });
  const training = { ...course, seconds: (performance.now() - since) / 1000 };
  return {
    trunk: trunks.keep(trunk),
    trained: { head, seed, training, calibration, split: null, metrics: null },
    imageSize: size,
    classes: data.classes,
  };
}
