import assert from "node:assert/strict";
import { viewSeed } from "../../src/train/view_state.ts";

Deno.test("no two of many seeds, views and pictures share their random numbers", () => {
  const seeds = new Set<number>();
  let count = 0;
  for (let seed = 0; seed < 20; seed++) {
    for (let view = 1; view <= 20; view++) {
      for (let index = -1; index < 20; index++, count++) {
        const found = viewSeed(seed, { view, index });
        assert.ok(Number.isInteger(found) && found >= 0 && found < 2 ** 32);
        seeds.add(found);
      }
    }
  }
  // Of 8,400 out of 2^32 at random, 0.008 pairs would meet.
  assert.equal(seeds.size, count);
});
