/** Counts and sizes of a data set. @module */

import type { ImageDataset } from "../data/dataset.ts";
import { balancedWeights } from "../train/class_weights.ts";

/** Least, middle and greatest of some numbers. */
export interface Spread {
  /** The least. */
  readonly min: number;
  /** Half of the numbers are below, half above; of an even number the mean of the two in the middle. */
  readonly median: number;
  /** The greatest. */
  readonly max: number;
}

/** How many pictures of what size and class. */
export interface Summary {
  /** Number of pictures. */
  readonly pictures: number;
  /** Pictures without a class. */
  readonly unlabelled: number;
  /** Class names, in order. */
  readonly classes: readonly string[];
  /** Pictures of each class. */
  readonly counts: readonly number[];
  /** Weight of each class that makes all classes count alike, see `balancedWeights`; 0 for a class without pictures. */
  readonly balancedWeights: readonly number[];
  /** Pictures of the largest class for each of the smallest one that has any; `null` without classes. */
  readonly imbalance: number | null;
  /** Rows of pixels. */
  readonly height: Spread;
  /** Columns of pixels. */
  readonly width: Spread;
  /** Width over height. */
  readonly aspect: Spread;
  /** Number of different sizes. */
  readonly sizes: number;
}

/** What is asked of a data set. */
export type SummarisedData = Pick<
  ImageDataset,
  "length" | "labels" | "classes" | "classCounts" | "size"
>;

/**
 * Counts the pictures of each class and measures their sizes; nothing is decoded.
 *
 * @throws {RangeError} When there is no picture.
 *
 * @example
 * ```ts
 * import { drawSample } from "../data/sample.ts";
 * import { summarise } from "./summarise.ts";
 * const { counts, height, imbalance } = summarise(drawSample({ rows: 20 }));
 * if (counts.length !== 10 || height.median !== 28 || imbalance !== 1) throw new Error();
 * ```
 */
export function summarise(data: SummarisedData): Summary {
  const counts = data.classCounts();
  const present = counts.filter((count) => count > 0);
  const sizes = Array.from({ length: data.length }, (_, row) => data.size(row));
  return {
    pictures: data.length,
    unlabelled: data.labels.reduce((sum, label) => sum + (label < 0 ? 1 : 0), 0),
    classes: data.classes,
    counts: [...counts],
    balancedWeights: [...balancedWeights(counts)],
    imbalance: present.length === 0 ? null : Math.max(...present) / Math.min(...present),
    height: spread(sizes.map(({ height }) => height)),
    width: spread(sizes.map(({ width }) => width)),
    aspect: spread(sizes.map(({ height, width }) => width / height)),
    sizes: new Set(sizes.map(({ height, width }) => `${height} x ${width}`)).size,
  };
}

/**
 * Least, middle and greatest of some numbers.
 *
 * @throws {RangeError} When there is none.
 *
 * @example
 * ```ts
 * import { spread } from "./summarise.ts";
 * const { min, median, max } = spread([3, 1, 2, 10]);
 * if (min !== 1 || median !== 2.5 || max !== 10) throw new Error();
 * ```
 */
export function spread(values: ArrayLike<number>): Spread {
  if (values.length === 0) throw new RangeError("Cannot measure: there is no number");
  const sorted = Float64Array.from(values).sort();
  const middle = (sorted.length - 1) / 2;
  return {
    min: sorted[0],
    median: (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2,
    max: sorted[sorted.length - 1],
  };
}
