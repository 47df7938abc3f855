/** Dividing rows into parts as scikit-learn does, index for index. @module */

import { checkOptions, type OptionKinds } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";
import { quoted } from "../core/quoted.ts";
import { DEFAULT_RANDOM_STATE, RandomState } from "../core/random.ts";

/** Options of {@linkcode trainTestSplit}. */
export interface SplitOptions {
  /** Share of the rows that are kept for testing if below 1 (rounded up), else their number. @default {0.1} */
  readonly testSize?: number;
  /** Seed, as scikit-learn's `random_state`. @default {5} */
  readonly randomState?: number;
  /** Class number of each row: both parts then have the classes in equal shares. @default {undefined} */
  readonly stratify?: ArrayLike<number>;
  /** Names of the class numbers, for error messages. @default {undefined} */
  readonly classes?: readonly string[];
}

/** Of {@linkcode SplitOptions}. */
export const SPLIT_KINDS: OptionKinds<SplitOptions> = {
  testSize: "number",
  randomState: "number",
  stratify: "any",
  classes: "list",
};

/** Row numbers of the two parts, in scikit-learn's order. */
export interface TrainTestIndices {
  /** Rows to train on. */
  readonly train: Int32Array;
  /** Rows kept for testing. */
  readonly test: Int32Array;
}

/**
 * Splits the rows 0 to `n - 1` as `sklearn.model_selection.train_test_split(range(n), test_size, random_state,
 * stratify)` does: the same rows in the same order.
 *
 * @throws {UserError} When a part would be empty, a class has one row only, or a stratified part has fewer
 * rows than there are classes.
 *
 * @example
 * ```ts
 * import { trainTestSplit } from "./split.ts";
 * const { train, test } = trainTestSplit(10, { testSize: 0.3, randomState: 0 });
 * if (test.join() !== "2,8,4" || train.length !== 7) throw new Error(test.join());
 * ```
 */
export function trainTestSplit(
  n: number,
  options: SplitOptions = {},
): TrainTestIndices {
  checkOptions(options, SPLIT_KINDS, { action: "split", method: "trainTestSplit" });
  const { testSize = 0.1, randomState = DEFAULT_RANDOM_STATE, stratify, classes } = options;
  const testCount = countTestRows(n, testSize);
  const random = new RandomState(randomState);
  if (stratify === undefined) {
    const order = random.permutation(n);
    return { test: order.slice(0, testCount), train: order.slice(testCount) };
  }
  if (stratify.length !== n) {
    throw new UserError(
      `Cannot split: stratify has ${stratify.length} labels, expected one for each of the ${n} rows`,
    );
  }
  return stratifiedSplit(stratify, testCount, random, classes);
}

/** Options of {@linkcode stratifiedKFold}. */
export interface KFoldOptions {
  /** Number of folds, at least 2. */
  readonly folds: number;
  /** Seed, as scikit-learn's `random_state`. */
  readonly randomState: number;
}

/** Of {@linkcode KFoldOptions}. */
const FOLD_KINDS: OptionKinds<KFoldOptions> = { folds: "number", randomState: "number" };

/**
 * The fold in which each row is held out, as `StratifiedKFold(folds, shuffle=True, random_state)` deals them. A
 * class with fewer rows than folds is missing from some folds, as in scikit-learn (which warns).
 *
 * @param labels Class number of each row.
 * @returns Fold number of each row, 0 to `folds - 1`.
 * @throws {UserError} When every class has fewer rows than there are folds.
 *
 * @example
 * ```ts
 * import { stratifiedKFold } from "./split.ts";
 * const folds = stratifiedKFold([0, 0, 1, 1, 1, 1], { folds: 2, randomState: 0 });
 * if ([...folds].filter((fold) => fold === 0).length !== 3) throw new Error(folds.join());
 * ```
 */
export function stratifiedKFold(
  labels: ArrayLike<number>,
  options: KFoldOptions,
): Int32Array {
  checkOptions(options ?? null, FOLD_KINDS, { action: "split", method: "stratifiedKFold" });
  const { folds, randomState } = options;
  if (!Number.isInteger(folds) || folds < 2) {
    throw new UserError(
      `Cannot split into folds: the number of folds is ${folds}, expected a whole number >= 2`,
    );
  }
  // Classes are numbered by first appearance, not by size of their label.
  const rowsOfClass = [...groupRows(labels).values()];
  const largest = Math.max(0, ...rowsOfClass.map((rows) => rows.length));
  if (folds > largest) {
    throw new UserError(
      `Cannot split into ${folds} folds: the largest class has ${largest} rows, expected at least ${folds}; ` +
        "use fewer folds or more rows",
    );
  }
  const random = new RandomState(randomState);
  const foldOfRow = new Int32Array(labels.length);
  let dealt = 0;
  for (const rows of rowsOfClass) {
    // Dealing all rows, sorted by class, like cards to the folds in turn gives each fold its number of this class.
    const sizes = new Int32Array(folds);
    for (let i = 0; i < rows.length; i++) sizes[(dealt + i) % folds]++;
    dealt += rows.length;
    const foldsOfClass = new Int32Array(rows.length);
    let start = 0;
    sizes.forEach((size, fold) => foldsOfClass.fill(fold, start, start += size));
    random.shuffle(foldsOfClass);
    rows.forEach((row, i) => foldOfRow[row] = foldsOfClass[i]);
  }
  return foldOfRow;
}

