/** Which rows of data a model was trained on. @module */

import { UserError } from "../../core/errors.ts";
import type { ImageDataset } from "../../data/dataset.ts";
import { type TrainTestIndices, trainTestSplit } from "../../data/split.ts";
import type { SplitManifest } from "../../store/manifest.ts";
import type { Standing } from "./report_data.ts";

/** What is asked of data. */
type Divisible = Parameters<typeof divideAgain>[0];

/** Data as a model knows them. */
export interface DividedData {
  /** What is known of the rows that may be scored. */
  readonly standing: Standing;
  /** Rows that may be scored; none where all were trained on. */
  readonly test: Int32Array;
  /** Rows that were trained on, as far as that is known. */
  readonly train: Int32Array;
  /** SHA-256 of the data. */
  readonly sha256: string;
}

/**
 * Tells the rows of data that a model was trained on from those that it was not, by dividing the data as it was done then. A row that
 * is known to have been trained on is never among those to be scored.
 *
 * @param split What the model says of the division.
 * @throws {UserError} When it was trained on these data, and which rows it was cannot be told.
 *
 * @example
 * ```ts
 * import { drawSample } from "../../data/sample.ts";
 * import { divideAgain } from "./divide_again.ts";
 * const data = drawSample({ rows: 20 });
 * const split = { testSize: 0.25, randomState: 5, stratify: false, train: 15, test: 5 };
 * const known = await divideAgain(data, { ...split, dataSha256: await data.hash() });
 * if (known.standing !== "test" || known.test.length !== 5) throw new Error(known.standing);
 * const { standing } = await divideAgain(data, split); // an older model does not tell its data
 * if (standing !== "unknown") throw new Error(standing);
 * ```
 */
export async function divideAgain(
  data: Pick<ImageDataset, "hash" | "length" | "labels" | "classes" | "parts" | "source">,
  split: SplitManifest | null,
): Promise<DividedData> {
  const sha256 = await data.hash();
  const all = (standing: Standing): DividedData => ({
    ...{ standing, sha256, test: rowsOf(data), train: new Int32Array(0) },
  });
  if (split === null) return all("unknown");
  if (split.dataSha256 === undefined) {
    // They may be the same data: then only these rows were not trained on, else none was.
    const apart = tryParts(data, split)?.test ?? new Int32Array(0);
    return apart.length === 0 ? all("unknown") : { ...all("unknown"), test: apart };
  }
  if (split.dataSha256 !== sha256) return all("other");
  return { standing: "test", sha256, ...partsOf(data, split) };
}

function partsOf(data: Divisible, split: SplitManifest): TrainTestIndices {
  const parts = tryParts(data, split);
  if (parts !== undefined) return parts;
  throw new UserError(
    `Cannot tell which rows of ${data.source} the model was trained on: it tells ${split.train} and ${split.test} rows, which ` +
      `dividing the ${data.length} again does not come to; give data that it was not trained on`,
  );
}

/** The division that comes to the numbers of rows that the model tells; undefined where there is none. */
function tryParts(data: Divisible, split: SplitManifest): TrainTestIndices | undefined {
  const fits = ({ train, test }: TrainTestIndices) =>
    train.length === split.train && test.length === split.test;
  const given = data.parts && (data.parts.test ?? data.parts.validation);
  const own = given && { train: data.parts!.train, test: given };
  if (own !== undefined && !split.stratify && fits(own)) return own;
  const { length, labels, classes } = data;
  const { testSize, randomState, stratify, train, test } = split;
  if (length !== train + test) return undefined;
  const drawn = testSize === 0
    ? { train: rowsOf(data), test: new Int32Array(0) }
    : trainTestSplit(length, {
      testSize,
      randomState,
      stratify: stratify ? labels : undefined,
      classes,
    });
  return fits(drawn) ? drawn : undefined;
}

function rowsOf({ length }: Pick<ImageDataset, "length">): Int32Array {
  return Int32Array.from({ length }, (_, row) => row);
}
