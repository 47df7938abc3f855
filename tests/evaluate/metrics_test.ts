import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { wilson } from "../../src/core/intervals.ts";
import { evaluatePredictions } from "../../src/evaluate/metrics.ts";

interface Case {
  name: string;
  classes: number;
  labels: number[];
  probabilities: number[];
  accuracy: number;
  logLoss: number;
  precision: number[];
  recall: number[];
  f1: number[];
  support: number[];
  macroF1: number;
  weightedF1: number;
  confusion: number[][];
  brier: number;
  reliability: { ece: number };
}

// tests/fixtures/make_metrics.py
const { cases } = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/metrics.json", import.meta.url)),
) as { cases: Case[] };

const names = (count: number) => Array.from({ length: count }, (_, k) => `class ${k}`);

/** Sums in another order: a few units of the last place of a double. */
const near = (actual: number, expected: number, what: string, tolerance = 1e-12) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, expected ${expected}`);

for (const given of cases) {
  Deno.test(`evaluation equals scikit-learn's: ${given.name}`, () => {
    const result = evaluatePredictions(
      Float32Array.from(given.probabilities),
      given.labels,
      names(given.classes),
    );
    assert.deepEqual(result.confusion, given.confusion);
    near(result.accuracy.value, given.accuracy, "accuracy");
    // scikit-learn renormalises in float32: 1e-7 relative.
    near(result.logLoss, given.logLoss, "log-loss", 1e-6);
    near(result.ece, given.reliability.ece, "ECE");
    // numpy sums squares in float32: 1e-7 relative.
    near(result.brier, given.brier, "Brier score", 1e-6);
    near(result.macroF1, given.macroF1, "macro F1");
    near(result.weightedF1, given.weightedF1, "weighted F1");
    result.perClass.forEach((scores, k) => {
      assert.equal(scores.name, `class ${k}`);
      assert.equal(scores.support, given.support[k]);
      near(scores.precision, given.precision[k], `precision ${k}`);
      near(scores.recall, given.recall[k], `recall ${k}`);
      near(scores.f1, given.f1[k], `f1 ${k}`);
    });
    near(result.majority, Math.max(...given.support) / given.labels.length, "majority");
  });
}

Deno.test("accuracy comes with its Wilson interval", () => {
  const { accuracy } = evaluatePredictions(
    Float32Array.of(0.9, 0.1, 0.8, 0.2, 0.3, 0.7, 0.6, 0.4),
    [0, 0, 1, 1],
    ["a", "b"],
  );
  assert.deepEqual(accuracy, wilson(3, 4));
});

Deno.test("of equally likely classes the first is predicted", () => {
  const { confusion } = evaluatePredictions(Float32Array.of(0.5, 0.5), [1], ["a", "b"]);
  assert.deepEqual(confusion, [[0, 0], [1, 0]]);
});

Deno.test("a certain but wrong prediction costs a finite log-loss", () => {
  const { logLoss } = evaluatePredictions(Float32Array.of(1, 0), [1], ["a", "b"]);
  near(logLoss, 23 * Math.log(2), "log-loss", 1e-6); // clipped to 2^-23
});

Deno.test("rows without labels, unknown classes and no rows at all are refused", () => {
  const two = Float32Array.of(0.5, 0.5);
  assert.throws(
    () => evaluatePredictions(two, [-1], ["a", "b"]),
    (error) =>
      error instanceof UserError &&
      /row 0 has no label; name the column .* \(--label NAME\)/.test(error.message),
  );
  assert.throws(
    () => evaluatePredictions(two, [2], ["a", "b"]),
    (error) => error instanceof UserError && /class index 2, the model has 2/.test(error.message),
  );
  assert.throws(
    () => evaluatePredictions(new Float32Array(0), [], ["a", "b"]),
    (error) => error instanceof UserError && /no rows/.test(error.message),
  );
  assert.throws(() => evaluatePredictions(two, [0, 1], ["a", "b"]), UserError);
});
