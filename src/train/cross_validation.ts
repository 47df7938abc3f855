/** Choosing a probe's strength by cross-validation. @module */
import type { ProgressOptions } from "../core/progress.ts";
import { RandomState } from "../core/random.ts";
import { stratifiedKFold } from "../data/split.ts";
import { likeliest } from "../evaluate/likeliest.ts";
import type { Design, DesignMatrix } from "./design_matrix.ts";
import { minimise } from "./lbfgs.ts";
import type { TrainingRows } from "./regression_options.ts";
import { SoftmaxRegression } from "./softmax_regression.ts";

/** Rows of a class that are needed to hold some out. */
const MIN_ROWS = 2;

/** Strengths that have to be worse than the best, one after the other, before the search ends. */
export const PATIENCE = 2;

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

/** What probes say of rows that they have not learnt from. */
export interface HeldOutLogits {
  /** Indices of the rows. */
  readonly rows: Int32Array;
  /** Logits of these rows, row-major `[rows, classes]`. */
  readonly logits: Float32Array;
}

/** What {@linkcode scoreStrengths} finds. */
export interface StrengthScores {
  /** How each strength did that was tried, ascending. */
  readonly scores: readonly StrengthScore[];
  /** The one with the least log-loss; of equal ones the first. */
  readonly best: StrengthScore;
  /** What its probes say of the held-out rows that were scored. */
  readonly heldOut: HeldOutLogits;
  /** Where its probes ended, `[folds, classes, size + 1]`; see `SoftmaxRegression`. */
  readonly points: Float64Array;
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
): Promise<StrengthScores> {
  const { classes, strengths, foldOfRow, folds, classWeights, onProgress, signal } = options;
  const { scored = foldOfRow.keys().toArray() } = options;
  const rows = Int32Array.from(scored).filter((row) => foldOfRow[row] >= 0);
  const parts = trainingRows(foldOfRow, folds);
  const objective = new SoftmaxRegression(design, { labels, classes, parts, classWeights });
  const scores: StrengthScore[] = [];
  let best: Omit<StrengthScores, "scores"> | undefined;
  let since = 0;
  for (const strength of strengths) {
    objective.setStrength(strength);
    await minimise(objective, {
      tolerance: TOLERANCE,
      signal,
      onIterations: (iterations, gap) =>
        onProgress?.({
          ...{ stage: "probe", done: scores.length, total: strengths.length + 1, unit: "fits" },
          detail: { strength, iterations, gap },
        }),
    });
    const problemOf = (row: number) => foldOfRow[row];
    const logits = heldOutLogits(objective, rows, { classes, problemOf });
    const score = { strength, ...scoreLogits(logits, rows.map((row) => labels[row]), options) };
    scores.push(score);
    onProgress?.({
      stage: "probe",
      done: scores.length,
      total: strengths.length + 1,
      unit: "fits",
      detail: { strength, logLoss: score.logLoss, accuracy: score.accuracy },
    });
    since++;
    if (best === undefined || score.logLoss < best.best.logLoss) {
      best = { best: score, heldOut: { rows, logits }, points: objective.point.coords.slice() };
      since = 0;
    }
    if (since === PATIENCE) break;
  }
  return { scores, ...best! };
}

/** The rows that each fold learns from: all that it does not hold out. */
export function trainingRows(foldOfRow: Int32Array, folds: number): TrainingRows[] {
  const all = Int32Array.from(foldOfRow.keys());
  return Array.from(
    { length: folds },
    (_, fold) => ({ rows: all.filter((row) => foldOfRow[row] !== fold) }),
  );
}

/**
 * Where a probe of all rows is best looked for first: at the mean of those that each left out a fold. In a combination of rows each
 * row has the mean of the probes that learnt from it.
 *
 * @param points Where those ended, `[folds, classes, size + 1]`.
 * @returns `[1, classes, size + 1]`.
 */
export function meanOfFolds(
  points: Float64Array,
  { gram, size }: Pick<Design, "gram" | "size">,
  { foldOfRow, folds }: Folds,
): Float64Array {
  const length = points.length / folds;
  return Float64Array.from({ length }, (_, i) => {
    const column = i % (size + 1);
    const learnt = gram && column < size && foldOfRow[column] >= 0 ? folds - 1 : folds;
    let sum = 0;
    for (let at = i; at < points.length; at += length) sum += points[at];
    return sum / learnt;
  });
}

/** Logits `[rows, classes]` of some rows, each by the probe that it was held out from: the problem `problemOf(row)`. */
export function heldOutLogits(
  objective: SoftmaxRegression,
  rows: Int32Array,
  { classes, problemOf }: {
    readonly classes: number;
    readonly problemOf: (row: number) => number;
  },
): Float32Array {
  const logits = new Float32Array(rows.length * classes);
  rows.forEach((row, i) => {
    const scores = objective.scores(problemOf(row));
    const stride = scores.length / classes;
    for (let k = 0; k < classes; k++) logits[i * classes + k] = scores[k * stride + row];
  });
  return logits;
}

/** Log-loss and accuracy of logits. */
export function scoreLogits(
  logits: Float32Array,
  labels: Int32Array,
  { classes, classWeights }: Pick<ScoreOptions, "classes" | "classWeights">,
): { logLoss: number; accuracy: number } {
  const answers = likeliest(logits, classes);
  let loss = 0, mass = 0, right = 0;
  for (const [row, label] of labels.entries()) {
    const first = row * classes;
    const best = answers[row];
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += Math.exp(logits[first + k] - logits[first + best]);
    const weight = classWeights?.[label] ?? 1;
    loss += weight * (Math.log(sum) + logits[first + best] - logits[first + label]);
    mass += weight;
    if (best === label) right++;
  }
  return { logLoss: loss / mass, accuracy: right / labels.length };
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
