/** Flags that say how pictures are divided. @module */

import type { ImageDataset } from "../data/dataset.ts";
import { type TrainTestIndices, trainTestSplit } from "../data/split.ts";
import { type FlagTable, type FlagValues, numberFlag, switchFlag } from "./flags.ts";

/** How many pictures are kept apart, and which. */
export const SPLIT_FLAGS = {
  "test-size": numberFlag(
    "SHARE|ROWS",
    "share (below 1) or number of rows kept apart for the score; 0 for none",
    { min: 0 },
    0.1,
  ),
  "random-state": numberFlag(
    "SEED",
    "seed of the split and of training, as in scikit-learn",
    { min: 0, max: 2 ** 32 - 1, whole: true },
    5,
  ),
  stratify: switchFlag("split so that both parts have the classes in equal shares"),
} satisfies FlagTable;

/**
 * The rows of both parts.
 *
 * @throws {UserError} When a part would be empty, or with `stratify` a class is too small.
 */
export function splitRows(
  { length, labels, classes }: Pick<ImageDataset, "length" | "labels" | "classes">,
  flags: FlagValues<typeof SPLIT_FLAGS>,
): TrainTestIndices {
  const { "test-size": testSize, "random-state": randomState } = flags;
  if (testSize === 0) {
    return { train: Int32Array.from(labels.keys()), test: new Int32Array(0) };
  }
  const stratify = flags.stratify ? labels : undefined;
  return trainTestSplit(length, { testSize, randomState, stratify, classes });
}
