import assert from "node:assert/strict";
import { classScores, confusionMatrix } from "../../src/evaluate/confusion.ts";

Deno.test("confusions are counted by true class, then predicted class", () => {
  assert.deepEqual(confusionMatrix([0, 1, 1, 2], [0, 0, 1, 0], 3), [[1, 0, 0], [1, 1, 0], [
    1,
    0,
    0,
  ]]);
});

Deno.test("a class that never occurs scores 0 and not NaN", () => {
  const [, empty] = classScores(confusionMatrix([0, 0], [0, 0], 2));
  assert.deepEqual(empty, { precision: 0, recall: 0, f1: 0, support: 0 });
});

Deno.test("confusions of unequal or impossible input are refused", () => {
  assert.throws(() => confusionMatrix([0], [0, 1], 2), /2 predictions for 1 labels/);
  assert.throws(() => confusionMatrix([0], [2], 2), /prediction 2/);
  assert.throws(() => confusionMatrix([-1], [0], 2), /class -1/);
});
