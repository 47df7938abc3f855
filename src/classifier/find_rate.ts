/** The learning rate that a way of training wants. @module */

import { checkOptions, type OptionKinds, PROGRESS_KINDS } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { RandomState } from "../core/random.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { createNetwork } from "../model/create_network.ts";
import type { Network } from "../model/network.ts";
import { CLASSIFIER } from "../model/network_entries.ts";
import { measureColumns } from "../model/standardise.ts";
import type { BatchSource } from "../train/batch_source.ts";
import { freeze } from "../train/freeze.ts";
import { linearStart } from "../train/linear_start.ts";
import { type LearningRates, lrFind, type LrFindOptions } from "../train/lr_find.ts";
import type { Method } from "../train/method.ts";
import { pictureSource } from "../train/pictures.ts";
import { checkModelAndData } from "./check_classifier.ts";
import type { Classifier } from "./classifier.ts";
import { openFineTuning } from "./fine_tune_network.ts";
import { fitHead } from "./fit_head.ts";
import { FIT_KINDS, type FitOptions } from "./options.ts";
import {
  headOf,
  type ResolvedFinetune,
  type ResolvedLinear,
  resolveTraining,
} from "./resolve_training.ts";

/** Ways of training that have a learning rate. */
export const RATE_METHODS = ["linear", "finetune", "lpft"] as const satisfies readonly Method[];

/** Options of {@linkcode findRate}. */
export interface FindRateOptions
  extends
    ProgressOptions,
    Pick<FitOptions, "classWeights" | "augment" | "randomState" | "batchSize" | "fineTune">,
    Pick<LrFindOptions, "lowest" | "highest" | "steps" | "budgetSeconds"> {
  /** What is going to be trained. */
  readonly method: typeof RATE_METHODS[number];
}

/** Of {@linkcode FindRateOptions}. */
const KINDS: OptionKinds<FindRateOptions> = {
  ...PROGRESS_KINDS,
  method: "string",
  classWeights: FIT_KINDS.classWeights,
  augment: FIT_KINDS.augment,
  randomState: "number",
  batchSize: "number",
  fineTune: FIT_KINDS.fineTune,
  lowest: "number",
  highest: "number",
  steps: "number",
  budgetSeconds: "number",
};

/** What a range test is made on. */
interface Setting extends Disposable {
  readonly network: Network;
  readonly source: BatchSource;
  /** Options of the training that the test shares. */
  readonly options: LrFindOptions;
}

/**
 * Runs the range test of {@linkcode lrFind} on the very network, pictures and options with which `Classifier.fit` would train by this
 * method. The model stays as it is.
 *
 * @param model Its backend runs. Its recipe is fixed by the data, where it was not before.
 * @param data What is going to be trained on.
 * @throws {UserError} For data that nothing can be learnt from, and options out of range.
 */
export async function findRate(
  model: Classifier,
  data: ImageDataset,
  options: FindRateOptions,
): Promise<LearningRates> {
  const taker = { action: "find a learning rate", method: "findRate" };
  checkModelAndData({ model, data }, taker);
  checkOptions(options ?? null, KINDS, taker);
  const { lowest, highest, steps, budgetSeconds, ...asked } = options;
  const { method, onProgress, signal } = asked;
  if (!RATE_METHODS.includes(method)) {
    throw new UserError(
      `Cannot find a learning rate: method is ${JSON.stringify(method)}, expected ${
        RATE_METHODS.join(", ")
      }`,
    );
  }
  const training = resolveTraining(asked, data);
  const { classWeights, randomState } = headOf(training);
  using setting = training.kind === "finetune"
    ? await tuningSetting(model, data, training)
    : linearSetting(model, data, training as ResolvedLinear);
  return await lrFind(setting.network, setting.source, {
    ...setting.options,
    classWeights,
    classNames: data.classes,
    randomState,
    lowest,
    highest,
    steps,
    budgetSeconds,
    onProgress,
    signal,
  });
}

/** A new linear layer on frozen features, as `fitLinear` trains it, but that each batch passes through the trunk. */
function linearSetting(
  model: Classifier,
  data: ImageDataset,
  { views, batchSize, randomState }: ResolvedLinear,
): Setting {
  const { size, stages, preprocessing, fit } = model.recipeFor(data);
  const classes = data.classes.length;
  const transform = views?.transform;
  const source = pictureSource(data, { size, preprocessing, fit, transform, randomState });
  const network = createNetwork(model.trunk.weights, {
    classes,
    imageSize: size,
    batchSize: Math.min(batchSize, data.length),
    stages,
    policy: freeze(),
    dropout: 0,
    stochasticDepth: 0,
  });
  const columns = network.featureSize;
  const { weight, bias } = linearStart(new RandomState(randomState), { columns, classes });
  network.write(`${CLASSIFIER}.weight`, weight);
  network.write(`${CLASSIFIER}.bias`, bias);
  return {
    network,
    source,
    options: { optimizer: { kind: "adam" } },
    [Symbol.dispose]: () => network[Symbol.dispose](),
  };
}

/** The whole network, from a head of zeros or from a probe. */
async function tuningSetting(
  model: Classifier,
  data: ImageDataset,
  training: ResolvedFinetune,
): Promise<Setting> {
  const { init, randomState, classWeights, onProgress, signal } = training;
  const recipe = model.recipeFor(data);
  const features = await model.features(data, { onProgress, signal });
  const probe = { randomState, classWeights, onProgress, signal };
  const start = init === "probe"
    ? { head: await fitHead(features, data.labels, data.classes, probe) }
    : { standardisation: measureColumns(features, "standard") };
  const weights = model.trunk.weights;
  const tuning = openFineTuning({ weights, recipe, ...start }, data, training);
  const { optimizer, weightDecay, decays, layerDecay, maxNorm, labelSmoothing, mix } = training;
  return {
    network: tuning.network,
    source: tuning.source,
    options: { optimizer, weightDecay, decays, layerDecay, maxNorm, labelSmoothing, mix },
    [Symbol.dispose]: () => tuning[Symbol.dispose](),
  };
}
