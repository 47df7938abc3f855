/** What can be found wrong with a data set without a network. @module */

import { UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { groupEqual } from "./exact_duplicates.ts";
import { identify } from "./identify.ts";
import type { PartOfRow } from "./part_of_row.ts";
import { summarise, type Summary } from "./summarise.ts";

/** What is worrying about pictures that are the same. */
export interface Worries {
  /** Whether they have different labels. */
  readonly labelsDiffer: boolean;
  /** Whether they are in different parts of the split: a score then is partly one of memory. */
  readonly acrossSplit: boolean;
}

/** Pictures that are all the same. */
export interface DuplicateFinding extends Worries {
  /** Their indices, ascending. */
  readonly rows: readonly number[];
}

/** What {@linkcode auditPictures} finds. */
export interface PictureAudit {
  /** What was looked at; rows of the findings are indices into it. */
  readonly data: ImageDataset;
  /** Counts and sizes. */
  readonly summary: Summary;
  /** Number of pictures by how their colours are kept. */
  readonly colours: Readonly<Record<string, number>>;
  /** Pictures that are the same: of files by their bytes, else by their pixels. */
  readonly duplicates: readonly DuplicateFinding[];
  /** Which part of the split each picture belongs to. */
  readonly parts: PartOfRow | undefined;
}

/** Options of {@linkcode auditPictures}. */
export interface AuditOptions extends ProgressOptions {
  /** Which part of a split each picture belongs to. @default none is looked at */
  readonly parts?: PartOfRow;
}

/**
 * Counts what is there and finds pictures that are the same.
 *
 * @throws {UserError} When there are no pictures, or a file can no longer be read.
 *
 * @example
 * ```ts
 * import { drawSample } from "../data/sample.ts";
 * import { auditPictures } from "./audit_pictures.ts";
 * const data = drawSample({ rows: 20 });
 * const { summary, duplicates } = await auditPictures(data.subset([0, 1, 2, 0]));
 * if (summary.pictures !== 4 || duplicates[0].rows.join() !== "0,3") throw new Error();
 * ```
 */
export async function auditPictures(
  data: ImageDataset,
  { parts, onProgress, signal }: AuditOptions = {},
): Promise<PictureAudit> {
  if (data.length === 0) throw new UserError(`Cannot audit ${data.source}: it has no pictures`);
  const { hashes, colours } = await identify(data, { onProgress, signal });
  const duplicates = groupEqual(hashes).map((rows) => ({
    rows,
    ...worriesOf(rows, data.labels, parts),
  }));
  return { data, summary: summarise(data), colours, duplicates, parts };
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
