/** Which class was taken for which. @module */

import { UserError } from "../core/errors.ts";

/**
 * Counts `[true class][predicted class]`, as scikit-learn's `confusion_matrix(labels, predictions)`.
 *
 * @param labels True class index of each row, 0 to `classes - 1`.
 * @param predictions Predicted class index of each row, 0 to `classes - 1`.
 * @param classes Number of classes; those that never occur get a row and a column of zeros.
 *
 * @example
 * ```ts
 * import { confusionMatrix } from "./confusion.ts";
 * const matrix = confusionMatrix([0, 0, 1], [0, 1, 1], 2);
 * if (JSON.stringify(matrix) !== "[[1,1],[0,1]]") throw new Error(JSON.stringify(matrix));
 * ```
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
): number[][] {
  if (labels.length !== predictions.length) {
    throw new UserError(
      `Cannot count confusions: ${predictions.length} predictions for ${labels.length} labels; expected one for each`,
    );
  }
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let row = 0; row < labels.length; row++) {
    const truth = labels[row], prediction = predictions[row];
    if (!(truth in matrix) || !(prediction in matrix)) {
      throw new UserError(
        `Cannot count confusions: row ${row} has class ${truth} and prediction ${prediction}; expected whole numbers from 0 to ${
          classes - 1
        }`,
      );
    }
    matrix[truth][prediction]++;
  }
  return matrix;
}

/** Scores of one class. */
export interface ClassScores {
  /** Share of the rows predicted as this class that are of it; 0 when none was predicted. */
  readonly precision: number;
  /** Share of the class's rows that were predicted as it; 0 when it has none. */
  readonly recall: number;
  /** Harmonic mean of the two; 0 when both are. */
  readonly f1: number;
  /** Rows of the class. */
  readonly support: number;
}

/**
 * Precision, recall, F1 and support of each class of a {@linkcode confusionMatrix}, as scikit-learn's
 * `precision_recall_fscore_support(…, zero_division=0)`.
 */
export function classScores(matrix: readonly (readonly number[])[]): ClassScores[] {
  return matrix.map((row, k) => {
    const hits = row[k];
    const support = row.reduce((sum, count) => sum + count, 0);
    const predicted = matrix.reduce((sum, other) => sum + other[k], 0);
    return {
      precision: predicted > 0 ? hits / predicted : 0,
      recall: support > 0 ? hits / support : 0,
      f1: predicted + support > 0 ? 2 * hits / (predicted + support) : 0,
      support,
    };
  });
}
