/** Nested cross-validation of a probe. @module */

import { expectWork } from "../backend/start.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { likeliest } from "../evaluate/likeliest.ts";
import type { FeatureMatrix } from "../model/feature_matrix.ts";
import { measureColumns } from "../model/standardise.ts";
import { breathe } from "./breathe.ts";
import { DEFAULT_SCALING, DEFAULT_STRENGTHS, type StrengthOptions } from "./choose_strength.ts";
import { type Folds, PATIENCE, TOLERANCE, trainingRows } from "./cross_validation.ts";
import { DesignMatrix } from "./design_matrix.ts";
import { minimise, type MinimiseOptions } from "./lbfgs.ts";
import type { TrainingRows } from "./regression_options.ts";
import { SoftmaxRegression } from "./softmax_regression.ts";

/** Options of {@linkcode nestedProbes}. */
export type NestedOptions =
  & Pick<StrengthOptions, "classes" | "classWeights" | "scaling" | "strengths">
  & Pick<ProgressOptions, "signal">
  & Pick<MinimiseOptions, "onIterations">;

/** Answers for rows that were not learnt from. */
export interface NestedAnswers {
  /** Likeliest class of each row by the probe that did not learn from its fold; -1 in rows that no fold holds out. */
  readonly answers: Int32Array;
  /** Strength that was chosen without each fold, scikit-learn's `C`. */
  readonly strengths: readonly number[];
}

/**
 * Each fold is answered for by a probe that learnt from the others, of a strength that is chosen by cross-validation over these others
 * alone: a fold decides nothing of the probe that is scored on it.
 *
 * A probe that leaves out folds i and j tells how a strength does on j without i, and on i without j: it serves both choices, so
 * that K folds take K (K - 1) / 2 probes for each strength instead of K (K - 1). Features are brought to scale once, over all
 * rows: that looks at no label.
 *
 * The same input gives the same bits. Leaves no tensor behind.
 *
 * @param labels Class index of each row.
 * @param folds Three or more.
 */
export async function nestedProbes(
  features: FeatureMatrix,
  labels: Int32Array,
  { foldOfRow, folds, ...options }: Folds & NestedOptions,
): Promise<NestedAnswers> {
  const { scaling = DEFAULT_SCALING, classes, classWeights, signal, onIterations } = options;
  await expectWork();
  using design = new DesignMatrix(features, measureColumns(features, scaling));
  const problem = { labels, classes, classWeights };
  const strengths = await chooseWithout(design, { ...problem, foldOfRow, folds }, options);
  const objective = new SoftmaxRegression(design, {
    ...problem,
    parts: trainingRows(foldOfRow, folds),
  });
  const answers = new Int32Array(labels.length).fill(-1);
  for (const strength of [...new Set(strengths)].sort((a, b) => a - b)) {
    objective.setStrength(strength);
    await minimise(objective, { tolerance: TOLERANCE, signal, onIterations });
    for (let fold = 0; fold < folds; fold++) {
      if (strengths[fold] !== strength) continue;
      const rows = rowsOf(foldOfRow, fold);
      const said = likeliest(logitsOf(objective, fold, rows, classes), classes);
      rows.forEach((row, i) => answers[row] = said[i]);
    }
    await breathe(signal);
  }
  return { answers, strengths };
}

/** What the choice is about. */
interface NestedProblem extends Folds {
  readonly labels: Int32Array;
  readonly classes: number;
  readonly classWeights?: ArrayLike<number>;
}

/** For each fold the strength with the least log-loss over the other folds. */
async function chooseWithout(
  design: DesignMatrix,
  { foldOfRow, folds, ...problem }: NestedProblem,
  { strengths: given, signal, onIterations }: NestedOptions,
): Promise<number[]> {
  const strengths = [...given ?? DEFAULT_STRENGTHS].sort((a, b) => a - b);
  const pairs = Array.from(
    { length: folds },
    (_, i) => Array.from({ length: i }, (_, j) => [j, i] as const),
  ).flat();
  const all = Int32Array.from(foldOfRow.keys());
  const parts: TrainingRows[] = pairs.map(([i, j]) => ({
    rows: all.filter((row) => foldOfRow[row] !== i && foldOfRow[row] !== j),
  }));
  const objective = new SoftmaxRegression(design, { ...problem, parts });
  const heldOut = Array.from({ length: folds }, (_, fold) => rowsOf(foldOfRow, fold));
  const best = heldOut.map(() => ({ strength: strengths[0], loss: Infinity, since: 0 }));
  for (const strength of strengths) {
    objective.setStrength(strength);
    await minimise(objective, { tolerance: TOLERANCE, signal, onIterations });
    const losses = new Float64Array(folds);
    pairs.forEach(([i, j], part) => {
      losses[i] += lossOf(objective, part, heldOut[j], problem);
      losses[j] += lossOf(objective, part, heldOut[i], problem);
    });
    best.forEach((of, fold) => {
      const better = losses[fold] < of.loss;
      if (of.since < PATIENCE && better) Object.assign(of, { strength, loss: losses[fold] });
      of.since = better ? 0 : of.since + 1;
    });
    if (best.every(({ since }) => since >= PATIENCE)) break;
    await breathe(signal);
  }
  return best.map(({ strength }) => strength);
}

function rowsOf(foldOfRow: Int32Array, fold: number): Int32Array {
  return Int32Array.from(foldOfRow.keys()).filter((row) => foldOfRow[row] === fold);
}

/** Logits `[rows, classes]` of a problem for some rows. */
function logitsOf(
  objective: SoftmaxRegression,
  problem: number,
  rows: Int32Array,
  classes: number,
): Float32Array {
  const scores = objective.scores(problem);
  const count = scores.length / classes;
  const logits = new Float32Array(rows.length * classes);
  rows.forEach((row, i) => {
    for (let k = 0; k < classes; k++) logits[i * classes + k] = scores[k * count + row];
  });
  return logits;
}

/** Sum of the weighted log-loss of a problem over some rows. */
function lossOf(
  objective: SoftmaxRegression,
  problem: number,
  rows: Int32Array,
  { labels, classes, classWeights }: Omit<NestedProblem, keyof Folds>,
): number {
  const logits = logitsOf(objective, problem, rows, classes);
  let total = 0;
  rows.forEach((row, i) => {
    const of = logits.subarray(i * classes, (i + 1) * classes);
    const largest = of.reduce((most, value) => Math.max(most, value), -Infinity);
    const sum = of.reduce((exps, value) => exps + Math.exp(value - largest), 0);
    const weight = classWeights?.[labels[row]] ?? 1;
    total += weight * (Math.log(sum) + largest - of[labels[row]]);
  });
  return total;
}
