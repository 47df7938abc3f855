/** What a pretrained network's features tell of a data set. @module */

import { UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";
import type { FeatureMatrix } from "../model/feature_matrix.ts";
import { stageChannels } from "../model/stages.ts";
import {
  type DuplicateFinding,
  type PictureAudit,
  type Worries,
  worriesOf,
} from "./audit_pictures.ts";
import { type JudgedLabels, judgeLabels } from "./judge_labels.ts";
import { findNearDuplicates, type SimilarPair } from "./near_duplicates.ts";

/** Stages of the trunk whose features are looked at: all of them tell classes apart, the last one alone pictures. */
export const AUDIT_STAGES: readonly number[] = [3, 4, 5, 6, 8];

/** Features of the last stage. */
const LAST_STAGE: number = stageChannels(8);

/**
 * Within this cosine distance of the last stage's features, two pictures count as nearly the same. Measured with real weights
 * on copies made on purpose, and on pictures that are none (Fashion-MNIST at 84 px, the lab's cats and dogs at 192 px):
 *
 * | changed by            | cats and dogs | Fashion-MNIST, 28 x 28 |
 * | --------------------- | ------------- | ---------------------- |
 * | brightness 110, 80 %  | 0.98, 0.99    | 0.90, 0.97             |
 * | contrast 120 %        | 0.96          | 0.72                   |
 * | JPEG at quality 75    | 1.00          | 0.14                   |
 * | a shift by one pixel  | 0.97          | 0.47                   |
 * | a mirror              | 0.78          | 0.88                   |
 * | a crop of 3 % a side  | 0.75          | 0.02                   |
 * | not at all: others    | 0 of 150      | 45 of 10,000           |
 *
 * are found; those 45 show the same piece of clothing, or one that people cannot tell from it. The nearest pair of different
 * cats or dogs is 0.17 apart. At 0.06, 4 % of Fashion-MNIST would be named. Earlier stages tell small changes better, but
 * take different pieces of clothing for one.
 */
export const NEARLY_EQUAL = 0.04;

/** Two pictures that are nearly the same, and what is worrying about that. */
export interface NearDuplicate extends SimilarPair, Worries {}

/** What {@linkcode auditFeatures} finds; rows are indices into the audit's `data`. */
export interface FeatureAudit extends JudgedLabels {
  /** Pairs of pictures that are nearly the same, nearest first; of equal ones, the first stands for all. */
  readonly nearDuplicates: readonly NearDuplicate[];
  /** Cosine distance within which two pictures count as nearly the same. */
  readonly maxDistance: number;
}

/** Options of {@linkcode auditFeatures}. */
export interface FeatureAuditOptions extends ProgressOptions {
  /** Cosine distance within which two pictures count as nearly the same. @default {@linkcode NEARLY_EQUAL} */
  readonly maxDistance?: number;
  /** Seed of the folds. @default {5} */
  readonly randomState?: number;
}

/**
 * Finds pictures that are nearly the same and labels that are likely wrong.
 *
 * @param audit The pictures, with what was found without a network.
 * @param features Of `audit.data`, row for row, of {@linkcode AUDIT_STAGES} of a pretrained trunk.
 */
export async function auditFeatures(
  audit: PictureAudit,
  features: FeatureMatrix,
  options: FeatureAuditOptions = {},
): Promise<FeatureAudit> {
  const { maxDistance = NEARLY_EQUAL } = options;
  const { data, parts } = audit;
  if (features.rows !== data.length) {
    throw new UserError(
      `Cannot audit: there are features of ${features.rows} pictures, expected ${data.length}`,
    );
  }
  const pairs = await findNearDuplicates(features, {
    maxDistance,
    kinds: [data.labels, ...parts ? [parts.of] : []],
    firstColumn: Math.max(0, features.columns - LAST_STAGE),
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
    ...await judgeLabels(data, features, options),
  };
}

/** Marks all but the first of each group of equal pictures. */
function copies(groups: readonly DuplicateFinding[], length: number): Uint8Array {
  const marks = new Uint8Array(length);
  for (const { rows } of groups) for (const row of rows.slice(1)) marks[row] = 1;
  return marks;
}
