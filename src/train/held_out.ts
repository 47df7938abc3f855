/** What probes say of rows that they have not learnt from. @module */
import { DEFAULT_RANDOM_STATE } from "../core/random.ts";
import { expectWork } from "../backend/start.ts";
import { UserError } from "../core/errors.ts";
import type { FeatureMatrix } from "../model/feature_matrix.ts";
import { measureColumns } from "../model/standardise.ts";
import { breathe } from "./breathe.ts";
import {
  chooseStrength,
  DEFAULT_CV_ROWS,
  DEFAULT_FOLDS,
  DEFAULT_SCALING,
  type StrengthOptions,
} from "./choose_strength.ts";
import { checkClassWeights } from "./class_weights.ts";
import { dealFolds, TOLERANCE, trainingRows } from "./cross_validation.ts";
import { DesignMatrix } from "./design_matrix.ts";
import { checkTrainingData } from "./labels.ts";
import { minimise } from "./lbfgs.ts";
import { reduceFeatures } from "./principal_axes.ts";
import { FRUGAL_FIT, isDear } from "./probe_cost.ts";
import { SoftmaxRegression } from "./softmax_regression.ts";

/** Options of {@linkcode heldOutProbabilities}. */
export interface HeldOutOptions extends StrengthOptions {
  /** The fits end within about this many nats of their minimum. @default {1e-4} */
  readonly tolerance?: number;
}

/** Out-of-fold answers. */
export interface HeldOut {
  /** Probability of each class, `[rows, classes]`; 0 in rows that no fold holds out. */
  readonly probabilities: Float32Array;
  /** Fold that held a row out; -1 = none: the only row of its class. */
  readonly foldOfRow: Int32Array;
  /** Number of folds. */
  readonly folds: number;
  /** Strength of the probes, scikit-learn's `C`. */
  readonly strength: number;
}

/**
 * Probabilities of each row by a probe that was trained on the other folds, all of one strength, which is chosen as `fitProbe`
 * chooses it: scikit-learn's `cross_val_predict(method="predict_proba")` over `StratifiedKFold(shuffle=True)`. Features are
 * brought to scale once, over all rows. Where classes and rows are so many that a fit is dear, see `isDear`, the probes learn from the
 * features' principal axes and end early: probabilities then are within a few hundredths.
 *
 * The same input and seed give the same bits. Leaves no tensor behind.
 *
 * @param labels Class index of each row.
 * @throws {UserError} When no class has two rows, and as `fitProbe` does.
 */
export async function heldOutProbabilities(
  features: FeatureMatrix,
  labels: Int32Array,
  options: HeldOutOptions,
): Promise<HeldOut> {
  const { classes, classWeights, randomState = DEFAULT_RANDOM_STATE, onProgress, signal } = options;
  const { tolerance = TOLERANCE } = options;
  signal?.throwIfAborted();
  await expectWork();
  checkClassWeights(classWeights, classes);
  const counts = checkTrainingData(features, labels, options);
  const wanted = options.folds ?? DEFAULT_FOLDS;
  const { foldOfRow, folds } = dealFolds(labels, counts, { folds: wanted, randomState });
  if (folds === 0) {
    throw new UserError(
      "Cannot hold rows out: every class has a single row, expected one with 2 or more",
    );
  }
  const scaling = options.scaling ?? DEFAULT_SCALING;
  const standardisation = measureColumns(features, scaling);
  const { cvRows = DEFAULT_CV_ROWS } = options;
  const reduced = isDear({ ...features, classes, cvRows })
    ? (await reduceFeatures(features, standardisation, { signal })).features
    : undefined;
  using design = reduced
    ? new DesignMatrix(reduced, undefined, { gram: false })
    : new DesignMatrix(features, standardisation);
  const { strength } = await chooseStrength({
    ...{ features: reduced ?? features, labels, design },
    dear: reduced !== undefined,
  }, options);
  const fit = reduced ? FRUGAL_FIT : { tolerance };
  const probabilities = new Float32Array(labels.length * classes);
  for (const [fold, part] of trainingRows(foldOfRow, folds).entries()) {
    // One fold after the other: logits of all rows for all folds at once would be the largest thing in memory.
    const objective = new SoftmaxRegression(design, {
      labels,
      classes,
      parts: [part],
      classWeights,
    });
    objective.setStrength(strength);
    await minimise(objective, {
      ...fit,
      signal,
      onIterations: (iterations, gap) =>
        onProgress?.({
          ...{ stage: "held-out probes", done: fold, total: folds, unit: "fits" },
          detail: { iterations, gap },
        }),
    });
    const scores = objective.scores(0);
    foldOfRow.forEach((of, row) => {
      if (of === fold) writeSoftmax(scores, row, probabilities, classes);
    });
    onProgress?.({ stage: "held-out probes", done: fold + 1, total: folds, unit: "fits" });
    await breathe(signal);
  }
  return { probabilities, foldOfRow, folds, strength };
}

/** From logits `[classes, rows]` to one row of probabilities `[rows, classes]`. */
function writeSoftmax(
  scores: Float64Array,
  row: number,
  out: Float32Array,
  classes: number,
): void {
  const rows = scores.length / classes;
  const exps = new Float64Array(classes);
  let largest = -Infinity;
  for (let k = 0; k < classes; k++) largest = Math.max(largest, scores[k * rows + row]);
  let sum = 0;
  for (let k = 0; k < classes; k++) sum += exps[k] = Math.exp(scores[k * rows + row] - largest);
  for (let k = 0; k < classes; k++) out[row * classes + k] = exps[k] / sum;
}
