import assert from "node:assert/strict";
import { niceTicks } from "../../src/report/ticks.ts";

Deno.test("marks stand at round numbers within the range", () => {
  const cases: [low: number, high: number, labels: string][] = [
    [15.3, 17.9, "15.5,16.0,16.5,17.0,17.5"],
    [0, 1, "0,0.2,0.4,0.6,0.8,1.0"],
    [-1, 1, "-1.0,-0.5,0,0.5,1.0"],
    [0, 0.00037, "0,0.0001,0.0002,0.0003"],
    [0, 0.000037, "0,1e-5,2e-5,3e-5"],
    [0.021, 0.048, "0.025,0.030,0.035,0.040,0.045"],
    [0, 4.2e7, "0,1e7,2e7,3e7,4e7"],
    [9_000_000, 11_000_000, "9.0e6,9.5e6,1.00e7,1.05e7,1.10e7"],
    [98, 103, "98,99,100,101,102,103"],
  ];
  for (const [low, high, labels] of cases) {
    assert.equal(niceTicks(low, high).labels.join(), labels, `${low} to ${high}`);
  }
});

Deno.test("labels say the value of their mark, for ranges of any size and place", () => {
  let seed = 1;
  const random = () => (seed = seed * 16807 % 2147483647) / 2147483647;
  for (let trial = 0; trial < 2000; trial++) {
    const low = (random() - 0.5) * 10 ** (random() * 12 - 6);
    const high = low + 10 ** (random() * 12 - 6);
    const { values, labels } = niceTicks(low, high);
    const where = `${low} to ${high}: ${labels}`;
    assert.ok(values.length >= 2 && values.length <= 9, where);
    assert.equal(new Set(labels).size, values.length, where);
    const step = values[1] - values[0];
    values.forEach((value, i) => {
      assert.ok(value >= low - step * 1e-6 && value <= high + step * 1e-6, where);
      assert.ok(Math.abs(Number(labels[i]) - value) < step * 1e-3, where);
    });
  }
});

Deno.test("marks of epochs are whole numbers", () => {
  assert.deepEqual(niceTicks(1, 3, { whole: true }).values, [1, 2, 3]);
  assert.deepEqual(niceTicks(1, 100, { whole: true, intervals: 10 }).values, [
    ...[10, 20, 30, 40, 50, 60, 70, 80, 90, 100],
  ]);
});

Deno.test("a range without width has one mark, a range that is none is refused", () => {
  assert.deepEqual(niceTicks(3, 3), { values: [3], labels: ["3"] });
  assert.deepEqual(niceTicks(1e9, 1e9 + 1e-7).values, [1e9]);
  assert.throws(() => niceTicks(2, 1), RangeError);
  assert.throws(() => niceTicks(NaN, 1), RangeError);
  assert.throws(() => niceTicks(0, Infinity), RangeError);
});
