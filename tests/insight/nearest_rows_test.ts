import assert from "node:assert/strict";
import { startBackend } from "../../src/backend/mod.ts";
import { RandomState } from "../../src/core/random.ts";
import { held } from "../held.ts";
import { nearestRows } from "../../src/insight/nearest_rows.ts";
import { takeRows } from "../../src/model/feature_matrix.ts";
import { decodeFloats } from "../model/random_b0_weights.ts";
import { drawPoints, furthest, insight } from "./drawn_points.ts";

Deno.test("neighbours and their distances are scikit-learn's, and no tensor is left", async () => {
  await startBackend({ threads: 2 });
  const before = held();
  const { features } = drawPoints();
  const { rows } = features;
  const row = (from: number, to: number) =>
    Int32Array.from({ length: to - from }, (_, i) => from + i);
  const last = takeRows(features, row(rows - 10, rows)),
    others = takeRows(features, row(0, rows - 10));
  const found = await nearestRows(last, others, { count: 4 });
  assert.deepEqual(found.map((each) => each.map(({ row }) => row)), insight.nearest.rows);
  const distances = found.flatMap((each) => each.map(({ distance }) => distance));
  assert.ok(furthest(distances, decodeFloats(insight.nearest.distances)) < 1e-6);
  assert.equal(held(), before);
});

Deno.test("many rows are compared block by block; of equal ones, the first comes first", async () => {
  await startBackend({ threads: 2 });
  const random = new RandomState(3);
  const among = Float32Array.from({ length: 2 * 9000 }, () => random.standardNormal());
  for (const row of [8500, 17, 5000]) among.set([3, 3], 2 * row);
  const seen: number[] = [];
  const [nearest] = await nearestRows(
    { data: Float32Array.of(1, 1), rows: 1, columns: 2 },
    { data: among, rows: 9000, columns: 2 },
    { count: 3, onProgress: ({ done, total }) => seen.push(done, total!) },
  );
  const close = nearest.filter(({ distance }) => distance < 1e-6).map(({ row }) => row);
  assert.ok(close.length === 3 && seen.join() === "1,3,2,3,3,3");
  const angles = Array.from({ length: 9000 }, (_, row) => {
    const [x, y] = among.subarray(2 * row, 2 * row + 2);
    return { row, distance: 1 - (x + y) / Math.sqrt(2) / Math.hypot(x, y) };
  }).sort((a, b) => a.distance - b.distance);
  assert.ok(
    furthest(nearest.map((n) => n.distance), angles.slice(0, 3).map((n) => n.distance)) < 1e-6,
  );
  const zeros = { data: new Float32Array(4), rows: 2, columns: 2 };
  const [equal] = await nearestRows({ data: Float32Array.of(1, 0), rows: 1, columns: 2 }, zeros, {
    count: 5,
  });
  assert.deepEqual(equal, [{ row: 0, distance: 1 }, { row: 1, distance: 1 }]);
});

Deno.test("features of another width are refused, and nothing is asked for nothing", async () => {
  await startBackend({ threads: 2 });
  const empty = { data: new Float32Array(0), rows: 0, columns: 6 };
  assert.deepEqual(await nearestRows(empty, drawPoints().features), []);
  await assert.rejects(
    nearestRows({ ...empty, columns: 5 }, drawPoints().features),
    /have 5 features/,
  );
});
