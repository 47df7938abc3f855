/** What may be said of pictures in memory, and of dividing a data set. @module */

import type { OptionKinds } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";
import { awaitAdvice, givenKind } from "../core/given_kind.ts";
import { quoted } from "../core/quoted.ts";
import { LABELLED_KINDS, type LabelledOptions } from "./labelled.ts";
import { SPLIT_KINDS, type SplitOptions } from "./split.ts";

/** Options of `ImageDataset.fromPixels`. */
export interface FromPixelsOptions extends LabelledOptions {
  /** Height, width and channels (1 or 3) of each picture. */
  readonly shape: readonly [height: number, width: number, channels: 1 | 3];
}

/** Of {@linkcode FromPixelsOptions}. */
export const FROM_PIXELS_KINDS: OptionKinds<FromPixelsOptions> = {
  ...LABELLED_KINDS,
  shape: "list",
};

/** Options of `ImageDataset.split`. */
export interface DatasetSplitOptions extends Omit<SplitOptions, "stratify" | "classes"> {
  /** Whether both parts have the classes in equal shares. @default {false} */
  readonly stratify?: boolean;
}

/** Of {@linkcode DatasetSplitOptions}. */
export const DATASET_SPLIT_KINDS: OptionKinds<DatasetSplitOptions> = {
  testSize: SPLIT_KINDS.testSize,
  randomState: SPLIT_KINDS.randomState,
  stratify: "boolean",
};

/**
 * Places in a data set, as a program gives them.
 *
 * @throws {UserError} For what is no list of them.
 */
export function givenIndices(indices: ArrayLike<number>): ArrayLike<number> {
  if (typeof indices === "object" && Number.isInteger(indices?.length)) return indices;
  throw new UserError(
    `Cannot take pictures: expected a list of their places, got ${givenKind(indices)}; ${
      awaitAdvice(indices) ?? "write [0, 1]"
    }`,
  );
}

/**
 * Class names, as a program gives them.
 *
 * @param action What cannot be done: `"use the classes"`.
 * @throws {UserError} For what is no list of texts, and for a name that is there twice.
 */
export function checkClassNames(classes: unknown, action: string): void {
  const fail = (detail: string) => new UserError(`Cannot ${action}: ${detail}`);
  if (!Array.isArray(classes)) {
    throw fail(`classes is ${givenKind(classes)}, expected a list of names`);
  }
  const odd = classes.findIndex((name) => typeof name !== "string");
  if (odd >= 0) throw fail(`class ${odd + 1} is ${givenKind(classes[odd])}, expected a text`);
  const twice = classes.find((name, i) => classes.indexOf(name) < i);
  if (twice !== undefined) throw fail(`class ${quoted(twice)} is there twice; name each once`);
}
