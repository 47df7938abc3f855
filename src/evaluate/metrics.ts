/** How good predictions are. @module */
import { UserError } from "../core/errors.ts";
import { type Proportion, wilson } from "../core/intervals.ts";
import { type ClassScores, classScores, confusionMatrix } from "./confusion.ts";
import { likeliest } from "./likeliest.ts";
import { reliability } from "./reliability.ts";

/** Scores of one class, with its name. */
export interface ClassEvaluation extends ClassScores {
  /** Name of the class. */
  readonly name: string;
}

/** How good predictions are; plain data. */
export interface Evaluation {
  /** Share of rows whose likeliest class is the true one, with its Wilson 95 % interval. */
  readonly accuracy: Proportion;
  /** Mean of -log(probability of the true class), in nats. */
  readonly logLoss: number;
  /** Expected calibration error over 15 bins, see `reliability`: 0 where probabilities come true as often as they say. */
  readonly ece: number;
  /** Brier score of several classes, 0 to 2: mean over rows of the sum over classes of (probability - 1 or 0)², Brier 1950. */
  readonly brier: number;
  /** Scores by class, in class order. */
  readonly perClass: readonly ClassEvaluation[];
  /** Mean F1 over the classes that are present or predicted, as scikit-learn's `f1_score(…, average="macro")`. */
  readonly macroF1: number;
  /** Mean F1 over classes, weighted by their support. */
  readonly weightedF1: number;
  /** Counts `[true class][predicted class]`. */
  readonly confusion: readonly (readonly number[])[];
  /** Class names in order. */
  readonly classes: readonly string[];
  /** Accuracy of always guessing the class that is commonest among these labels. */
  readonly majority: number;
}

/** Probabilities are clipped this far from 0 and 1, as scikit-learn >= 1.2 does for float32: 2^-23. */
const CLIP = 2 ** -23;

/**
 * Scores probabilities against true labels; equal to scikit-learn's `accuracy_score`, `log_loss`, `f1_score`, and its
 * `precision_recall_fscore_support` and `confusion_matrix` over all of `classes`.
 *
 * @param probabilities Row-major `[rows, classes]`; of equal ones the first counts as the prediction.
 * @param labels True class index of each row.
 * @param classes Class names in order.
 * @throws {UserError} When there are no rows, or a row has no label.
 *
 * @example
 * ```ts
 * import { evaluatePredictions } from "./metrics.ts";
 * const result = evaluatePredictions(Float32Array.of(0.9, 0.1, 0.4, 0.6), [0, 1], ["cat", "dog"]);
 * if (result.accuracy.value !== 1 || result.majority !== 0.5) throw new Error(JSON.stringify(result));
 * ```
 */
export function evaluatePredictions(
  probabilities: Float32Array,
  labels: ArrayLike<number>,
  classes: readonly string[],
): Evaluation {
  const n = labels.length, k = classes.length;
  if (probabilities.length !== n * k) {
    throw new UserError(
      `Cannot evaluate: ${probabilities.length} probabilities for ${n} rows and ${k} classes; expected ${
        n * k
      }`,
    );
  }
  if (n === 0) throw new UserError("Cannot evaluate: there are no rows; give at least one");
  checkLabels(labels, k);
  const predictions = likeliest(probabilities, k);
  const confusion = confusionMatrix(labels, predictions, k);
  const perClass = classScores(confusion).map((scores, i) => ({ name: classes[i], ...scores }));
  const hits = confusion.reduce((sum, row, i) => sum + row[i], 0);
  return {
    accuracy: wilson(hits, n),
    logLoss: logLoss(probabilities, labels, k),
    ece: reliability(probabilities, labels, k).ece,
    brier: brier(probabilities, labels, k),
    perClass,
    macroF1: meanF1(confusion, perClass),
    weightedF1: perClass.reduce((sum, { f1, support }) => sum + f1 * support, 0) / n,
    confusion,
    classes,
    majority: Math.max(...perClass.map(({ support }) => support)) / n,
  };
}

function meanF1(
  confusion: readonly (readonly number[])[],
  perClass: readonly ClassScores[],
): number {
  const counted = perClass.filter(({ support }, k) =>
    support > 0 || confusion.some((row) => row[k] > 0)
  );
  return counted.reduce((sum, { f1 }) => sum + f1, 0) / counted.length;
}

/** Mean of -log(probability of the true class): clipped, then brought to sum 1 per row, as scikit-learn does. */
function logLoss(probabilities: Float32Array, labels: ArrayLike<number>, classes: number): number {
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += clip(probabilities[row * classes + k]);
    loss -= Math.log(clip(probabilities[row * classes + labels[row]]) / sum);
  }
  return loss / labels.length;
}

function brier(probabilities: Float32Array, labels: ArrayLike<number>, classes: number): number {
  let sum = 0;
  for (let row = 0; row < labels.length; row++) {
    for (let k = 0; k < classes; k++) {
      sum += (probabilities[row * classes + k] - (k === labels[row] ? 1 : 0)) ** 2;
    }
  }
  return sum / labels.length;
}

function clip(probability: number): number {
  return Math.min(1 - CLIP, Math.max(CLIP, probability));
}

function checkLabels(labels: ArrayLike<number>, classes: number): void {
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row];
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new UserError(
      label === -1
        ? `Cannot evaluate: row ${row} has no label; name the column that holds the labels as the label (--label NAME) when the data are opened`
        : `Cannot evaluate: row ${row} has class index ${label}, the model has ${classes} classes`,
    );
  }
}
