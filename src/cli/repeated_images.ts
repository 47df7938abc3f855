/** Images that are on both sides of a training's split. @module */

import { count } from "../core/count.ts";
import type { TrainTestIndices } from "../data/split.ts";

/** What is found of equal images. */
export interface RepeatedImages {
  /** Test images that are trained on, too: exact duplicates. */
  readonly test: number;
  /** Images that have another label elsewhere in the data. */
  readonly labelsDiffer: number;
}

/**
 * Counts equal images that make a score optimistic or a label doubtful.
 *
 * @param hashes Of each image.
 * @param labels Of each image.
 *
 * @example
 * ```ts
 * import { repeatedImages } from "./repeated_images.ts";
 * const rows = { train: Int32Array.of(0, 1), test: Int32Array.of(2, 3) };
 * const { test, labelsDiffer } = repeatedImages(["a", "b", "a", "c"], [0, 1, 1, 0], rows);
 * if (test !== 1 || labelsDiffer !== 2) throw new Error();
 * ```
 */
export function repeatedImages(
  hashes: readonly string[],
  labels: ArrayLike<number>,
  { train, test }: TrainTestIndices,
): RepeatedImages {
  const learnt = new Set(Array.from(train, (row) => hashes[row]));
  const labelsOf = new Map<string, Set<number>>();
  hashes.forEach((hash, row) => {
    const known = labelsOf.get(hash);
    if (known) known.add(labels[row]);
    else labelsOf.set(hash, new Set([labels[row]]));
  });
  return {
    test: test.filter((row) => learnt.has(hashes[row])).length,
    labelsDiffer: hashes.filter((hash) => labelsOf.get(hash)!.size > 1).length,
  };
}

/**
 * What is worth saying of them.
 *
 * @param tested Number of test images.
 */
export function repeatedLines(
  { test, labelsDiffer }: RepeatedImages,
  tested: number,
): string[] {
  return [
    ...test === 0 ? [] : [
      `${test} of the ${count(tested, "test image")} ${
        test === 1 ? "is" : "are"
      } trained on, too (exact duplicates), so the accuracy is optimistic; graft inspect lists them`,
    ],
    ...labelsDiffer === 0 ? [] : [
      `${labelsDiffer} images are exact duplicates of others with a different label; graft inspect lists them`,
    ],
  ];
}
