/** Pictures that look the same to the network. @module */

import { expectWork } from "../backend/start.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { multiply } from "../backend/matrix.ts";
import type { FeatureMatrix } from "../model/feature_matrix.ts";
import { breathe } from "../train/breathe.ts";
import { unitRows } from "./unit_rows.ts";

/** Two pictures that are nearly the same. */
export interface SimilarPair {
  /** Index of the first one. */
  readonly a: number;
  /** Index of the other one, larger than `a`. */
  readonly b: number;
  /** Cosine distance of their features, 0 to 2. */
  readonly distance: number;
}

/** Options of {@linkcode findNearDuplicates}. */
export interface NearDuplicateOptions extends ProgressOptions {
  /** Pairs further apart than this are not duplicates, in cosine distance. */
  readonly maxDistance: number;
  /** Kind of each row, for instance its class: of each row, the nearest one of another kind is kept, too. @default none */
  readonly kinds?: readonly ArrayLike<number>[];
  /** First of the columns that are compared. @default {0} */
  readonly firstColumn?: number;
  /** Rows that are left out, marked by 1. @default none */
  readonly leaveOut?: ArrayLike<number>;
}

/** Rows whose products with as many others are in memory at once: 16 MB. */
const BLOCK = 2048;

/**
 * Finds pairs of rows that point the same way. So that twenty pictures of one thing do not make 190 pairs, a pair is kept only
 * where one of the two is the nearest of the other: of all, and, for each of `kinds`, of those that are of another kind. Every
 * row that has a near duplicate, and every row that has one of another kind, is thus in a pair.
 *
 * All pairs are compared, in blocks by the running backend; beside the features that takes some 100 MB.
 *
 * @param features Rows of zeros are near to nothing.
 * @returns The pairs, nearest first.
 */
export async function findNearDuplicates(
  features: FeatureMatrix,
  options: NearDuplicateOptions,
): Promise<SimilarPair[]> {
  const { maxDistance, kinds = [], firstColumn = 0, leaveOut = [], onProgress, signal } = options;
  await expectWork();
  const { rows } = features;
  const nearest = [undefined, ...kinds].map((kind) => ({
    kind,
    row: new Int32Array(rows).fill(-1),
    similarity: new Float32Array(rows).fill(-Infinity),
  }));
  const least = 1 - maxDistance;
  const note = (a: number, b: number, similarity: number) => {
    if (leaveOut[a] || leaveOut[b]) return;
    for (const { kind, row, similarity: best } of nearest) {
      if (kind !== undefined && kind[a] === kind[b]) continue;
      if (similarity > best[a]) [row[a], best[a]] = [b, similarity];
      if (similarity > best[b]) [row[b], best[b]] = [a, similarity];
    }
  };
  const blocks = Math.ceil(rows / BLOCK);
  const total = blocks * (blocks + 1) / 2;
  let done = 0;
  for (let i = 0; i < rows; i += BLOCK) {
    using left = unitRows(features, {
      start: i,
      end: Math.min(rows, i + BLOCK),
      firstColumn,
    });
    for (let j = i; j < rows; j += BLOCK) {
      using right = unitRows(features, {
        start: j,
        end: Math.min(rows, j + BLOCK),
        firstColumn,
        transposed: true,
      });
      scan(multiply(left, right), { i, j, least, note, width: right.columns });
      onProgress?.({ stage: "compare", done: ++done, total, unit: "blocks" });
      await breathe(signal);
    }
  }
  return collect(nearest);
}

/** Calls `note` for each pair of a block that is similar enough. */
function scan(
  products: Float32Array,
  { i, j, least, note, width }: {
    readonly i: number;
    readonly j: number;
    readonly least: number;
    readonly note: (a: number, b: number, similarity: number) => void;
    readonly width: number;
  },
): void {
  const height = products.length / width;
  for (let y = 0; y < height; y++) {
    // On the diagonal, each pair stands twice, and each row beside itself.
    for (let x = i === j ? y + 1 : 0; x < width; x++) {
      const similarity = products[y * width + x];
      if (similarity >= least) note(i + y, j + x, similarity);
    }
  }
}

/** The pairs that are some row's nearest, once each. */
function collect(
  nearest: readonly { readonly row: Int32Array; readonly similarity: Float32Array }[],
): SimilarPair[] {
  const pairs = new Map<number, SimilarPair>();
  for (const { row, similarity } of nearest) {
    row.forEach((other, own) => {
      if (other < 0) return;
      const [a, b] = own < other ? [own, other] : [other, own];
      // Rounding may put the similarity of equal rows a little above 1.
      pairs.set(a * row.length + b, { a, b, distance: Math.max(0, 1 - similarity[own]) });
    });
  }
  return [...pairs.values()].sort((p, q) => p.distance - q.distance || p.a - q.a || p.b - q.b);
}
