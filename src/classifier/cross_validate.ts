/** How well a way of training does, told by cross-validation. @module */

import { checkOptions, type OptionKinds } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { type FoldOutcome, type FoldScores, foldScores } from "../evaluate/fold_scores.ts";
import { createTrunk } from "../model/trunk.ts";
import { DEFAULT_CV_ROWS } from "../train/choose_strength.ts";
import { dealFolds, type Folds } from "../train/cross_validation.ts";
import type { Method } from "../train/method.ts";
import type { FeatureMatrix } from "../model/feature_matrix.ts";
import { nestedProbes } from "../train/nested_probes.ts";
import { isDear } from "../train/probe_cost.ts";
import { checkModelAndData } from "./check_classifier.ts";
import { checkRows } from "./check_rows.ts";
import type { Classifier } from "./classifier.ts";
import { ofFold } from "./fold_progress.ts";
import { runFold } from "./fold_run.ts";
import { FIT_KINDS, type FitOptions } from "./options.ts";
import { headOf, resolveTraining } from "./resolve_training.ts";
import { trainingFeatures } from "./training_features.ts";

/** Options of {@linkcode crossValidate}: those of the training, and how to divide. */
export interface CrossValidateOptions
  extends Omit<FitOptions, "method" | "stop" | "onEpoch" | "budgetSeconds" | "onNote"> {
  /** What is trained in each fold. @default {"probe"} */
  readonly method?: Method;
  /** Folds, 2 or more; fewer when the rarest class has fewer pictures. @default {5} */
  readonly folds?: number;
  /** Rounds, each with folds dealt anew. @default {1} */
  readonly repeats?: number;
}

const { stop: _stop, onEpoch: _onEpoch, budgetSeconds: _budget, onNote: _onNote, ...SHARED } =
  FIT_KINDS;

/** Of {@linkcode CrossValidateOptions}. */
const KINDS: OptionKinds<CrossValidateOptions> = { ...SHARED, folds: "number", repeats: "number" };

/**
 * Repeated stratified cross-validation: each fold is answered for by a model that was trained on the others as `Classifier.fit` would
 * train it. What is chosen meanwhile, a probe's strength or the epoch to end with, is chosen without the fold (nested): the scores are
 * those of pictures that decided nothing. (Of the features of up to 1,500 pictures a probe's scaling is that of all, which looks at no
 * label, so that folds can be solved together.) A class with a single picture is learnt from and never held out.
 *
 * The features of a frozen trunk are computed once, so that this takes a probe seconds; fine-tuning trains `folds * repeats` times.
 * The model stays as it is, but that the data fix its recipe where nothing did before.
 *
 * @param model Its checkpoint is what training starts from.
 * @param options `features` are those of `data`. `validation.data` would be no part of the folds: give a size.
 * @throws {UserError} For data that nothing can be learnt from or be held out of, and options out of range.
 *
 * @example
 * ```ts
 * import { createClassifier } from "./create.ts";
 * import { crossValidate } from "./cross_validate.ts";
 * import { drawSample } from "../data/sample.ts";
 * using model = await createClassifier({ weights: "random", imageSize: 28, stages: [2] });
 * const { accuracies, mean, low, high } = await crossValidate(model, drawSample({ rows: 100 }), { folds: 4 });
 * if (accuracies.length !== 4 || !(low < mean && mean < high)) throw new Error(`${mean}`);
 * ```
 */
