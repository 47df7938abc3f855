import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { wilson } from "../../src/core/intervals.ts";
import { foldScores } from "../../src/evaluate/fold_scores.ts";

const of100 = (correct: number[]) => correct.map((right) => ({ correct: right, rows: 100 }));

Deno.test("the spread over folds is corrected for the rows that they share", () => {
  // numpy and scipy: s = std(ddof=1); se = s * sqrt(1/5 + 1/4); mean +- t.ppf(0.975, 4) * se
  const { accuracies, mean, standardError, low, high } = foldScores(
    of100([80, 84, 82, 78, 86]),
    { folds: 5 },
  );
  assert.deepEqual(accuracies, [0.8, 0.84, 0.82, 0.78, 0.86]);
  const expected = [0.82, 0.02121320343559641, 0.7611027051556734, 0.8788972948443268];
  [mean, standardError, low, high].forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]) < 1e-12, `${value}, expected ${expected[i]}`)
  );
});

Deno.test("repeating narrows the interval, though the rows are no more", () => {
  const once = of100([80, 84, 82, 78, 86]);
  const one = foldScores(once, { folds: 5 });
  const three = foldScores([...once, ...once, ...once], { folds: 5, repeats: 3 });
  assert.equal(three.accuracies.length, 15);
  assert.ok(three.high - three.low < one.high - one.low);
  const many = foldScores(Array.from({ length: 500 }, () => once).flat(), {
    folds: 5,
    repeats: 500,
  });
  const chance = wilson(410, 500);
  assert.ok(many.high - many.low >= chance.high - chance.low - 1e-12);
});

Deno.test("folds that agree by luck, and a single one, are no surer than so many answers", () => {
  const agreed = foldScores(of100([90, 90, 90]), { folds: 3 });
  const { low, high } = wilson(270, 300);
  assert.deepEqual([agreed.low, agreed.high], [low, high]);
  assert.ok(Math.abs(agreed.standardError - Math.sqrt(0.09 / 300)) < 1e-12);
  const single = foldScores(of100([90]), { folds: 5 });
  const alone = wilson(90, 100);
  assert.deepEqual([single.low, single.high], [alone.low, alone.high]);
  const perfect = foldScores(of100([100, 100]), { folds: 2 });
  assert.ok(perfect.low < 1 && perfect.high === 1);
});

Deno.test("no folds, and folds without rows, are refused", () => {
  assert.throws(() => foldScores([], { folds: 5 }), /0 folds were scored/);
  assert.throws(() => foldScores([{ correct: 0, rows: 0 }], { folds: 5 }), UserError);
});
