/** Pictures that judge the epochs of fine-tuning and are not learnt from. @module */

import type { OptionKinds } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { trainTestSplit } from "../data/split.ts";

/** What judges the epochs of fine-tuning. */
export interface ValidationOptions {
  /**
   * Share (below 1) or number of the pictures that are kept apart from training; 0 for none: then all of them are learnt from, all
   * epochs are run, the last weights are kept, and `"lpft"` saves them even if they are worse than the probe. Without a size `"lpft"`
   * and `"auto"` compare on a fifth of the pictures and go on with all of them; `"finetune"` keeps the default apart.
   *
   * @default {@linkcode VALIDATION_SHARE} of them, {@linkcode LEAST_VALIDATION} at least, but no more than a fifth
   */
  readonly size?: number;
  /** Pictures of their own to judge by; then none of the others are kept apart. */
  readonly data?: ImageDataset;
  /** What the pictures of `data` are: those that the model is scored on, too, make its score optimistic. @default {"validation"} */
  readonly part?: "validation" | "test";
}

/** Of {@linkcode ValidationOptions}. */
export const VALIDATION_KINDS: OptionKinds<ValidationOptions> = {
  size: "number",
  data: "any",
  part: "string",
};

/** Share of the pictures that judges the epochs where nothing else is said. */
export const VALIDATION_SHARE = 0.1;

/** Fewer than this tell one epoch from another by chance alone; see {@linkcode ValidationOptions.size}. */
export const LEAST_VALIDATION = 50;

/** The largest share that is taken unasked: what judges does not teach. */
const LARGEST_SHARE = 0.2;

/** How rows are divided. */
export interface DivisionOptions {
  /** Seed. */
  readonly randomState: number;
  /** Rows that judge where no size is asked for. @default see {@linkcode ValidationOptions.size} */
  readonly unasked?: number;
}

/** Rows of both parts, ascending. */
export interface ValidationRows {
  /** Rows to learn from. */
  readonly train: Int32Array;
  /** Rows to judge by. */
  readonly validation: Int32Array;
}

/**
 * Divides rows by class, so that each class is judged in its share. A class with a single row is learnt from: nothing could be said of
 * it otherwise.
 *
 * @param data Each picture has a label.
 * @returns Both parts; undefined where none is to be kept apart, and, unless a size was asked for, where there are too few rows to keep
 * one of each class.
 * @throws {UserError} For a size that is none, or that leaves a part too small.
 */
export function validationRows(
  data: ImageDataset,
  { size, randomState, unasked = defaultRows(data.length) }: DivisionOptions & {
    readonly size?: number;
  },
): ValidationRows | undefined {
  if (size === 0) return undefined;
  const { labels, length, source } = data;
  const counts = data.classCounts();
  const spare = Int32Array.from(labels.keys()).filter((row) => counts[labels[row]] > 1);
  const classes = counts.filter((count) => count > 1).length;
  const wanted = size === undefined ? unasked : countRows(size, length);
  if (wanted < classes || spare.length - wanted < classes || classes === 0) {
    if (size === undefined) return undefined;
    throw new UserError(
      `Cannot keep ${wanted} of the ${length} pictures of ${source} for validation: expected at least one of each of the ` +
        `${classes} classes that have two, there and among those to learn from; use another size, or 0 for no validation`,
    );
  }
  const split = trainTestSplit(spare.length, {
    testSize: wanted,
    randomState,
    stratify: spare.map((row) => labels[row]),
    classes: data.classes,
  });
  const validation = split.test.map((at) => spare[at]).sort();
  const judged = new Set(validation);
  return { validation, train: Int32Array.from(labels.keys()).filter((row) => !judged.has(row)) };
}

function defaultRows(length: number): number {
  const wanted = Math.max(Math.ceil(VALIDATION_SHARE * length), LEAST_VALIDATION);
  return Math.min(wanted, Math.floor(LARGEST_SHARE * length));
}

function countRows(size: number, length: number): number {
  if (size > 0 && size < 1) return Math.ceil(size * length);
  if (Number.isInteger(size) && size > 0) return size;
  throw new UserError(
    `Cannot keep pictures for validation: the size is ${size}, expected a share below 1, a number of pictures, or 0 for none`,
  );
}

/** Pictures to learn from and those that judge. */
export interface Divided {
  /** Those to learn from. */
  readonly train: ImageDataset;
  /** Those that judge, where there are any. */
  readonly validation?: ImageDataset;
  /** Rows of those to learn from, where they are not all. */
  readonly rows?: Int32Array;
  /** Rows of those that judge, where they are among the data's. */
  readonly validationRows?: Int32Array;
}

/** Divides pictures as the options say, see {@linkcode validationRows}. */
export function divide(
  data: ImageDataset,
  { size, data: own, ...options }: ValidationOptions & DivisionOptions,
): Divided {
  if (own !== undefined) return { train: data, validation: own.withClasses(data.classes) };
  const rows = validationRows(data, { size, ...options });
  if (rows === undefined) return { train: data };
  return {
    train: data.subset(rows.train),
    validation: data.subset(rows.validation),
    rows: rows.train,
    validationRows: rows.validation,
  };
}
