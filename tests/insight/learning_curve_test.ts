import assert from "node:assert/strict";
import { startBackend } from "../../src/backend/mod.ts";
import { UserError } from "../../src/core/errors.ts";
import { wilson } from "../../src/core/intervals.ts";
import { held } from "../held.ts";
import { learningCurve } from "../../src/insight/learning_curve.ts";
import { takeRows } from "../../src/model/feature_matrix.ts";
import { drawPoints, insight } from "./drawn_points.ts";

const { classes, points } = insight;
const { sizes, right, strength, ...rest } = insight.curve;
const settings = {
  classes,
  points: rest.points,
  folds: rest.folds,
  randomState: rest.randomState,
  strengths: [strength],
  scaling: "standard" as const,
};

Deno.test("accuracies on nested parts are those of scikit-learn's logistic regression, and no tensor is left", async () => {
  await startBackend({ threads: 2 });
  const before = held();
  const { features, labels } = drawPoints();
  const seen: number[] = [];
  const curve = await learningCurve(features, labels, {
    ...settings,
    onProgress: ({ done, total }) => seen.push(done, total!),
  });
  assert.deepEqual(curve!.points.map(({ rows }) => rows), sizes);
  curve!.points.forEach(({ accuracy }, i) => {
    // A row that lies on the border of two classes may fall to either side: fits end within 1e-4 nats of their minimum.
    const off = Math.abs(Math.round(accuracy.value * points) - right[i]);
    assert.ok(
      off <= 1,
      `${sizes[i]} rows: ${accuracy.value * points} right, scikit-learn ${right[i]}`,
    );
    assert.deepEqual(accuracy, wilson(Math.round(accuracy.value * points), points));
  });
  assert.deepEqual([curve!.strength, seen.length / 2, seen.at(-2)], [strength, 12, 12]);
  assert.equal(held(), before);
});

Deno.test("the same seed draws the same curve, another one another", async () => {
  await startBackend({ threads: 2 });
  const { features, labels } = drawPoints();
  const draw = (randomState: number) =>
    learningCurve(features, labels, { ...settings, randomState });
  const curve = await draw(5);
  assert.deepEqual(await draw(5), curve);
  assert.notDeepEqual((await draw(6))!.points, curve!.points);
});

Deno.test("without a strength, one is chosen; of many rows, a sample takes part", async () => {
  await startBackend({ threads: 2 });
  const { features, labels } = drawPoints();
  const curve = await learningCurve(features, labels, { classes, maxRows: 45 });
  assert.ok(curve!.strength > 0 && curve!.points.at(-1)!.rows <= 36);
  assert.ok(curve!.points.every(({ accuracy }) => accuracy.n <= 46));
  assert.equal(curve!.moreData!.rows, points, "what is extrapolated to is all rows");
});

Deno.test("a class that the small parts lack is learnt as soon as it is there", async () => {
  await startBackend({ threads: 2 });
  // 3 of 60 rows are of class 1, and told by their second column alone.
  const labels = Int32Array.from({ length: 60 }, (_, row) => row % 20 === 0 ? 1 : 0);
  const data = Float32Array.from(
    { length: 120 },
    (_, at) => at % 2 ? labels[(at - 1) / 2] : (at * 7919) % 13,
  );
  const curve = await learningCurve({ data, rows: 60, columns: 2 }, labels, {
    classes: 2,
    folds: 3,
    points: 3,
    strengths: [10],
  });
  const accuracies = curve!.points.map(({ accuracy }) => accuracy.value);
  assert.ok(accuracies[0] < 1 && accuracies.at(-1) === 1, `${accuracies}`);
});

Deno.test("too few rows have no curve; what cannot be learnt from is refused", async () => {
  await startBackend({ threads: 2 });
  const { features, labels } = drawPoints();
  const few = Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8);
  const part = { features: takeRows(features, few), labels: few.map((row) => labels[row]) };
  assert.equal(await learningCurve(part.features, part.labels, { classes }), undefined);
  const refused = (options: { points?: number; classes?: number }, message: RegExp) =>
    assert.rejects(
      learningCurve(features, labels, { ...settings, ...options }),
      (error) => error instanceof UserError && message.test(error.message),
    );
  await refused({ points: 1 }, /points is 1, expected a whole number from 2/);
  await refused({ classes: 4 }, /class "3" has no rows/);
  const stop = AbortSignal.abort(new Error("enough"));
  await assert.rejects(learningCurve(features, labels, { ...settings, signal: stop }), /enough/);
});
