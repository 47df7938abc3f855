/** What a pretrained network's features tell of a data set. @module */

import type { ProgressOptions } from "../core/progress.ts";
import type { FeatureMatrix } from "../model/feature_matrix.ts";
import { takeRows } from "../model/feature_matrix.ts";
import { heldOutProbabilities } from "../train/held_out.ts";
import {
  type DuplicateFinding,
  type PictureAudit,
  type Worries,
  worriesOf,
} from "./audit_pictures.ts";
import { findNearDuplicates, NEAR, type SimilarPair } from "./near_duplicates.ts";
import { findWrongLabels, type SuspectLabel } from "./wrong_labels.ts";

/** Two pictures that are nearly the same, and what is worrying about that. */
export interface NearDuplicate extends SimilarPair, Worries {}

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

/** What {@linkcode auditFeatures} finds; rows are indices into the audit's `data`. */
export interface FeatureAudit {
  /** Pairs of pictures that are nearly the same, nearest first; of equal ones, the first stands for all. */
  readonly nearDuplicates: readonly NearDuplicate[];
  /** Cosine distance within which two pictures count as nearly the same. */
  readonly maxDistance: number;
  /** Findings on labels; `undefined` where there are none to be judged. */
  readonly labels: LabelFindings | undefined;
  /** Why labels were not judged. */
  readonly notJudged?: string;
}

/** Options of {@linkcode auditFeatures}. */
export interface FeatureAuditOptions extends ProgressOptions {
  /** Cosine distance within which two pictures count as nearly the same. @default {@linkcode NEAR.maxDistance} */
  readonly maxDistance?: number;
  /** Seed of the folds. @default {5} */
  readonly randomState?: number;
}

/**
 * Finds pictures that are nearly the same and labels that are likely wrong.
 *
 * @param audit The pictures, with what was found without a network.
 * @param features Of `audit.data`, row for row, of {@linkcode NEAR.stages} of a pretrained trunk.
 */
export async function auditFeatures(
  audit: PictureAudit,
  features: FeatureMatrix,
  options: FeatureAuditOptions = {},
): Promise<FeatureAudit> {
  const { maxDistance = NEAR.maxDistance } = options;
  const { data, parts } = audit;
  if (features.rows !== data.length) {
    throw new RangeError(
      `Cannot audit: there are features of ${features.rows} pictures, expected ${data.length}`,
    );
  }
  const pairs = await findNearDuplicates(features, {
    maxDistance,
    kinds: [data.labels, ...parts ? [parts.of] : []],
    leaveOut: copies(audit.duplicates, data.length),
    onProgress: options.onProgress,
    signal: options.signal,
  });
  return {
    maxDistance,
    nearDuplicates: pairs.map((pair) => ({
      ...pair,
      ...worriesOf([pair.a, pair.b], data.labels, parts),
    })),
    ...await judgeLabels(audit, features, options),
  };
}

/** Marks all but the first of each group of equal pictures. */
function copies(groups: readonly DuplicateFinding[], length: number): Uint8Array {
  const marks = new Uint8Array(length);
  for (const { rows } of groups) for (const row of rows.slice(1)) marks[row] = 1;
  return marks;
}

/** Out-of-fold probes on the pictures that have a label. */
async function judgeLabels(
  { data }: PictureAudit,
  features: FeatureMatrix,
  { randomState, onProgress, signal }: FeatureAuditOptions,
): Promise<Pick<FeatureAudit, "labels" | "notJudged">> {
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
    { classes, classNames: present.map((k) => data.classes[k]), randomState, onProgress, signal },
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
