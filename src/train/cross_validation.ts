/** Choosing a probe's strength by cross-validation. @module */
import type { ProgressOptions } from "../core/progress.ts";
import { RandomState } from "../core/random.ts";
import { stratifiedKFold } from "../data/split.ts";
import type { DesignMatrix } from "./design_matrix.ts";
import { minimise } from "./lbfgs.ts";
import { SoftmaxRegression, type TrainingRows } from "./softmax_regression.ts";

/** Rows of a class that are needed to hold some out. */
const MIN_ROWS = 2;

/** Strengths that have to be worse than the best, one after the other, before the search ends. */
const PATIENCE = 2;

/**
 * Folds are solved to within this many nats of their minimum. Held-out log-loss then is within about 0.002 of its value at
 * 1e-6, a tenth of its standard error on 900 rows, in a third of the time.
 */
export const TOLERANCE = 1e-4;

/** How one strength did on held-out rows. */
export interface StrengthScore {
  /** The strength, scikit-learn's `C`. */
  readonly strength: number;
  /** Mean log-loss over all held-out rows, in nats; weighted where classes have weights. */
  readonly logLoss: number;
  /** Share of held-out rows that were right, each counting alike. */
  readonly accuracy: number;
}

/** Options of {@linkcode scoreStrengths}. */
export interface ScoreOptions extends ProgressOptions {
  /** Number of classes. */
  readonly classes: number;
  /** Strengths to try, ascending. */
  readonly strengths: readonly number[];
  /** Fold in which each row is held out; -1 = never. */
  readonly foldOfRow: Int32Array;
  /** Number of folds. */
  readonly folds: number;
  /** Weight of each class, in training and in the log-loss. @default all 1 */
  readonly classWeights?: ArrayLike<number>;
  /** Rows that are scored when they are held out. @default all */
  readonly scored?: ArrayLike<number>;
}

/**
 * Held-out scores of strengths, from weak to strong, until two in a row are worse than the best.
 *
 * All folds are solved together, each strength starting from the solution of the one before. Standardisation is that of the whole
 * design: it has seen the held-out rows' features, never their labels.
 */
export async function scoreStrengths(
  design: DesignMatrix,
  labels: Int32Array,
  options: ScoreOptions,
): Promise<StrengthScore[]> {
  const { classes, strengths, foldOfRow, folds, classWeights, onProgress, signal } = options;
  const parts = trainingRows(foldOfRow, folds);
  const objective = new SoftmaxRegression(design, { labels, classes, parts, classWeights });
  const scores: StrengthScore[] = [];
  let best = Infinity, since = 0;
  for (const strength of strengths) {
    objective.setStrength(strength);
    await minimise(objective, { tolerance: TOLERANCE, signal });
    const score = { strength, ...scoreHeldOut(objective, labels, options) };
    scores.push(score);
    onProgress?.({
      stage: "probe",
      done: scores.length,
      total: strengths.length + 1,
      unit: "fits",
      detail: { strength, logLoss: score.logLoss, accuracy: score.accuracy },
    });
    since = score.logLoss < best ? 0 : since + 1;
    best = Math.min(best, score.logLoss);
    if (since === PATIENCE) break;
  }
  return scores;
}

/** The rows that each fold learns from: all that it does not hold out. */
export function trainingRows(foldOfRow: Int32Array, folds: number): TrainingRows[] {
  const all = Int32Array.from(foldOfRow.keys());
  return Array.from(
    { length: folds },
    (_, fold) => ({ rows: all.filter((row) => foldOfRow[row] !== fold) }),
  );
}

/** Log-loss and accuracy over the scored rows that some fold holds out. */
function scoreHeldOut(
  objective: SoftmaxRegression,
  labels: Int32Array,
  { classes, foldOfRow, classWeights, scored = foldOfRow.keys().toArray() }: ScoreOptions,
): { logLoss: number; accuracy: number } {
  const rows = foldOfRow.length;
  let loss = 0, mass = 0, right = 0, count = 0;
  for (let i = 0; i < scored.length; i++) {
    const row = scored[i];
    if (foldOfRow[row] < 0) continue;
    const scores = objective.scores(foldOfRow[row]);
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if (scores[k * rows + row] > scores[best * rows + row]) best = k;
    }
    let sum = 0;
    for (let k = 0; k < classes; k++) {
      sum += Math.exp(scores[k * rows + row] - scores[best * rows + row]);
    }
    const weight = classWeights?.[labels[row]] ?? 1;
    loss += weight *
      (Math.log(sum) + scores[best * rows + row] - scores[labels[row] * rows + row]);
    mass += weight;
    if (best === labels[row]) right++;
    count++;
  }
  return { logLoss: loss / mass, accuracy: right / count };
}

/** Which rows are held out when. */
export interface Folds {
  /** Fold in which each row is held out; -1 = never. */
  readonly foldOfRow: Int32Array;
  /** Number of folds; 0 when no class has rows to spare. */
  readonly folds: number;
}

/**
 * Deals rows to at most `folds` stratified folds: fewer when the rarest class has fewer rows. A class with a single row is never held out,
 * since the folds could not learn it.
 */
export function dealFolds(
  labels: Int32Array,
  counts: Int32Array,
  options: { readonly folds: number; readonly randomState: number },
): Folds {
  const foldOfRow = new Int32Array(labels.length).fill(-1);
  const spare = counts.filter((count) => count >= MIN_ROWS);
  if (spare.length === 0) return { foldOfRow, folds: 0 };
  const folds = Math.min(options.folds, ...spare);
  const rows = Int32Array.from(labels.keys()).filter((row) => counts[labels[row]] >= MIN_ROWS);
  const dealt = stratifiedKFold(rows.map((row) => labels[row]), {
    folds,
    randomState: options.randomState,
  });
  rows.forEach((row, i) => foldOfRow[row] = dealt[i]);
  return { foldOfRow, folds };
}

/** About `limit` rows, the classes in their shares but none with fewer than `keep` (or all it has), in ascending order. */
export function sampleRows(
  labels: Int32Array,
  counts: Int32Array,
  options: { readonly limit: number; readonly keep: number; readonly randomState: number },
): Int32Array {
  const { limit, keep, randomState } = options;
  const quota = counts.map((count) => {
    const share = Math.round(count * limit / labels.length);
    return Math.min(count, Math.max(keep, share));
  });
  const chosen: number[] = [];
  for (const row of new RandomState(randomState).permutation(labels.length)) {
    if (quota[labels[row]]-- > 0) chosen.push(row);
  }
  return Int32Array.from(chosen).sort();
}
