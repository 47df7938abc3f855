/** Labels that are likely wrong. @module */

/** A picture whose label is likely wrong. */
export interface SuspectLabel {
  /** Index of the picture. */
  readonly row: number;
  /** Class that it is labelled with. */
  readonly given: number;
  /** Class that it looks like. */
  readonly suggested: number;
  /** Probability of the class that it is labelled with, by probes that have not learnt from it. */
  readonly givenProbability: number;
  /** Probability of the class that it looks like. */
  readonly suggestedProbability: number;
}

/** What {@linkcode findWrongLabels} looks at. */
export interface LabelEvidence {
  /** Out-of-fold probabilities, `[rows, classes]`. */
  readonly probabilities: ArrayLike<number>;
  /** Class of each row. */
  readonly labels: ArrayLike<number>;
  /** Number of classes. */
  readonly classes: number;
  /** Fold that held a row out; -1 = none: the row is not judged and counts for nothing. */
  readonly foldOfRow: ArrayLike<number>;
}

/** What {@linkcode findWrongLabels} finds. */
export interface WrongLabels {
  /** The likely wrong ones, the surest first: by how much likelier the other class is. */
  readonly suspects: readonly SuspectLabel[];
  /** Probability of each class from which on a picture counts as one of it; NaN where none was judged. */
  readonly thresholds: Float64Array;
}

/**
 * Finds labels that are likely wrong by confident learning (Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating
 * Uncertainty in Dataset Labels", J. Artif. Intell. Res. 70): a picture counts as one of a class when it is at least as likely
 * to be as the pictures with that label are on average, so that a class that is told less surely needs less; where several
 * classes qualify, as one of the likeliest. Those that count as another class than their label's, and are likelier of it, are
 * suspects: the off-diagonal of the paper's confident joint.
 *
 * @example
 * ```ts
 * import { findWrongLabels } from "./wrong_labels.ts";
 * const { suspects } = findWrongLabels({
 *   probabilities: [0.9, 0.1, 0.8, 0.2, 0.3, 0.7, 0.1, 0.9, 0.05, 0.95],
 *   labels: [0, 0, 1, 1, 0],
 *   classes: 2,
 *   foldOfRow: [0, 1, 0, 1, 0],
 * });
 * if (suspects.length !== 1 || suspects[0].row !== 4) throw new Error(JSON.stringify(suspects));
 * ```
 */
export function findWrongLabels(evidence: LabelEvidence): WrongLabels {
  const { probabilities, labels, classes, foldOfRow } = evidence;
  const thresholds = selfConfidence(evidence);
  const suspects: SuspectLabel[] = [];
  for (let row = 0; row < labels.length; row++) {
    if (foldOfRow[row] < 0) continue;
    const given = labels[row];
    const at = row * classes;
    let suggested = -1;
    for (let k = 0; k < classes; k++) {
      const confident = probabilities[at + k] >= thresholds[k]; // never where that is NaN
      if (!confident) continue;
      if (suggested < 0 || probabilities[at + k] > probabilities[at + suggested]) suggested = k;
    }
    if (suggested < 0 || suggested === given) continue;
    if (!(probabilities[at + suggested] > probabilities[at + given])) continue;
    suspects.push({
      row,
      given,
      suggested,
      givenProbability: probabilities[at + given],
      suggestedProbability: probabilities[at + suggested],
    });
  }
  const margin = (one: SuspectLabel) => one.suggestedProbability - one.givenProbability;
  suspects.sort((a, b) => margin(b) - margin(a) || a.row - b.row);
  return { suspects, thresholds };
}

/** Mean probability of each class among the judged rows that are labelled with it. */
function selfConfidence(
  { probabilities, labels, classes, foldOfRow }: LabelEvidence,
): Float64Array {
  const sums = new Float64Array(classes);
  const counts = new Int32Array(classes);
  for (let row = 0; row < labels.length; row++) {
    if (foldOfRow[row] < 0) continue;
    sums[labels[row]] += probabilities[row * classes + labels[row]];
    counts[labels[row]]++;
  }
  return sums.map((sum, k) => sum / counts[k]);
}