/** How many rows `testSize` stands for; rounds up, as scikit-learn does. */
function countTestRows(n: number, testSize: number): number {
  const isShare = testSize > 0 && testSize < 1;
  if (!isShare && !(Number.isInteger(testSize) && testSize >= 1)) {
    throw new UserError(
      `Cannot split ${n} rows: the test size is ${testSize}, expected a share between 0 and 1 or a whole ` +
        "number of rows",
    );
  }
  const testCount = isShare ? Math.ceil(testSize * n) : testSize;
  if (n < 2 || testCount >= n) {
    throw new UserError(
      `Cannot split ${n} ${
        n === 1 ? "row" : "rows"
      }: a test size of ${testSize} leaves none to train on; ` +
        "use a smaller test size or more rows",
    );
  }
  return testCount;
}

/** `StratifiedShuffleSplit`'s first split. */
function stratifiedSplit(
  labels: ArrayLike<number>,
  testCount: number,
  random: RandomState,
  names: readonly string[] | undefined,
): TrainTestIndices {
  const trainCount = labels.length - testCount;
  const groups = groupRows(labels);
  const classes = [...groups.keys()].sort((a, b) => a - b);
  const counts = classes.map((label) => groups.get(label)!.length);

  const alone = counts.findIndex((count) => count < 2);
  if (alone >= 0) {
    const name = quoted(names?.[classes[alone]] ?? String(classes[alone]));
    throw new UserError(
      `Cannot split by class: class ${name} has one row, expected at least 2 (one to train on and one to test ` +
        "on); add rows of that class or split without stratifying",
    );
  }
  for (const [part, count] of [["training", trainCount], ["test", testCount]] as const) {
    if (count < classes.length) {
      throw new UserError(
        `Cannot split by class: the ${part} part would have ${count} rows, expected at least one for each ` +
          `of the ${classes.length} classes; change the test size or split without stratifying`,
      );
    }
  }

  const trainOfClass = approximateMode(counts, trainCount, random);
  const left = counts.map((count, i) => count - trainOfClass[i]);
  const testOfClass = approximateMode(left, testCount, random);

  const train: number[] = [];
  const test: number[] = [];
  classes.forEach((label, i) => {
    const rows = groups.get(label)!;
    const order = random.permutation(rows.length);
    order.forEach((position, k) => {
      if (k < trainOfClass[i]) train.push(rows[position]);
      else if (k < trainOfClass[i] + testOfClass[i]) test.push(rows[position]);
    });
  });
  random.shuffle(train);
  random.shuffle(test);
  return { train: Int32Array.from(train), test: Int32Array.from(test) };
}

/**
 * How many rows of each class a draw of `draws` rows most likely has: scikit-learn's `_approximate_mode`. What
 * rounding down leaves over goes to the classes with the largest remainders, ties by lot.
 */
function approximateMode(
  counts: readonly number[],
  draws: number,
  random: RandomState,
): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const exact = counts.map((count) => count / total * draws);
  const drawn = exact.map(Math.floor);
  let missing = draws - drawn.reduce((sum, count) => sum + count, 0);
  if (missing <= 0) return drawn;
  const remainders = exact.map((value) => value - Math.floor(value));
  for (const value of [...new Set(remainders)].sort((a, b) => b - a)) {
    const tied = remainders.flatMap((remainder, i) => remainder === value ? [i] : []);
    const take = Math.min(tied.length, missing);
    // RandomState.choice(tied, take, replace=False)
    for (const chosen of random.permutation(tied.length).subarray(0, take)) drawn[tied[chosen]]++;
    missing -= take;
    if (missing === 0) break;
  }
  return drawn;
}

/** Row numbers by label, labels in the order in which they first appear. */
function groupRows(labels: ArrayLike<number>): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (let row = 0; row < labels.length; row++) {
    const rows = groups.get(labels[row]);
    if (rows) rows.push(row);
    else groups.set(labels[row], [row]);
  }
  return groups;
}
