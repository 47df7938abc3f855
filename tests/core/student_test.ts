import assert from "node:assert/strict";
import { studentQuantile } from "../../src/core/student.ts";

Deno.test("quantiles of Student's t equal scipy's", () => {
  // scipy.stats.t.ppf(0.975, degrees)
  const expected: [number, number][] = [
    [1, 12.706204736174694],
    [2, 4.302652729749462],
    [3, 3.1824463052837078],
    [4, 2.7764451051977934],
    [9, 2.262157162798205],
    [14, 2.144786687917804],
    [100, 1.9839715185235518],
  ];
  for (const [degrees, value] of expected) {
    assert.ok(Math.abs(studentQuantile(degrees) - value) < 1e-10, `${degrees}`);
  }
});

Deno.test("degrees of freedom that are none are refused", () => {
  for (const degrees of [0, -1, 1.5, NaN]) {
    assert.throws(() => studentQuantile(degrees), /expected a whole number from 1/);
  }
});
