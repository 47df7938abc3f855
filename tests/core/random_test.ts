import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { RandomState, torchUniform } from "../../src/core/random.ts";

interface Case {
  seed: number;
  uint32Head: number[];
  uint32At: Record<string, number>;
  doubles: number[];
  normals: number[];
  permutations: number[][];
  torchUnit: number[];
  torchBound: number;
  torchBoundedTail: number[];
  torchSkewed: number[];
}

/** Made by tests/fixtures/make_data_random.py with numpy and torch. */
const { cases }: { cases: Case[] } = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/data_random.json", import.meta.url)),
);

for (const expected of cases) {
  const { seed } = expected;

  Deno.test(`32-bit draws are numpy's and go past the first refill (seed ${seed})`, () => {
    const random = new RandomState(seed);
    const draws = Array.from({ length: 1300 }, () => random.nextUint32());
    assert.deepEqual(draws.slice(0, 4), expected.uint32Head);
    for (const [index, value] of Object.entries(expected.uint32At)) {
      assert.equal(draws[Number(index)], value, `draw ${index}`);
    }
  });

  Deno.test(`doubles are numpy's random_sample, bit for bit (seed ${seed})`, () => {
    const random = new RandomState(seed);
    assert.deepEqual(expected.doubles.map(() => random.randomDouble()), expected.doubles);
  });

  Deno.test(`normal draws are numpy's legacy ones (seed ${seed})`, () => {
    const random = new RandomState(seed);
    for (const value of expected.normals) {
      // V8's and the C library's logarithm may differ in the last bit.
      assert.ok(Math.abs(random.standardNormal() - value) <= 4e-16 * Math.abs(value) + 1e-300);
    }
  });

  Deno.test(`permutations in turn are numpy's (seed ${seed})`, () => {
    const random = new RandomState(seed);
    for (const permutation of expected.permutations) {
      assert.deepEqual([...random.permutation(permutation.length)], permutation);
    }
  });

  Deno.test(`uniform floats in turn are PyTorch's, bit for bit (seed ${seed})`, () => {
    const random = new RandomState(seed);
    const bound = expected.torchBound;
    assert.deepEqual([...torchUniform(random, 24)], expected.torchUnit);
    const bounded = torchUniform(random, 700, { low: -bound, high: bound });
    assert.deepEqual([...bounded.slice(-60)], expected.torchBoundedTail);
    const skewed = torchUniform(random, 24, { low: -3.7, high: 11.1 });
    assert.deepEqual([...skewed], expected.torchSkewed);
  });
}

Deno.test("an interval of 0 draws nothing", () => {
  const random = new RandomState(3);
  assert.equal(random.interval(0), 0);
  assert.equal(random.nextUint32(), new RandomState(3).nextUint32());
});

Deno.test("an interval reaches both of its ends and nothing beyond, also above 2^31", () => {
  const random = new RandomState(1);
  const small = new Set(Array.from({ length: 200 }, () => random.interval(4)));
  assert.deepEqual([...small].sort(), [0, 1, 2, 3, 4]);
  const wide = Array.from({ length: 50 }, () => random.interval(0xffffffff));
  assert.ok(wide.every((value) => value >= 0) && wide.some((value) => value > 0x80000000));
});

Deno.test("a seed that is not a whole number of 32 bits is refused with its value", () => {
  for (const seed of [-1, 1.5, 4294967296, NaN]) {
    assert.throws(() => new RandomState(seed), (error: Error) => {
      return error instanceof UserError && error.message.includes(`the seed is ${seed}`);
    });
  }
});

Deno.test("a generator goes on from a state that was taken at any moment", () => {
  const random = new RandomState(9);
  for (let taken = 0; taken < 700; taken++) { // beyond one refill of 624 words
    const again = RandomState.fromState(random.state());
    assert.equal(again.nextUint32(), random.nextUint32(), `after ${taken} draws`);
  }
  random.standardNormal(); // its twin waits
  const again = RandomState.fromState(structuredClone(random.state()));
  for (let i = 0; i < 5; i++) assert.equal(again.standardNormal(), random.standardNormal());
});

Deno.test("a generator's state is a copy, and one that cannot be is refused", () => {
  const random = new RandomState(9);
  const state = random.state();
  const first = random.nextUint32();
  assert.equal(RandomState.fromState(state).nextUint32(), first);
  assert.equal(RandomState.fromState(state).nextUint32(), first, "using a state changed it");
  for (const wrong of [{ ...state, position: 625 }, { ...state, key: new Uint32Array(3) }]) {
    assert.throws(() => RandomState.fromState(wrong), UserError);
  }
});
