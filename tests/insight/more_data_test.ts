import assert from "node:assert/strict";
import { RandomState } from "../../src/core/random.ts";
import { expectMoreData, powerLawFitter } from "../../src/insight/more_data.ts";

const SIZES = [40, 60, 90, 135, 200, 300, 450, 700];

/** Rows that are judged right with the law's chance; a row that is hard stays hard. */
function judge(errorOf: (size: number) => number, judged: number, seed: number): Uint8Array[] {
  const random = new RandomState(seed);
  const ease = Float64Array.from({ length: judged }, () => random.randomDouble());
  return SIZES.map((size) => Uint8Array.from(ease, (value) => value > errorOf(size) ? 1 : 0));
}

Deno.test("a power law is found again", () => {
  const fit = powerLawFitter(SIZES);
  for (const [floor, factor, rate] of [[0.05, 1.2, 0.5], [0, 0.9, 0.35], [0.1, 3, 1]]) {
    const law = fit(SIZES.map((size) => floor + factor * size ** -rate));
    assert.ok(Math.abs(law.floor - floor) < 1e-6 && Math.abs(law.rate - rate) < 1e-6, `${floor}`);
    assert.ok(Math.abs(law.factor - factor) < 1e-4);
  }
});

Deno.test("no part of the law is negative: not below an error of 0, and a curve that falls off is taken for a flat one", () => {
  const fit = powerLawFitter(SIZES);
  const steep = fit(SIZES.map((size) => Math.max(0, 0.5 - 0.07 * Math.log(size))));
  assert.ok(steep.floor >= 0 && steep.factor > 0);
  const worse = fit(SIZES.map((_, i) => 0.1 + i / 100));
  assert.deepEqual([worse.factor, Math.round(worse.floor * 1000)], [0, 135]);
});

Deno.test("a curve that still rises promises a gain, one that has flattened none", () => {
  const rising = expectMoreData(SIZES, judge((n) => 1.5 * n ** -0.4, 900, 1), { rows: 800 })!;
  const truth = 1.5 * 800 ** -0.4 - 1.5 * 1600 ** -0.4;
  assert.ok(rising.gain.low < truth && truth < rising.gain.high, JSON.stringify(rising));
  assert.deepEqual([rising.rows, rising.moreRows], [800, 1600]);
  assert.ok(Math.abs(rising.expected.value - rising.accuracy - rising.gain.value) < 1e-12);
  assert.match(rising.text, /^More pictures would help: twice as many \(1,600\)/);
  const flat = expectMoreData(SIZES, judge(() => 0.2, 900, 1), { rows: 800 })!;
  assert.match(flat.text, /would hardly help/);
});

Deno.test("the interval for the gain holds the truth about as often as it says", () => {
  const errorOf = (n: number) => 0.06 + 0.9 * n ** -0.5;
  const truth = errorOf(800) - errorOf(1600);
  let held = 0;
  for (let seed = 0; seed < 20; seed++) {
    const { gain } = expectMoreData(SIZES, judge(errorOf, 400, seed), { rows: 800 })!;
    if (gain.low <= truth && truth <= gain.high) held++;
  }
  assert.ok(held >= 16, `${held} of 20`);
});

Deno.test("three sizes tell nothing", () => {
  const hits = judge((n) => n ** -0.4, 50, 2);
  assert.equal(expectMoreData(SIZES.slice(0, 3), hits.slice(0, 3), { rows: 100 }), undefined);
});
