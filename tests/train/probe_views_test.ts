// Cross-validation where several rows are views of one picture.
import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import type { FeatureMatrix } from "../../src/model/feature_matrix.ts";
import { fitProbe, type ProbeOptions } from "../../src/train/probe.ts";
import { viewRows } from "../../src/train/view_rows.ts";
import { assertNear, clouds, tensorTest } from "./wasm.ts";

const ROWS = 60;
const { data, columns, labels } = clouds({ rows: ROWS, columns: 8, classes: 3, spread: 1.5 });
const plain: FeatureMatrix = { data, rows: ROWS, columns };
/** Each picture twice: the second time as a view that looks just like it. */
const twice: FeatureMatrix = {
  data: Float32Array.from([...data, ...data]),
  rows: 2 * ROWS,
  columns,
};
const rows = viewRows(labels, 2 * ROWS);
const strengths = [0.001, 0.01, 0.1, 1, 10];

for (const [what, cvRows] of [["all rows", 1500], ["a sample", 40]] as const) {
  tensorTest(
    `pictures seen twice are as good as a strength twice as high, on ${what}`,
    async () => {
      const once = await fitProbe(plain, labels, { classes: 3, strengths, cvRows });
      const options: ProbeOptions = {
        classes: 3,
        strengths: strengths.map((strength) => strength / 2),
        cvRows: 2 * cvRows,
        groups: rows.groups,
      };
      const both = await fitProbe(twice, rows.labels, options);
      assert.equal(both.details.strength, once.details.strength as number / 2);
      assert.equal(both.details.cvRows, 2 * (once.details.cvRows as number));
      assert.equal(both.details.cvAccuracy, once.details.cvAccuracy);
      // Fits end within 1e-4 nats of their minimum, which has twice the size.
      assertNear([both.details.cvLogLoss as number], [once.details.cvLogLoss as number], {
        absolute: 2e-3,
      });
      assertNear(both.weight, once.weight, { absolute: 5e-3 });
    },
  );
}

tensorTest("a picture's view never tells what the held-out picture is", async () => {
  // Labels by chance: there is nothing to learn but which picture has which.
  const chance = Int32Array.from(labels, (_, i) => (i * i + 3 * i) % 7 % 2);
  const { labels: ofRows, groups } = viewRows(chance, 2 * ROWS);
  const wide = clouds({ rows: ROWS, columns: 200, classes: 2 });
  const features = {
    data: Float32Array.from([...wide.data, ...wide.data]),
    rows: 2 * ROWS,
    columns: 200,
  };
  const leaking = await fitProbe(features, ofRows, { classes: 2, strengths });
  const honest = await fitProbe(features, ofRows, { classes: 2, strengths, groups });
  assert.ok(leaking.details.cvAccuracy as number > 0.9, `${leaking.details.cvAccuracy}`);
  assert.ok(honest.details.cvAccuracy as number < 0.7, `${honest.details.cvAccuracy}`);
});

tensorTest("rows that all show another picture are dealt as without groups", async () => {
  const groups = Int32Array.from(labels, (_, row) => 1000 - row);
  for (const cvRows of [1500, 30]) {
    assert.deepEqual(
      await fitProbe(plain, labels, { classes: 3, groups, cvRows }),
      await fitProbe(plain, labels, { classes: 3, cvRows }),
    );
  }
});

tensorTest("groups of another number than rows are refused", async () => {
  await assert.rejects(
    fitProbe(plain, labels, { classes: 3, groups: rows.groups }),
    UserError,
  );
});
