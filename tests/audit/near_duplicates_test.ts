import assert from "node:assert/strict";
import { RandomState } from "../../src/core/random.ts";
import { findNearDuplicates, type SimilarPair } from "../../src/audit/near_duplicates.ts";
import type { FeatureMatrix } from "../../src/model/feature_matrix.ts";
import { tensorTest } from "../train/wasm.ts";

/** Rows that point anywhere. */
function noise(rows: number, columns: number, seed = 1): FeatureMatrix {
  const random = new RandomState(seed);
  const data = Float32Array.from({ length: rows * columns }, () => random.standardNormal());
  return { data, rows, columns };
}

/** Cosine distance of two rows, in double precision. */
function distance({ data, columns }: FeatureMatrix, a: number, b: number): number {
  let dot = 0, left = 0, right = 0;
  for (let k = 0; k < columns; k++) {
    const [x, y] = [data[a * columns + k], data[b * columns + k]];
    dot += x * y;
    left += x * x;
    right += y * y;
  }
  return 1 - dot / Math.sqrt(left * right);
}

/** What the pairs should be, from comparing one row after the other. */
function reference(
  features: FeatureMatrix,
  maxDistance: number,
  kinds: readonly ArrayLike<number>[] = [],
): string[] {
  const pairs = new Set<string>();
  for (const kind of [undefined, ...kinds]) {
    for (let a = 0; a < features.rows; a++) {
      let best = -1, least = maxDistance;
      for (let b = 0; b < features.rows; b++) {
        if (a === b || kind !== undefined && kind[a] === kind[b]) continue;
        const found = distance(features, a, b);
        if (found <= least) [best, least] = [b, found];
      }
      if (best >= 0) pairs.add(`${Math.min(a, best)} ${Math.max(a, best)}`);
    }
  }
  return [...pairs].sort();
}

const names = (pairs: readonly SimilarPair[]) => pairs.map(({ a, b }) => `${a} ${b}`).sort();

tensorTest("the pairs are those of comparing one row after the other", async () => {
  const features = noise(80, 3);
  const kind = Int32Array.from({ length: 80 }, (_, row) => row % 4);
  const part = Int8Array.from({ length: 80 }, (_, row) => row < 60 ? 0 : 1);
  for (const kinds of [[], [kind], [kind, part]]) {
    const pairs = await findNearDuplicates(features, { maxDistance: 0.01, kinds });
    assert.ok(pairs.length > 10, `${pairs.length}`);
    assert.deepEqual(names(pairs), reference(features, 0.01, kinds));
    for (const pair of pairs) {
      assert.ok(pair.a < pair.b);
      // A product of float32.
      assert.ok(Math.abs(pair.distance - distance(features, pair.a, pair.b)) < 1e-6);
    }
    const distances = pairs.map((pair) => pair.distance);
    assert.deepEqual(distances, distances.toSorted((p, q) => p - q));
  }
});

tensorTest("pairs are found within and across blocks, also with the last row", async () => {
  const rows = 2 * 2048 + 5;
  const features = noise(rows, 64);
  const copy = (from: number, to: number) =>
    features.data.copyWithin(to * 64, from * 64, (from + 1) * 64);
  copy(0, 1);
  copy(7, 2047);
  copy(8, 2048);
  copy(2049, 4095);
  copy(4096, rows - 1);
  features.data.subarray((rows - 1) * 64).forEach((value, k, row) => row[k] = 2 * value);
  const pairs = await findNearDuplicates(features, { maxDistance: 0.001 });
  assert.deepEqual(names(pairs), ["0 1", "2049 4095", `4096 ${rows - 1}`, "7 2047", "8 2048"]);
});

tensorTest(
  "a heap of equal pictures makes as many pairs as pictures, not as pairs of them",
  async () => {
    const features = { data: new Float32Array(200 * 4).fill(1), rows: 200, columns: 4 };
    const pairs = await findNearDuplicates(features, { maxDistance: 0.01 });
    assert.ok(pairs.length < 200, `${pairs.length}`);
    assert.equal(new Set(pairs.flatMap(({ a, b }) => [a, b])).size, 200);
  },
);

tensorTest(
  "rows that are left out are in no pair, and rows of zeros are near to nothing",
  async () => {
    const features = { data: new Float32Array(5 * 2).fill(1), rows: 5, columns: 2 };
    features.data.fill(0, 0, 4); // rows 0 and 1
    const pairs = await findNearDuplicates(features, {
      maxDistance: 0.5,
      leaveOut: [0, 0, 1, 0, 0],
    });
    assert.deepEqual(names(pairs), ["3 4"]);
  },
);

tensorTest("progress comes to its total, and an abort ends it", async () => {
  const features = noise(2050, 2);
  const seen: [number, number][] = [];
  await findNearDuplicates(features, {
    maxDistance: 1e-9,
    onProgress: ({ done, total }) => seen.push([done, total!]),
  });
  assert.deepEqual(seen, [[1, 3], [2, 3], [3, 3]]);
  const controller = new AbortController();
  await assert.rejects(
    findNearDuplicates(features, {
      maxDistance: 1e-9,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    }),
    /enough/,
  );
});
