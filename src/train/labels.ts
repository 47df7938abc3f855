/** Checks on what is trained with. @module */
import { UserError } from "../core/errors.ts";
import type { FeatureMatrix } from "../model/feature_matrix.ts";

/** What {@linkcode countLabels} looks at. */
export interface TrainingShape {
  /** Number of classes. */
  readonly classes: number;
  /** Names of the classes, for messages. */
  readonly classNames?: readonly string[];
}

/**
 * Rows of each class.
 *
 * @param action What messages say cannot be done.
 * @throws {UserError} When there is nothing to learn from: no rows, unlabelled rows, a single class, or a class without rows.
 */
export function countLabels(
  labels: ArrayLike<number>,
  { classes, classNames }: TrainingShape,
  action: string,
): Int32Array {
  const fail = (detail: string) => new UserError(`Cannot ${action}: ${detail}`);
  const rows = labels.length;
  if (rows === 0) throw fail("there are no rows to learn from");
  const counts = new Int32Array(classes);
  for (let row = 0; row < rows; row++) {
    if (!(labels[row] in counts)) {
      throw fail(
        labels[row] === -1
          ? `row ${row} has no label; give the column that holds the labels`
          : `row ${row} has class index ${labels[row]}, expected 0 to ${classes - 1}`,
      );
    }
    counts[labels[row]]++;
  }
  const name = (index: number) => JSON.stringify(classNames?.[index] ?? String(index));
  const only = counts.indexOf(rows);
  if (only >= 0) {
    throw fail(
      `all ${rows} rows are of class ${
        name(only)
      }, expected at least 2 classes; add rows of another class`,
    );
  }
  const empty = counts.indexOf(0);
  if (empty >= 0) {
    throw fail(
      `class ${
        name(empty)
      } has no rows to learn from; add some, leave the class out, or split with stratify`,
    );
  }
  return counts;
}

/**
 * Rows of each class of a head's training data.
 *
 * @throws {UserError} When there is nothing to learn from, see {@linkcode countLabels}, or a feature is not a finite number.
 */
export function checkTrainingData(
  features: FeatureMatrix,
  labels: ArrayLike<number>,
  shape: TrainingShape,
): Int32Array {
  const { data, rows, columns } = features;
  if (data.length !== rows * columns || labels.length !== rows) {
    throw new UserError(
      `Cannot train the head: ${data.length} features and ${labels.length} labels for ${rows} rows of ${columns}`,
    );
  }
  const counts = countLabels(labels, shape, "train the head");
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw new UserError(
      `Cannot train the head: feature ${wrong % columns} of row ${Math.floor(wrong / columns)} is ${
        data[wrong]
      }, expected a finite number; check the weights and the pictures`,
    );
  }
  return counts;
}
