/** What may be said of pictures in memory, and of dividing a data set. @module */

import type { OptionKinds } from "../core/check_options.ts";
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