export async function crossValidate(
  model: Classifier,
  data: ImageDataset,
  options: CrossValidateOptions = {},
): Promise<FoldScores> {
  const taker = { action: "cross-validate", method: "crossValidate" };
  checkModelAndData({ model, data }, taker);
  checkOptions(options, KINDS, taker);
  const { folds: wanted = 5, repeats = 1, features: known, featuresCache, ...rest } = options;
  const { onProgress, signal } = rest;
  for (const [name, value, least] of [["folds", wanted, 2], ["repeats", repeats, 1]] as const) {
    if (Number.isInteger(value) && value >= least) continue;
    throw new UserError(
      `Cannot cross-validate: ${name} is ${value}, expected a whole number from ${least}`,
    );
  }
  if (options.validation?.data !== undefined) {
    throw new UserError(
      "Cannot cross-validate: validation has pictures of its own; give a size, of which each fold keeps so many",
    );
  }
  if ((rest.method as string) === "auto") {
    throw new UserError(
      'Cannot cross-validate method "auto": it leaves the choice to a comparison; say which method',
    );
  }
  const training = resolveTraining(rest, data);
  const { classWeights, randomState, views } = headOf(training);
  if (known !== undefined) checkRows(known, data);
  const rounds = Array.from(
    { length: repeats },
    (_, round) =>
      dealFolds(data.labels, data.classCounts(), {
        folds: wanted,
        randomState: (randomState + round) % 2 ** 32,
      }),
  );
  const { folds } = rounds[0];
  if (folds === 0) {
    throw new UserError(
      `Cannot cross-validate ${data.source}: every class has a single picture, expected one with 2 or more`,
    );
  }
  const recipe = model.recipeFor(data);
  using own = model.trunk.weights === model.checkpoint ? undefined : createTrunk(model.checkpoint);
  const features = await trainingFeatures(own ?? model.trunk, data, training, {
    ...{ recipe, known, cache: featuresCache, onProgress, signal },
  });
  const inputs = { weights: model.checkpoint, features, data, recipe };
  const outcomes: FoldOutcome[] = [];
  const classes = data.classes.length;
  const total = folds * repeats;
  for (const { foldOfRow } of rounds) {
    if (
      training.kind === "probe" && views === undefined && nestsCheaply(features, classes, folds)
    ) {
      const { answers } = await nestedProbes(features, data.labels, {
        ...{ foldOfRow, folds, classes, classWeights, signal },
        onIterations: (iterations, gap) =>
          onProgress?.({
            ...{ stage: "cross-validation", done: outcomes.length, total, unit: "folds" },
            detail: { iterations, gap },
          }),
      });
      outcomes.push(...outcomesOf(answers, data.labels, { foldOfRow, folds }));
      onProgress?.({ stage: "cross-validation", done: outcomes.length, total, unit: "folds" });
      continue;
    }
    for (let fold = 0; fold < folds; fold++) {
      const number = outcomes.length + 1;
      const told = { ...rest, onProgress: onProgress && ofFold(onProgress, number, total) };
      const { rows, right } = await runFold(
        inputs,
        { foldOfRow, fold },
        resolveTraining(told, data),
      );
      outcomes.push({ rows: rows.length, correct: right.reduce((sum, hit) => sum + hit, 0) });
      onProgress?.({ stage: "cross-validation", done: number, total, unit: "folds" });
    }
  }
  return foldScores(outcomes, { folds, repeats });
}

/**
 * Whether a probe's folds are better solved together: all of their rows are multiplied then, while a probe that is alone chooses its
 * strength on a sample of many rows, and pairs of folds soon are more than folds. Of dear probes one at a time is trained.
 */
function nestsCheaply(
  { rows, columns }: FeatureMatrix,
  classes: number,
  folds: number,
): boolean {
  return rows <= DEFAULT_CV_ROWS && folds >= 3 && folds <= 7 &&
    !isDear({ rows, columns, classes, cvRows: DEFAULT_CV_ROWS });
}

/** Right answers in each fold. */
function outcomesOf(
  answers: Int32Array,
  labels: Int32Array,
  { foldOfRow, folds }: Folds,
): FoldOutcome[] {
  return Array.from({ length: folds }, (_, fold) => {
    const rows = foldOfRow.keys().toArray().filter((row) => foldOfRow[row] === fold);
    return {
      rows: rows.length,
      correct: rows.filter((row) => answers[row] === labels[row]).length,
    };
  });
}
