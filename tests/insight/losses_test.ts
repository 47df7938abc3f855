// The small lists of an interpretation: confused classes, the worst pictures, some by lot.
import assert from "node:assert/strict";
import { largestLosses, lossRows, sampleLosses, topLosses } from "../../src/insight/loss_rows.ts";
import { mostConfused } from "../../src/insight/most_confused.ts";

const PROBABILITIES = Float32Array.of(0.75, 0.25, 0, 1, 0.5, 0.5, 0.125, 0.875);
const data = {
  labels: Int32Array.of(0, 0, 1, 0),
  classes: ["cat", "dog"],
  name: (row: number) => `row ${row + 1}`,
};

Deno.test("the worst come first, each with what was answered and how surely", () => {
  const top = topLosses(PROBABILITIES, data, { top: 3 });
  assert.deepEqual(top.map(({ row }) => row), [1, 3, 2]);
  const [worst, second, third] = top;
  // Of an impossible label, the loss is that of 2^-23, as in the log-loss of an evaluation.
  assert.ok(Math.abs(worst.loss - 23 * Math.LN2) < 1e-12);
  assert.deepEqual({ ...second, loss: 0 }, {
    row: 3,
    name: "row 4",
    label: 0,
    predicted: 1,
    labelProbability: 0.125,
    predictedProbability: 0.875,
    loss: 0,
  });
  assert.ok(Math.abs(second.loss - 3 * Math.LN2) < 1e-12);
  assert.deepEqual(
    [third.label, third.predicted],
    [1, 0],
    "of equal probabilities the first is the answer",
  );
  assert.equal(topLosses(PROBABILITIES, data).length, 4);
});

Deno.test("some are drawn by lot: in row order, each once, by the seed", () => {
  const rows = lossRows(PROBABILITIES, data, 2);
  const drawn = sampleLosses(rows, 3, 1).map(({ row }) => row);
  assert.deepEqual(drawn, drawn.toSorted());
  assert.equal(new Set(drawn).size, 3);
  assert.deepEqual(sampleLosses(rows, 3, 1).map(({ row }) => row), drawn);
  assert.ok(
    [2, 3, 4, 5].some((seed) =>
      sampleLosses(rows, 3, seed).map(({ row }) => row).join() !== drawn.join()
    ),
  );
  assert.equal(sampleLosses(rows, 9, 1).length, 4);
  assert.deepEqual(largestLosses(rows, 0), []);
});

Deno.test("labels that are none, and probabilities that do not fit, are refused", () => {
  assert.throws(
    () => topLosses(PROBABILITIES.subarray(2), data),
    /6 probabilities, expected 4 x 2/,
  );
  const unlabelled = { ...data, labels: Int32Array.of(0, -1, 1, 0) };
  assert.throws(() => topLosses(PROBABILITIES, unlabelled), /row 2 has class -1, expected 0 to 1/);
});

Deno.test("confused classes: the commonest pair first, then the larger share; never a class with itself", () => {
  const confusion = [[9, 2, 0], [2, 1, 1], [5, 0, 0], [0, 0, 0]].map((row) => [...row, 0]);
  assert.deepEqual(mostConfused({ confusion }), [
    { truth: 2, predicted: 0, count: 5, share: 1 },
    { truth: 1, predicted: 0, count: 2, share: 0.5 },
    { truth: 0, predicted: 1, count: 2, share: 2 / 11 },
    { truth: 1, predicted: 2, count: 1, share: 0.25 },
  ]);
  assert.equal(mostConfused({ confusion }, { least: 2 }).length, 3);
  assert.deepEqual(mostConfused({ confusion: [[3, 0], [0, 4]] }), []);
});
