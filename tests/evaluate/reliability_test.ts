import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { type Reliability, reliability } from "../../src/evaluate/reliability.ts";

interface Expected {
  ece: number;
  bins: [count: number, confidence: number | null, accuracy: number | null][];
}
interface Case {
  name: string;
  classes: number;
  labels: number[];
  probabilities: number[];
  reliability: Expected;
  reliabilityOf5: Expected;
}

// tests/fixtures/make_metrics.py
const { cases } = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/metrics.json", import.meta.url)),
) as { cases: Case[] };

/** Sums in another order: a few units of the last place of a double. */
const near = (actual: number, expected: number, what: string) =>
  assert.ok(Math.abs(actual - expected) <= 1e-12, `${what}: ${actual}, expected ${expected}`);

function same(found: Reliability, expected: Expected): void {
  near(found.ece, expected.ece, "ECE");
  assert.equal(found.bins.length, expected.bins.length);
  found.bins.forEach(({ count, confidence, accuracy }, i) => {
    const [n, mean, share] = expected.bins[i];
    assert.equal(count, n, `count of bin ${i}`);
    if (mean === null || share === null) {
      return assert.deepEqual([confidence, accuracy], [NaN, NaN]);
    }
    near(confidence, mean, `confidence of bin ${i}`);
    near(accuracy, share, `accuracy of bin ${i}`);
  });
}

for (const { name, classes, labels, probabilities, ...expected } of cases) {
  Deno.test(`reliability equals numpy's: ${name}`, () => {
    const given = Float32Array.from(probabilities);
    same(reliability(given, labels, classes), expected.reliability);
    same(reliability(given, labels, classes, { bins: 5 }), expected.reliabilityOf5);
  });
}

Deno.test("a probability on the edge of two bins counts to the lower one", () => {
  const { bins } = reliability(Float32Array.of(0.5, 0.25, 0.25, 0, 1, 0), [0, 1], 3, { bins: 4 });
  assert.deepEqual(bins.map(({ count }) => count), [0, 1, 0, 1]);
  assert.deepEqual(bins.map(({ low, high }) => [low, high]), [
    [0, 0.25],
    [0.25, 0.5],
    [0.5, 0.75],
    [0.75, 1],
  ]);
});

Deno.test("probabilities that come true as often as they say have no error", () => {
  const probabilities = Float32Array.from(Array(4).fill([0.75, 0.25]).flat());
  assert.equal(reliability(probabilities, [0, 0, 0, 1], 2).ece, 0);
  assert.equal(reliability(probabilities, [1, 1, 1, 1], 2).ece, 0.75);
});

Deno.test("without rows there is no error to tell, and what does not fit is refused", () => {
  assert.equal(reliability(new Float32Array(0), [], 2).ece, NaN);
  assert.throws(() => reliability(Float32Array.of(1, 0), [0, 1], 2), UserError);
  assert.throws(() => reliability(Float32Array.of(1, 0), [0], 2, { bins: 0 }), UserError);
});
