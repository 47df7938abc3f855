import assert from "node:assert/strict";
import { averaged, sparkline } from "../../src/cli/sparkline.ts";

Deno.test("the least value lies at the bottom and the greatest at the top", () => {
  assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8), "▁▂▃▄▅▆▇█");
  assert.equal(sparkline([7, -7], 8), "█▁");
});

Deno.test("equal values, one value and none have no height", () => {
  assert.equal(sparkline([2, 2, 2], 8), "▁▁▁");
  assert.equal(sparkline([2], 8), "▁");
  assert.equal(sparkline([], 8), "");
});

Deno.test("what is no number leaves a gap", () => {
  assert.equal(sparkline([1, NaN, 0, Infinity], 8), "█ ▁ ");
  assert.equal(sparkline([NaN], 8), " ");
});

Deno.test("more values than cells are averaged, each once", () => {
  assert.deepEqual(averaged([1, 3, 5, 7], 2), [2, 6]);
  assert.deepEqual(averaged([1, 2, 3, 4, 5], 2), [1.5, 4]);
  assert.deepEqual(averaged([1, 2], 5), [1, 2]);
  assert.equal([...sparkline(Array.from({ length: 1000 }, (_, i) => -i), 24)].length, 24);
});
