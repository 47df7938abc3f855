/** Flags of the verbs that read pictures. @module */

import { ImageDataset } from "../data/dataset.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { checkReadable } from "./paths.ts";
import { type FlagTable, type FlagValues, numbersFlag, textFlag } from "./flags.ts";

/** How to read a CSV of pixels. */
export const DATA_FLAGS = {
  label: textFlag("COLUMN", "column that holds the labels (default: y, label, class or target)"),
  shape: numbersFlag(
    "28x28x1",
    "height x width x channels of the pictures",
    "x",
    "the grey square",
  ),
} satisfies FlagTable;

/** What {@linkcode openData} needs of a verb's context. */
export interface DataContext extends ProgressOptions {
  /** Values of {@linkcode DATA_FLAGS}. */
  readonly flags: FlagValues<typeof DATA_FLAGS>;
}

/** Opens the data that a verb was given. Labels may be absent only where `requireLabels` is false. */
export async function openData(
  source: string,
  { flags: { label, shape }, onProgress, signal }: DataContext,
  requireLabels = true,
): Promise<ImageDataset> {
  await checkReadable(source);
  return await ImageDataset.open(source, { label, shape, requireLabels, onProgress, signal });
}
