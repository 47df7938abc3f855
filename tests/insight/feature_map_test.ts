import assert from "node:assert/strict";
import { startBackend } from "../../src/backend/mod.ts";
import { held } from "../held.ts";
import { mapFeatures, type MappedPart } from "../../src/insight/feature_map.ts";
import { scaledLikeHead } from "../../src/insight/scaled_features.ts";
import { takeRows } from "../../src/model/feature_matrix.ts";
import { drawPoints, insight } from "./drawn_points.ts";

const { features, labels } = drawPoints();

function part(name: MappedPart["part"], from: number, to: number): MappedPart {
  const rows = Int32Array.from({ length: to - from }, (_, i) => from + i);
  return { part: name, features: takeRows(features, rows), labels: labels.subarray(from, to) };
}

Deno.test("all points are on the map, each with its part, row and class; no tensor is left", async () => {
  await startBackend({ threads: 2 });
  const before = held();
  const map = await mapFeatures([part("train", 0, 60), part("test", 60, 90)]);
  assert.deepEqual(map!.part, [...Array(60).fill("train"), ...Array(30).fill("test")]);
  assert.deepEqual([...map!.rows], [...Array(60).keys(), ...Array(30).keys()]);
  assert.deepEqual(map!.labels, labels);
  assert.ok(map!.x.length === 90 && [...map!.x, ...map!.y].every(Number.isFinite));
  assert.match(map!.method, /t-SNE, perplexity 30/);
  assert.equal(map!.explained, undefined);
  assert.deepEqual(await mapFeatures([part("train", 0, 60), part("test", 60, 90)]), map);
  assert.equal(held(), before);
});

Deno.test("PCA tells what it shows", async () => {
  await startBackend({ threads: 2 });
  const map = await mapFeatures([part("test", 0, 90)], { method: "PCA" });
  assert.equal(map!.method, "PCA");
  assert.ok(Math.abs(map!.explained! - insight.plane.explained) < 1e-5);
});

Deno.test("of too many points, a seeded sample; the test part gives up to half, more where the other is small", async () => {
  await startBackend({ threads: 2 });
  const parts = async (from: number, points: number, randomState = 5) => {
    const map = await mapFeatures([part("train", 0, from), part("test", from, 90)], {
      points,
      randomState,
      method: "PCA",
    });
    for (const [i, row] of map!.rows.entries()) {
      assert.equal(map!.labels[i], labels[map!.part[i] === "test" ? from + row : row]);
    }
    return map!;
  };
  const count = (
    { part }: { readonly part: readonly string[] },
  ) => [
    part.filter((name) => name === "train").length,
    part.filter((name) => name === "test").length,
  ];
  assert.deepEqual(count(await parts(45, 40)), [20, 20]);
  assert.deepEqual(count(await parts(80, 40)), [30, 10]);
  assert.deepEqual(count(await parts(5, 40)), [5, 35]);
  assert.notDeepEqual((await parts(45, 40, 6)).rows, (await parts(45, 40)).rows);
});

Deno.test("a single picture has no map", async () => {
  assert.equal(await mapFeatures([part("test", 0, 1)]), undefined);
});

Deno.test("features come to the head's scale, and only to that of a head of their width", () => {
  const plain = { data: Float32Array.of(1, 2, 3, 6), rows: 2, columns: 2 };
  const scaling = { mean: Float32Array.of(1, 2), scale: Float32Array.of(2, 4) };
  assert.deepEqual([...scaledLikeHead({ columns: 2, ...scaling }, plain).data], [0, 0, 1, 1]);
  assert.equal(scaledLikeHead({ columns: 2 }, plain), plain);
  assert.throws(
    () => scaledLikeHead({ columns: 3 }, plain),
    /there are 2 of each picture, the head was trained on 3/,
  );
});
