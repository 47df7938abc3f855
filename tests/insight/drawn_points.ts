/** The points of tests/fixtures/make_insight.py, and what scikit-learn says of them. @module */
import assert from "node:assert/strict";
import { RandomState } from "../../src/core/random.ts";
import type { FeatureMatrix } from "../../src/model/feature_matrix.ts";
import { decodeFloats } from "../model/random_b0_weights.ts";

/** All of insight.json; numbers in base64 are float32. */
export const insight = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/insight.json", import.meta.url)),
) as {
  readonly points: number;
  readonly columns: number;
  readonly classes: number;
  readonly seed: number;
  /** The last point. */
  readonly drawn: string;
  readonly plane: { readonly explained: number; readonly scores: readonly [string, string] };
  readonly tsne: {
    readonly perplexity: number;
    /** Above the diagonal, row by row. */
    readonly joint: string;
    readonly divergence: number;
  };
  /** Of the last ten points among the others. */
  readonly nearest: { readonly rows: readonly (readonly number[])[]; readonly distances: string };
  readonly curve: {
    readonly folds: number;
    readonly randomState: number;
    readonly strength: number;
    readonly points: number;
    readonly sizes: readonly number[];
    readonly right: readonly number[];
  };
};

/** Twin of `draw` in make_insight.py. */
export function drawPoints(): { readonly features: FeatureMatrix; readonly labels: Int32Array } {
  const { points, columns, classes, seed, drawn } = insight;
  const random = new RandomState(seed);
  const labels = Int32Array.from(
    { length: points },
    () => Math.min(classes - 1, Math.floor(4 * random.randomDouble())),
  );
  const data = Float32Array.from({ length: points * columns }, (_, at) => {
    const noise = -2 + 4 * random.randomDouble();
    return noise + (at % columns === labels[Math.floor(at / columns)] ? 2 : 0);
  });
  assert.deepEqual(data.slice(-columns), decodeFloats(drawn), "the points differ from Python's");
  return { features: { data, rows: points, columns }, labels };
}

/** Inner products of all points. */
export function productsOf({ data, rows, columns }: FeatureMatrix): Float64Array {
  return Float64Array.from({ length: rows * rows }, (_, at) => {
    const i = Math.floor(at / rows) * columns, j = at % rows * columns;
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += data[i + k] * data[j + k];
    return sum;
  });
}

/** Squared distances of all points. */
export function distancesOf(features: FeatureMatrix): Float64Array {
  const { rows } = features;
  const products = productsOf(features);
  return products.map((product, at) => {
    const i = Math.floor(at / rows), j = at % rows;
    return products[i * rows + i] + products[j * rows + j] - 2 * product;
  });
}

/** Largest difference. */
export function furthest(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.equal(found.length, expected.length);
  let worst = 0;
  for (let i = 0; i < found.length; i++) worst = Math.max(worst, Math.abs(found[i] - expected[i]));
  return worst;
}
