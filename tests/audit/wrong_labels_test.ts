import assert from "node:assert/strict";
import { findWrongLabels } from "../../src/audit/wrong_labels.ts";

/** Rows of probabilities. */
const evidence = (rows: readonly (readonly number[])[], labels: number[], fold?: number[]) => ({
  probabilities: rows.flat(),
  labels,
  classes: rows[0].length,
  foldOfRow: fold ?? labels.map(() => 0),
});

Deno.test("thresholds are the mean probabilities of each class among its own", () => {
  const { thresholds } = findWrongLabels(evidence([[0.9, 0.1], [0.5, 0.5], [0.3, 0.7]], [0, 0, 1]));
  assert.deepEqual([...thresholds], [0.7, 0.7]);
});

Deno.test("a class that is told less surely needs less to be suggested", () => {
  // Class 1 is known at 0.6 on average, class 0 at 0.9: 0.55 for class 1 is not enough, 0.65 is.
  const sure = [[0.95, 0.05], [0.85, 0.15], [0.4, 0.6], [0.4, 0.6]];
  const labels = [0, 0, 1, 1];
  const found = (row: number[]) =>
    findWrongLabels(evidence([...sure, row, [0.99, 0.01], [0.99, 0.01]], [...labels, 0, 0, 0]))
      .suspects;
  assert.deepEqual(found([0.45, 0.55]), []);
  assert.deepEqual(found([0.35, 0.65]), [
    { row: 4, given: 0, suggested: 1, givenProbability: 0.35, suggestedProbability: 0.65 },
  ]);
});

Deno.test("of several classes that qualify, the likeliest is suggested", () => {
  const rows = [[0.2, 0.3, 0.5], [0.3, 0.4, 0.3], [0.2, 0.3, 0.5], [0.2, 0.41, 0.39]];
  const { suspects } = findWrongLabels(evidence([...rows, [0.1, 0.45, 0.44]], [0, 1, 2, 1, 0]));
  assert.equal(suspects.find(({ row }) => row === 4)?.suggested, 1);
});

Deno.test("a class that is confident but less likely than the label's is not suggested", () => {
  // The threshold of class 1 is 0.3: row 0 reaches it, but is likelier what it is labelled.
  const { suspects } = findWrongLabels(
    evidence([[0.65, 0.35], [0.99, 0.01], [0.7, 0.3]], [0, 0, 1]),
  );
  assert.deepEqual(suspects.filter(({ row }) => row === 0), []);
});

Deno.test("the surest come first, equal ones in order", () => {
  const rows = [[0.9, 0.1], [0.1, 0.9], [0.2, 0.8], [0.02, 0.98], [0.2, 0.8]];
  const { suspects } = findWrongLabels(evidence(rows, [0, 1, 0, 0, 0]));
  assert.deepEqual(suspects.map(({ row }) => row), [3]);
  const more = evidence([...rows, [0.3, 0.7], [0.3, 0.7]], [0, 1, 0, 0, 0, 1, 1]);
  assert.deepEqual(findWrongLabels(more).suspects.map(({ row }) => row), [3, 2, 4]);
});

Deno.test("rows that were not held out count for nothing", () => {
  const rows = [[0.9, 0.1], [0.2, 0.8], [0, 0], [0.1, 0.9]];
  const { suspects, thresholds } = findWrongLabels(evidence(rows, [0, 1, 1, 0], [0, 0, -1, 0]));
  assert.deepEqual([...thresholds], [0.5, 0.8]);
  assert.deepEqual(suspects.map(({ row }) => row), [3]);
  const alone = findWrongLabels(evidence([[0.9, 0.1, 0], [0, 0, 0]], [0, 2], [0, -1]));
  assert.deepEqual(alone.suspects, []);
  assert.ok(Number.isNaN(alone.thresholds[1]) && Number.isNaN(alone.thresholds[2]));
});
