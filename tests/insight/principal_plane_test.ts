import assert from "node:assert/strict";
import { principalPlane } from "../../src/insight/principal_plane.ts";
import { decodeFloats } from "../model/random_b0_weights.ts";
import { drawPoints, furthest, insight, productsOf } from "./drawn_points.ts";

Deno.test("the principal plane is scikit-learn's, up to the signs of its axes", () => {
  const { features } = drawPoints();
  const { x, y, explained } = principalPlane(productsOf(features), features.rows);
  // The fixture is in float32; the iteration ends when the variance has settled to 1e-7 of it, the axes to its root.
  assert.ok(Math.abs(explained - insight.plane.explained) < 1e-6);
  [x, y].forEach((scores, axis) => {
    const expected = decodeFloats(insight.plane.scores[axis]);
    const largest = expected.reduce((most, v) => Math.abs(v) > Math.abs(most) ? v : most);
    const off = furthest(scores, expected.map((value) => value * Math.sign(largest)));
    assert.ok(off < 1e-2, `axis ${axis} is off by ${off}`);
    assert.ok(Math.max(...scores) > -Math.min(...scores), "the largest score is positive");
  });
});

Deno.test("points on a line have a plane without height, equal points none at all", () => {
  const line = [0, 1, 2, 3, 10];
  const products = line.flatMap((a) => line.map((b) => a * b));
  const { x, y, explained } = principalPlane(products, line.length);
  assert.ok(furthest(x, line.map((value) => value - 3.2)) < 1e-6);
  assert.ok(furthest(y, [0, 0, 0, 0, 0]) < 1e-6);
  assert.ok(Math.abs(explained - 1) < 1e-9);
  const one = principalPlane([4, 4, 4, 4], 2);
  assert.deepEqual([[...one.x], [...one.y], one.explained], [[0, 0], [0, 0], 1]);
});
