/** Which labels are likely wrong, by features. @module */

import type { ImageDataset } from "../data/dataset.ts";
import { type FeatureMatrix, takeRows } from "../model/feature_matrix.ts";
import type { StrengthOptions } from "../train/choose_strength.ts";
import { heldOutProbabilities } from "../train/held_out.ts";
import { findWrongLabels, type SuspectLabel } from "./wrong_labels.ts";

/** How the labels look to probes that were trained without them. */
export interface LabelFindings {
  /** Labels that are likely wrong, the surest first. */
  readonly suspects: readonly SuspectLabel[];
  /** Pictures that were judged. */
  readonly judged: number;
  /** Share of those whose likeliest class is that of their label. */
  readonly agreement: number;
  /** Folds that were held out in turn. */
  readonly folds: number;
}

/** Findings on labels, or why there are none. */
export interface JudgedLabels {
  /** Findings on labels; `undefined` where there are none to be judged. */
  readonly labels: LabelFindings | undefined;
  /** Why labels were not judged. */
  readonly notJudged?: string;
}

/** Options of {@linkcode judgeLabels}. */
export type JudgeOptions = Pick<
  StrengthOptions,
  "strengths" | "randomState" | "onProgress" | "signal"
>;

/**
 * Looks at the labels with out-of-fold probes on the pictures that have one; see `findWrongLabels`.
 *
 * @param features Of `data`, row for row, by a trunk that has not learnt from these labels.
 */
export async function judgeLabels(
  data: Pick<ImageDataset, "labels" | "classes" | "classCounts">,
  features: FeatureMatrix,
  options: JudgeOptions = {},
): Promise<JudgedLabels> {
  const counts = data.classCounts();
  const present = [...counts.keys()].filter((k) => counts[k] > 0);
  const notJudged = present.length === 0
    ? "there are none"
    : present.length === 1
    ? "there is a single class"
    : present.every((k) => counts[k] < 2)
    ? "every class has a single picture"
    : undefined;
  if (notJudged !== undefined) return { labels: undefined, notJudged };
  const rows = Int32Array.from(data.labels.keys()).filter((row) => data.labels[row] >= 0);
  const labels = rows.map((row) => present.indexOf(data.labels[row]));
  const classes = present.length;
  const { probabilities, foldOfRow, folds } = await heldOutProbabilities(
    rows.length === features.rows ? features : takeRows(features, rows),
    labels,
    { classes, classNames: present.map((k) => data.classes[k]), ...options },
  );
  const { suspects } = findWrongLabels({ probabilities, labels, classes, foldOfRow });
  const judged = [...foldOfRow.keys()].filter((row) => foldOfRow[row] >= 0);
  const agreeing = judged.filter((row) => {
    const own = probabilities[row * classes + labels[row]];
    return probabilities.subarray(row * classes, (row + 1) * classes).every((p) => p <= own);
  });
  return {
    labels: {
      suspects: suspects.map((one) => ({
        ...one,
        row: rows[one.row],
        given: present[one.given],
        suggested: present[one.suggested],
      })),
      judged: judged.length,
      agreement: agreeing.length / judged.length,
      folds,
    },
  };
}
