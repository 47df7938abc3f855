/** Features of many images. @module */

/** Features of a set of images: what the trunk makes and heads take. */
export interface FeatureMatrix {
  /** Values, row-major `[rows, columns]`. */
  readonly data: Float32Array;
  /** Number of images. */
  readonly rows: number;
  /** Features per image. */
  readonly columns: number;
}

/** The given rows of a matrix, in that order: a copy. */
export function takeRows({ data, columns }: FeatureMatrix, rows: Int32Array): FeatureMatrix {
  const taken = new Float32Array(rows.length * columns);
  rows.forEach((row, i) =>
    taken.set(data.subarray(row * columns, (row + 1) * columns), i * columns)
  );
  return { data: taken, rows: rows.length, columns };
}
