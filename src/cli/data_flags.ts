/** Flags of the verbs that read pictures. @module */

import { count } from "../core/count.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { clip } from "../core/quoted.ts";
import { ImageDataset } from "../data/dataset.ts";
import { DATA_FORMATS } from "../data/sources/form.ts";
import { choiceFlag, type FlagTable, type FlagValues, numbersFlag, textFlag } from "./flags.ts";
import { checkReadable } from "./paths.ts";

/** How to read pictures. */
export const DATA_FLAGS = {
  format: choiceFlag(DATA_FORMATS, "form of the data (default: found by looking)"),
  label: textFlag(
    "COLUMN",
    "CSV, also within a folder or archive: column that holds the labels (default: y, label, class or target)",
  ),
  path: textFlag(
    "COLUMN",
    "CSV of paths: column that holds them (default: the one with names of images)",
  ),
  "label-from": textFlag(
    "PATTERN",
    "folders and archives: regular expression with a group around the class in a picture's path (default: the " +
      "folder, else the file's name before its number)",
  ),
  shape: numbersFlag(
    "28x28x1",
    "CSV of pixels: height x width x channels of the pictures",
    "x",
    { shownDefault: "the square, grey or in colour" },
  ),
  "on-error": choiceFlag(
    ["skip", "stop"],
    "picture files that cannot be used: leave them out and say so, or stop at the first (default: skip)",
  ),
} satisfies FlagTable;

/** What {@linkcode openData} needs of a verb's context. */
export interface DataContext extends ProgressOptions {
  /** Values of {@linkcode DATA_FLAGS}; a verb may take some of them only. */
  readonly flags: Partial<FlagValues<typeof DATA_FLAGS>>;
  /** Says what was left out. */
  readonly note: (line: string) => void;
}

/** Options of {@linkcode openData}. */
export interface OpenDataOptions {
  /** Whether labels may be absent. @default {false} */
  readonly withoutLabels?: boolean;
  /** Whether guesses about classes and parts are told though labels may be absent. @default {false} */
  readonly noteLabels?: boolean;
  /** Whether the verb's own result lists what was left out. @default {false} */
  readonly listsLeftOut?: boolean;
}

/** Files that are named one by one; of more the number is told. */
const NAMED_FILES = 10;

/** Opens the data that a verb was given, and says what was left out of them. */
export async function openData(
  source: string,
  { flags, note, onProgress, signal }: DataContext,
  { withoutLabels = false, noteLabels = !withoutLabels, listsLeftOut = false }: OpenDataOptions =
    {},
): Promise<ImageDataset> {
  await checkReadable(source);
  const data = await ImageDataset.open(source, {
    format: flags.format,
    label: flags.label,
    path: flags.path,
    labelFrom: flags["label-from"],
    shape: flags.shape,
    onError: flags["on-error"],
    requireLabels: !withoutLabels,
    noteLabels,
    onProgress,
    signal,
  });
  data.notes.forEach(note);
  if (!listsLeftOut) leftOutLines(data).forEach(note);
  return data;
}

/**
 * What was left out, and why, for people.
 *
 * @param all Whether every file is named, as where each was given by its name.
 */
export function leftOutLines(
  { length, skipped, passedOver }: Pick<ImageDataset, "length" | "skipped" | "passedOver">,
  { all = false }: { readonly all?: boolean } = {},
): string[] {
  const named = !all && skipped.length > NAMED_FILES + 1 ? skipped.slice(0, NAMED_FILES) : skipped;
  const more = skipped.length - named.length;
  return [
    ...named.map(({ name, reason }) => `left out ${clip(name, 300)}: ${clip(reason, 300)}`),
    ...more > 0 ? [`left out ${more} more; graft inspect lists them all`] : [],
    ...skipped.length > 0 && length > 0
      ? [
        `${count(skipped.length, "file")} left out, ${count(length, "picture")} ${
          length === 1 ? "remains" : "remain"
        }; --on-error stop stops instead`,
      ]
      : [],
    ...passedOver > 0 ? [`passed over ${count(passedOver, "file")} without pictures`] : [],
  ];
}
