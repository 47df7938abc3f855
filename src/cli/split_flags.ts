/** Flags that say how pictures are divided. @module */

import { count } from "../core/count.ts";
import { UserError } from "../core/errors.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { type TrainTestIndices, trainTestSplit } from "../data/split.ts";
import type { SplitManifest } from "../store/manifest.ts";
import { type FlagTable, type FlagValues, numberFlag, switchFlag } from "./flags.ts";

/** Share of the pictures that are kept apart, where they do not come divided. */
const TEST_SIZE = 0.1;

/** How many pictures are kept apart, and which. */
export const SPLIT_FLAGS = {
  "test-size": numberFlag(
    "SHARE|ROWS",
    "share (below 1) or number of rows kept apart for the score; 0 for none",
    { min: 0, shownDefault: `the data's own test part, else ${TEST_SIZE}` },
  ),
  "random-state": numberFlag(
    "SEED",
    "seed of the split and of training, as in scikit-learn",
    { min: 0, max: 2 ** 32 - 1, whole: true },
    5,
  ),
  stratify: switchFlag("split so that both parts have the classes in equal shares"),
} satisfies FlagTable;

/** What is asked of a data set. */
type Divisible = Pick<ImageDataset, "length" | "labels" | "classes" | "parts" | "source">;
type SplitFlags = FlagValues<typeof SPLIT_FLAGS>;

/**
 * The rows of both parts: those that the data came in, unless a size is asked for, else drawn.
 *
 * @throws {UserError} When a part would be empty, with `stratify` when a class is too small or the data come divided.
 */
export function splitRows(data: Divisible, flags: SplitFlags): TrainTestIndices {
  const { length, labels, classes, source } = data;
  const { stratify, "random-state": randomState } = flags;
  const testSize = flags["test-size"];
  const given = givenRows(data, flags);
  if (given !== undefined) {
    if (!stratify) return given;
    throw new UserError(
      `Cannot divide ${source} by class: it comes divided; leave out --stratify, or divide it anew with --test-size`,
    );
  }
  if (testSize === 0) {
    return { train: Int32Array.from(labels.keys()), test: new Int32Array(0) };
  }
  return trainTestSplit(length, {
    testSize: testSize ?? TEST_SIZE,
    randomState,
    stratify: stratify ? labels : undefined,
    classes,
  });
}

/** What a kept model tells of its split, and what is worth saying of it. */
export function describeSplit(
  data: Divisible,
  rows: TrainTestIndices,
  flags: SplitFlags,
): {
  readonly manifest: SplitManifest;
  readonly notes: readonly string[];
  /** Whether the parts are those that the data came in. */
  readonly asItCame: boolean;
} {
  const { stratify, "random-state": randomState } = flags;
  const [train, test] = [rows.train.length, rows.test.length];
  const given = givenRows(data, flags);
  const testSize = flags["test-size"] ?? (given ? test : TEST_SIZE);
  const manifest = { testSize, randomState, stratify, train, test };
  if (given === undefined) {
    const anew = data.parts === undefined || flags["test-size"] === undefined
      ? []
      : ["the data's own parts are not used: --test-size"];
    return { manifest, notes: anew, asItCame: false };
  }
  const part = data.parts?.test ? "test" : "validation";
  return {
    manifest,
    asItCame: true,
    notes: [
      `the data come divided: ${
        count(train, "picture")
      } to train on, the ${test} of the ${part} part for the score`,
    ],
  };
}

/** The parts that the data came in; without a part for testing, that for validation takes its place. */
function givenRows(
  { parts }: Pick<ImageDataset, "parts">,
  { "test-size": testSize }: SplitFlags,
): TrainTestIndices | undefined {
  const test = parts?.test ?? parts?.validation;
  return parts && test && testSize === undefined ? { train: parts.train, test } : undefined;
}
