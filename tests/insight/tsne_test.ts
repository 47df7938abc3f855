import assert from "node:assert/strict";
import { principalPlane } from "../../src/insight/principal_plane.ts";
import { jointProbabilities, type Plane, tsne } from "../../src/insight/tsne.ts";
import { decodeFloats } from "../model/random_b0_weights.ts";
import { distancesOf, drawPoints, furthest, insight, productsOf } from "./drawn_points.ts";

/** Kullback-Leibler divergence of the plane's neighbourhoods, of pairs above the diagonal. */
function divergence(joint: Float64Array, { x, y }: Plane): number {
  const near: number[] = [];
  for (let i = 0; i < x.length; i++) {
    for (let j = i + 1; j < x.length; j++) {
      near.push(1 / (1 + (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2));
    }
  }
  const total = 2 * near.reduce((sum, value) => sum + value, 0);
  return near.reduce(
    (sum, value, at) =>
      sum + (joint[at] > 0 ? 2 * joint[at] * Math.log(joint[at] * total / value) : 0),
    0,
  );
}

Deno.test("joint probabilities are scikit-learn's", () => {
  const { features } = drawPoints();
  const { perplexity, joint } = insight.tsne;
  const found = jointProbabilities(distancesOf(features), features.rows, perplexity);
  const expected = decodeFloats(joint);
  const largest = expected.reduce((most, value) => Math.max(most, value));
  // Both end their search for the width within 1e-5 of the entropy.
  assert.ok(furthest(found, expected) < 1e-4 * largest);
  assert.ok(Math.abs(2 * found.reduce((sum, value) => sum + value, 0) - 1) < 1e-9);
});

Deno.test("the map diverges from the points' neighbourhoods hardly more than scikit-learn's", async () => {
  const { features } = drawPoints();
  const { perplexity, divergence: theirs } = insight.tsne;
  const distances = distancesOf(features);
  const start = principalPlane(productsOf(features), features.rows);
  const seen: number[] = [];
  const map = await tsne(distances, start, {
    perplexity,
    onProgress: ({ done }) => seen.push(done),
  });
  const joint = jointProbabilities(distances, features.rows, perplexity);
  const ours = divergence(joint, map);
  // Both end in one of many minima: 0.589 and 0.541.
  assert.ok(ours < 1.15 * theirs, `${ours}, scikit-learn's is ${theirs}`);
  assert.ok(ours < 0.9 * divergence(joint, start), "better than the plane that it starts from");
  assert.deepEqual([seen.length, seen.at(-1)], [50, 500]);
  assert.deepEqual(await tsne(distances, start, { perplexity }), map, "the same again");
});

Deno.test("a handful of points, and points that are one, have a map as well; a stop stops", async () => {
  const three = { x: Float64Array.of(0, 1, 2), y: new Float64Array(3) };
  const few = await tsne(new Float64Array(9), three);
  assert.ok(few.x.every(Number.isFinite));
  const one = { x: new Float64Array(8), y: new Float64Array(8) };
  assert.deepEqual((await tsne(new Float64Array(64), one)).x, new Float64Array(8));
  const twins = Float64Array.from(
    { length: 100 },
    (_, at) => at % 10 % 2 === Math.floor(at / 10) % 2 ? 0 : 4,
  );
  const pairs = await tsne(twins, {
    x: Float64Array.from({ length: 10 }, (_, i) => i % 2),
    y: new Float64Array(10),
  });
  assert.ok([...pairs.x, ...pairs.y].every(Number.isFinite), "points on top of one another");
  const { features } = drawPoints();
  const start = principalPlane(productsOf(features), features.rows);
  const stop = AbortSignal.abort(new Error("enough"));
  await assert.rejects(tsne(distancesOf(features), start, { signal: stop }), /enough/);
});
