/** Pictures by how much their labels surprise the model. @module */

import { UserError } from "../core/errors.ts";
import { RandomState } from "../core/random.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { likeliest } from "../evaluate/likeliest.ts";
import type { LossRow } from "./interpretation.ts";

/** Probabilities are no smaller than this, as in `evaluatePredictions`, so that every loss is a number. */
const CLIP = 2 ** -23;

/** What is asked of a data set: labels are indices into the classes of the probabilities. */
export type LabelledRows = Pick<ImageDataset, "labels" | "name">;

/**
 * The loss of every picture, in the order of the data.
 *
 * @param probabilities Row-major `[rows, classes]`.
 * @throws {UserError} When probabilities and labels do not fit together, or a picture has no label.
 */
export function lossRows(
  probabilities: Float32Array,
  data: LabelledRows,
  classes: number,
): LossRow[] {
  const { labels } = data;
  if (probabilities.length !== labels.length * classes) {
    throw new UserError(
      `Cannot measure losses: ${probabilities.length} probabilities, expected ${labels.length} x ${classes}`,
    );
  }
  const answers = likeliest(probabilities, classes);
  return Array.from(labels, (label, row) => {
    if (!(label >= 0 && label < classes)) {
      throw new UserError(
        `Cannot measure losses: ${data.name(row)} has class ${label}, expected 0 to ${classes - 1}`,
      );
    }
    const labelProbability = probabilities[row * classes + label];
    return {
      row,
      name: data.name(row),
      label,
      predicted: answers[row],
      labelProbability,
      predictedProbability: probabilities[row * classes + answers[row]],
      loss: -Math.log(Math.max(CLIP, labelProbability)),
    };
  });
}

/** Options of {@linkcode topLosses}. */
export interface TopLossesOptions {
  /** How many pictures. @default {9} */
  readonly top?: number;
}

/** How many pictures where no number is given: a square of three by three. */
export const DEFAULT_TOP = 9;

/**
 * The pictures whose labels surprise the model most, that one first: the sure mistakes, the hard cases, and the wrong labels.
 *
 * @param probabilities Row-major `[rows, classes]`, for instance of `model.probabilities(data)`.
 * @param data Its labels are indices into the model's classes: `data.withClasses(model.classes)` makes sure.
 * @throws {UserError} As {@linkcode lossRows}.
 *
 * @example
 * ```ts
 * import { topLosses } from "./loss_rows.ts";
 * const data = { labels: Int32Array.of(0, 1, 0), classes: ["cat", "dog"], name: (row: number) => `row ${row}` };
 * const [worst] = topLosses(Float32Array.of(0.9, 0.1, 0.8, 0.2, 0.6, 0.4), data);
 * if (worst.row !== 1 || worst.predicted !== 0) throw new Error(JSON.stringify(worst));
 * ```
 */
export function topLosses(
  probabilities: Float32Array,
  data: LabelledRows & Pick<ImageDataset, "classes">,
  { top = DEFAULT_TOP }: TopLossesOptions = {},
): LossRow[] {
  return largestLosses(lossRows(probabilities, data, data.classes.length), top);
}

/** The `count` rows with the largest losses, largest first; of equal ones in row order. */
export function largestLosses(rows: readonly LossRow[], count: number): LossRow[] {
  return rows.toSorted((a, b) => b.loss - a.loss || a.row - b.row).slice(0, Math.max(0, count));
}

/** `count` rows by lot, in row order. */
export function sampleLosses(
  rows: readonly LossRow[],
  count: number,
  randomState: number,
): LossRow[] {
  const chosen = new RandomState(randomState).permutation(rows.length).subarray(0, count);
  return Array.from(chosen.toSorted(), (at) => rows[at]);
}
