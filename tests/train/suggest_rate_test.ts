import assert from "node:assert/strict";
import { suggestRate } from "../../src/train/suggest_rate.ts";

const STEPS = 100;
/** Rates of a test from 1e-7 to 10. */
const rates = Array.from({ length: STEPS }, (_, i) => 10 ** (8 * i / (STEPS - 1) - 7));

/** Losses that fall from 2 to 1 around one rate and run away around another. */
function valley({ falls, runsAway }: { falls: number; runsAway: number }): number[] {
  return rates.map((rate) =>
    1 + 1 / (1 + (rate / falls) ** 2) + Math.min(9, (rate / runsAway) ** 3)
  );
}

Deno.test("the steepest point and a tenth of the least are those of the curve", () => {
  const smoothed = valley({ falls: 1e-3, runsAway: 1 });
  const { steepest, tenthOfLeast } = suggestRate({ rates, smoothed }, STEPS)!;
  // d/d(log r) of 1 / (1 + (r / f)^2) is steepest at r = f; a step is a factor of 1.2.
  assert.ok(Math.abs(Math.log(steepest / 1e-3)) < Math.log(1.25), `${steepest}`);
  const least = smoothed.indexOf(Math.min(...smoothed));
  assert.equal(tenthOfLeast, rates[least] / 10);
});

Deno.test("scaling the rates scales what is suggested", () => {
  const smoothed = valley({ falls: 1e-3, runsAway: 1 });
  const once = suggestRate({ rates, smoothed }, STEPS)!;
  const twice = suggestRate({ rates: rates.map((rate) => 2 * rate), smoothed }, STEPS)!;
  assert.deepEqual([twice.steepest, twice.tenthOfLeast], [
    2 * once.steepest,
    2 * once.tenthOfLeast,
  ]);
});

Deno.test("the first tenth of the steps and the last five are not looked at", () => {
  const smoothed = valley({ falls: 1e-3, runsAway: 1 });
  const expected = suggestRate({ rates, smoothed }, STEPS);
  const noisy = smoothed.map((loss, i) => i < 10 ? loss + 5 - i : loss);
  noisy.splice(-5, 5, -100, -200, -300, -400, -500);
  assert.deepEqual(suggestRate({ rates, smoothed: noisy }, STEPS), expected);
});

Deno.test("a test that was stopped early is read up to where it stopped", () => {
  const smoothed = valley({ falls: 1e-3, runsAway: 0.05 });
  const end = smoothed.findIndex((loss) => loss > 4);
  const cut = { rates: rates.slice(0, end + 1), smoothed: smoothed.slice(0, end + 1) };
  const { steepest, tenthOfLeast } = suggestRate(cut, STEPS)!;
  assert.ok(steepest < 3e-3 && steepest > 3e-4, `${steepest}`);
  assert.ok(tenthOfLeast < 5e-3, `${tenthOfLeast}`);
});

Deno.test("a loss that never falls suggests nothing, nor do too few steps", () => {
  assert.equal(suggestRate({ rates, smoothed: rates.map(() => 2) }, STEPS), undefined);
  assert.equal(suggestRate({ rates, smoothed: rates.map((rate) => 2 + rate) }, STEPS), undefined);
  const rounded = rates.map((_, i) => 0.7 + (i % 2) * 1e-16);
  assert.equal(suggestRate({ rates, smoothed: rounded }, STEPS), undefined);
  const few = { rates: rates.slice(0, 16), smoothed: rates.slice(0, 16).map((_, i) => -i) };
  assert.equal(suggestRate(few, STEPS), undefined);
  assert.equal(suggestRate({ rates: [], smoothed: [] }, STEPS), undefined);
});
