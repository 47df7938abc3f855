// The pictures that the starter is trained on: always the same ones, all kinds different, nothing of the lab's in them.
import assert from "node:assert/strict";
import { RandomState } from "../../src/core/random.ts";
import { startBackend } from "../../src/backend/mod.ts";
import { fractalKinds } from "../../weights/starter/fractals.ts";
import type { Dice } from "../../weights/starter/kind.ts";
import { allKinds } from "../../weights/starter/kinds.ts";
import { starterSource } from "../../weights/starter/starter_source.ts";

const SIDE = 32;

function diceOf(seed: number): Dice {
  const random = new RandomState(seed);
  return {
    between: (low, high) => low + (high - low) * random.randomDouble(),
    chance: (share) => random.randomDouble() < share,
  };
}

/** Two grey classes of one picture each: all black, all white. */
const REAL = {
  pixels: new Uint8Array(2 * 28 * 28).fill(255, 28 * 28),
  side: 28,
  labels: Uint8Array.of(0, 1),
  classes: ["black", "white"],
};

Deno.test("every kind draws brightness from 0 to 1, not the same everywhere, and another picture each time", () => {
  const kinds = allKinds();
  assert.equal(new Set(kinds.map(({ name }) => name)).size, kinds.length);
  for (const { name, draw } of kinds) {
    const [first, second] = [draw(diceOf(1), SIDE), draw(diceOf(2), SIDE)];
    assert.equal(first.length, SIDE * SIDE, name);
    assert.ok(first.every((value) => value >= 0 && value <= 1), name);
    assert.ok(Math.max(...first) - Math.min(...first) > 0.2, name);
    assert.notDeepEqual(first, second, name);
    assert.deepEqual(draw(diceOf(1), SIDE), first, name);
  }
});

Deno.test("fractals are the same systems however many are asked for", () => {
  const [few, more] = [fractalKinds(3), fractalKinds(5)];
  assert.deepEqual(
    few.map(({ draw }) => draw(diceOf(3), SIDE)),
    more.slice(0, 3).map(({ draw }) => draw(diceOf(3), SIDE)),
  );
});

Deno.test("a picture depends on seed, epoch and place alone", async () => {
  await startBackend({ threads: 1 });
  const kinds = allKinds().slice(0, 12);
  const source = starterSource(kinds, {
    side: SIDE,
    perKind: 2,
    real: { pictures: REAL, perClass: 3 },
    seed: 5,
  });
  assert.equal(source.length, 2 * 12 + 3 * 2);
  assert.deepEqual([...source.labels.slice(24)], [12, 13, 12, 13, 12, 13]);
  const values = 3 * SIDE * SIDE;
  const read = async (indices: number[], epoch: number) => {
    using batch = await source.batch(Int32Array.from(indices), epoch);
    assert.deepEqual(batch.images.shape, [indices.length, SIDE, SIDE, 3]);
    return batch.images.dataSync() as Float32Array;
  };
  const both = await read([4, 25], 1);
  assert.deepEqual(await read([25], 1), both.slice(values));
  assert.notDeepEqual(await read([4], 2), both.slice(0, values));
});
