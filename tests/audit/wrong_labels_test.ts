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

Deno.test("as many of a class are suspects as count as others, those least likely its own", () => {
  // Class 0 is known at 0.66 on average, class 1 at 0.9. Of class 0, rows 4 and 5 count as class 1, row 6 as none.
  const rows = [[0.99, 0.01], [0.99, 0.01], [0.98, 0.02], [0.98, 0.02]];
  const others = [[0.02, 0.98], [0.05, 0.95], [0.2, 0.8]];
  const ones = [[0.1, 0.9], [0.1, 0.9]];
  const { suspects } = findWrongLabels(
    evidence([...rows, ...others, ...ones], [0, 0, 0, 0, 0, 0, 0, 1, 1]),
  );
  // 2 of the 6 that count, so a third of 7: the two least likely ones.
  assert.deepEqual(suspects, [
    { row: 4, given: 0, suggested: 1, givenProbability: 0.02, suggestedProbability: 0.98 },
    { row: 5, given: 0, suggested: 1, givenProbability: 0.05, suggestedProbability: 0.95 },
  ]);
});

Deno.test("a class that is told less surely needs less for a picture to count as one of it", () => {
  // Class 1 is known at 0.6 on average: 0.75 for it is enough, though class 0 is known at 0.95 elsewhere.
  const sure = [[0.95, 0.05], [0.95, 0.05], [0.4, 0.6], [0.4, 0.6]];
  const found = (row: number[]) =>
    findWrongLabels(evidence([...sure, row], [0, 0, 1, 1, 0])).suspects.map(({ row }) => row);
  assert.deepEqual(found([0.24, 0.76]), [4]);
  // Where class 1 is known at 0.9, nobody counts as another: no label of class 0 is suspected.
  const surer = [[0.95, 0.05], [0.95, 0.05], [0.1, 0.9], [0.1, 0.9]];
  const { suspects } = findWrongLabels(evidence([...surer, [0.24, 0.76]], [0, 0, 1, 1, 0]));
  assert.deepEqual(suspects, []);
});

Deno.test("a label that is half as likely as by chance is not suspected, nor the likeliest one", () => {
  const rows = (last: number[]) => [[0.9, 0.1], [0.9, 0.1], [0.3, 0.7], [0.3, 0.7], last];
  const found = (last: number[]) =>
    findWrongLabels(evidence(rows(last), [0, 0, 1, 1, 0])).suspects.length;
  assert.equal(found([0.24, 0.76]), 1);
  assert.equal(found([0.26, 0.74]), 0);
  // Rows that count as class 1, and are yet likelier of class 0.
  const unsure = [[0.9, 0.1], [0.55, 0.45], [0.6, 0.4], [0.6, 0.4], [0.6, 0.4]];
  assert.deepEqual(findWrongLabels(evidence(unsure, [0, 0, 0, 1, 1])).suspects, []);
});

Deno.test("the least likely labels come first, equal ones in order, whatever their class", () => {
  const rows = [[0.99, 0.01], [0.9, 0.1], [0.05, 0.95], [0.02, 0.98], [0.05, 0.95], [0.01, 0.99]];
  const good = Array.from({ length: 6 }, () => [[0.99, 0.01], [0.01, 0.99]]).flat();
  const labels = [0, 1, 0, 0, 0, 1, ...good.map((_, i) => i % 2)];
  const { suspects } = findWrongLabels(evidence([...rows, ...good], labels));
  assert.deepEqual(suspects.map(({ row }) => row), [3, 2, 4, 1]);
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
