import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { bootstrapMean } from "../../src/core/bootstrap.ts";
import { wilson } from "../../src/core/intervals.ts";
import { compareAnswers, mcnemarExact } from "../../src/evaluate/comparison.ts";
import { fixture } from "./trust_fixture.ts";

const near = (actual: number, expected: number, what: string) =>
  assert.ok(Math.abs(actual - expected) <= 1e-12, `${what}: ${actual}, expected ${expected}`);

for (const { name, labels, a, b, interval, p, ...counts } of fixture.comparison) {
  Deno.test(`two models compare as scipy and numpy find: ${name}`, () => {
    const found = compareAnswers({ a, b }, labels);
    const { sameMistake, ...agreement } = found.agreement;
    assert.deepEqual(agreement, counts);
    assert.ok(sameMistake <= counts.neither);
    assert.deepEqual(found.a, wilson(counts.both + counts.onlyA, labels.length));
    assert.deepEqual(found.b, wilson(counts.both + counts.onlyB, labels.length));
    near(found.difference.value, (counts.onlyB - counts.onlyA) / labels.length, "difference");
    near(found.pValue, p, "p");
    assert.equal(found.better, p < 0.05 ? "b" : "neither");
    const gains = labels.map((label, row) => Number(b[row] === label) - Number(a[row] === label));
    const { low, high } = bootstrapMean(gains, { resamples: 500 });
    near(low, interval[0], "lower end");
    near(high, interval[1], "upper end");
  });
}

Deno.test("McNemar's p-value is scipy's, also for many pictures", () => {
  for (const [onlyA, onlyB, p] of fixture.mcnemar) {
    for (const found of [mcnemarExact(onlyA, onlyB), mcnemarExact(onlyB, onlyA)]) {
      assert.ok(Math.abs(found - p) <= 1e-9 * p + 1e-300, `${onlyA}, ${onlyB}: ${found}, not ${p}`);
    }
  }
});

Deno.test("the better one is told whichever comes first, and the same mistakes are counted", () => {
  const labels = new Array(20).fill(0);
  const good = [...new Array(18).fill(0), 1, 2],
    poor = [...new Array(8).fill(0), ...new Array(12).fill(1)];
  assert.equal(compareAnswers({ a: good, b: poor }, labels).better, "a");
  const { better, agreement } = compareAnswers({ a: poor, b: good }, labels);
  assert.deepEqual([better, agreement.neither, agreement.sameMistake], ["b", 2, 1]);
});

Deno.test("a seed gives its interval, and one that holds the difference", () => {
  const values = Array.from({ length: 50 }, (_, i) => Number(i % 3 === 0));
  const first = bootstrapMean(values, { randomState: 1 });
  assert.deepEqual(bootstrapMean(values, { randomState: 1 }), first);
  assert.notDeepEqual(bootstrapMean(values, { randomState: 2 }), first);
  assert.ok(first.low < first.value && first.value < first.high);
  assert.deepEqual(bootstrapMean([2, 2]), { value: 2, low: 2, high: 2 });
  assert.throws(() => bootstrapMean([]), UserError);
  assert.throws(() => compareAnswers({ a: [0], b: [] }, [0]), UserError);
});
