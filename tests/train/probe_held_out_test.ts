import assert from "node:assert/strict";
import { featureDistances } from "../../src/model/feature_distance.ts";
import { softmax } from "../../src/model/heads.ts";
import { heldOutProbabilities } from "../../src/train/held_out.ts";
import { fitProbe } from "../../src/train/probe.ts";
import { viewRows } from "../../src/train/view_rows.ts";
import { assertNear, clouds, tensorTest } from "./wasm.ts";

const ROWS = 60;
const { labels, ...features } = clouds({ rows: ROWS, columns: 8, classes: 3 });
const strengths = [0.03, 0.1, 0.3];
const options = { classes: 3, strengths, holdOut: true };

/** Labels by chance, on features that tell each picture from the others: only who saw a picture knows its label. */
const chance = Int32Array.from(labels, (_, i) => (i * i + 3 * i) % 7 % 2);
const wide = clouds({ rows: ROWS, columns: 200, classes: 2 });
const twice = {
  data: Float32Array.from([...wide.data, ...wide.data]),
  rows: 2 * ROWS,
  columns: 200,
};

function accuracy(scores: Float32Array, rows: Int32Array, truth: Int32Array): number {
  const right = rows.filter((row, i) => Number(scores[2 * i + 1] > scores[2 * i]) === truth[row]);
  return right.length / rows.length;
}

tensorTest("what cross-validation held out is told, and the head is the same for it", async () => {
  const { heldOut, ...head } = await fitProbe(features, labels, options);
  assert.deepEqual(await fitProbe(features, labels, { classes: 3, strengths }), head);
  assert.deepEqual(heldOut!.rows, Int32Array.from({ length: ROWS }, (_, row) => row));
  const strength = head.details.strength as number;
  const again = await heldOutProbabilities(features, labels, { classes: 3, strengths: [strength] });
  // Other probes of the same folds, both solved to within 1e-4 nats.
  assertNear(softmax(heldOut!.logits, 3), again.probabilities, { absolute: 0.02 });
});

tensorTest(
  "distances are those of new pictures: farther than by what a picture is itself among",
  async () => {
    const { heldOut, ...head } = await fitProbe(features, labels, options);
    const near = featureDistances(head, features)!;
    const mean = (values: Float64Array) => values.reduce((a, b) => a + b) / values.length;
    assert.ok(mean(heldOut!.distances) > 1.005 * mean(near));
    assertNear(heldOut!.distances, near, { relative: 0.2 });
  },
);

tensorTest("all views of a picture are held out together, and it alone is told of", async () => {
  const { labels: ofRows, groups } = viewRows(chance, 2 * ROWS);
  const { heldOut } = await fitProbe(twice, ofRows, { ...options, classes: 2, groups });
  assert.deepEqual(heldOut!.rows, Int32Array.from({ length: ROWS }, (_, row) => row));
  const right = accuracy(heldOut!.logits, heldOut!.rows, chance);
  assert.ok(right < 0.8, `${right}`);
  // Without groups a row's double is learnt from, which shows that the labels can be learnt.
  const leaking = (await fitProbe(twice, ofRows, { ...options, classes: 2 })).heldOut!;
  const known = accuracy(leaking.logits, leaking.rows, ofRows);
  assert.ok(known > 0.95, `${known}`);
});

tensorTest(
  "where cross-validation takes a sample, another probe tells of one that was kept from it",
  async () => {
    const { labels: ofRows, groups } = viewRows(chance, 2 * ROWS);
    for (const given of [groups, undefined]) {
      const { heldOut } = await fitProbe(twice, ofRows, {
        ...options,
        classes: 2,
        groups: given,
        cvRows: 50,
      });
      const { rows, logits, distances } = heldOut!;
      assert.ok(rows.length >= 8 && rows.length <= 24, `${rows.length}`);
      assert.deepEqual([logits.length, distances.length], [2 * rows.length, rows.length]);
      // Without groups a row's double is learnt from, which shows that the labels can be learnt.
      const right = accuracy(logits, rows, ofRows);
      if (given) assert.ok(right < 0.8 && rows.every((row) => row < ROWS), `${right}`);
      else assert.ok(right > 0.8, `${right}`);
    }
  },
);

tensorTest(
  "nothing is held out where it was not asked for, or there is nothing to spare",
  async () => {
    assert.ok(!("heldOut" in await fitProbe(features, labels, { classes: 3, strengths })));
    const one = { classes: 3, strengths: [0.1], holdOut: true };
    assert.ok(!("heldOut" in await fitProbe(features, labels, one)));
    const few = clouds({ rows: 3, columns: 4, classes: 3 });
    assert.ok(!("heldOut" in await fitProbe(few, few.labels, { classes: 3, holdOut: true })));
  },
);
