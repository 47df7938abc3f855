/** What can be found wrong with a data set without a network. @module */

import type { ProgressOptions } from "../core/progress.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { groupEqual } from "./exact_duplicates.ts";
import type { PartOfRow } from "./part_of_row.ts";
import { type BrokenPicture, readPictures } from "./read_pictures.ts";
import { summarise, type Summary } from "./summarise.ts";

/** What is worrying about pictures that are the same. */
export interface Worries {
  /** Whether they have different labels. */
  readonly labelsDiffer: boolean;
  /** Whether some are to be trained on and others to be tested on. */
  readonly acrossSplit: boolean;
}

/** Pictures that are all the same. */
export interface DuplicateFinding extends Worries {
  /** Their indices, ascending. */
  readonly rows: readonly number[];
}

/** What {@linkcode auditPictures} finds; rows are indices into `data`. */
export interface PictureAudit {
  /** The pictures that can be read. */
  readonly data: ImageDataset;
  /** Those that cannot; their rows are indices into what was audited. */
  readonly broken: readonly BrokenPicture[];
  /** Counts and sizes; `undefined` when no picture can be read. */
  readonly summary: Summary | undefined;
  /** Pictures by how their colours are kept. */
  readonly colours: Readonly<Record<string, number>>;
  /** Pictures that are the same, byte for byte. */
  readonly duplicates: readonly DuplicateFinding[];
  /** Which part of the split each picture belongs to. */
  readonly parts: PartOfRow | undefined;
}

/** Options of {@linkcode auditPictures}. */
export interface AuditOptions extends ProgressOptions {
  /** Divides the pictures that can be read; `undefined` when they are not to be divided. */
  readonly divide?: (data: ImageDataset) => PartOfRow | undefined;
}

/**
 * Reads every picture, counts what is there, and finds pictures that are the same: of files by their bytes, else by their
 * pixels.
 */
export async function auditPictures(
  data: ImageDataset,
  { divide, onProgress, signal }: AuditOptions = {},
): Promise<PictureAudit> {
  const { hashes, broken, colours } = await readPictures(data, { onProgress, signal });
  const rows = [...hashes.keys()].filter((row) => hashes[row] !== undefined);
  const sound = broken.length === 0 ? data : data.subset(rows);
  const parts = sound.length === 0 ? undefined : divide?.(sound);
  return {
    data: sound,
    broken,
    summary: sound.length === 0 ? undefined : summarise(sound),
    colours,
    duplicates: groupEqual(rows.map((row) => hashes[row])).map((group) => ({
      rows: group,
      ...worriesOf(group, sound.labels, parts),
    })),
    parts,
  };
}

/** What is worrying about rows that are the same. Without a label, or in no part, a row differs from none. */
export function worriesOf(
  rows: readonly number[],
  labels: ArrayLike<number>,
  parts: PartOfRow | undefined,
): Worries {
  const kinds = new Set(rows.map((row) => labels[row]));
  const places = new Set(rows.map((row) => parts?.of[row] ?? -1));
  for (const set of [kinds, places]) set.delete(-1);
  return { labelsDiffer: kinds.size > 1, acrossSplit: places.size > 1 };
}
