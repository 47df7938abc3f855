// Mixed batches against PyTorch, and the distribution of the shares.
import assert from "node:assert/strict";
import { UserError } from "../../../src/core/errors.ts";
import { RandomState } from "../../../src/core/random.ts";
import {
  cutBox,
  cutmix,
  cutPictures,
  type MixBatch,
  mixPictures,
  mixup,
  oneHot,
} from "../../../src/data/transforms/mix.ts";
import { floats, mix } from "./fixture.ts";

const batch: MixBatch = {
  pixels: floats(mix.pixels),
  shape: mix.shape,
  targets: floats(mix.targets),
};

/** Equal up to a last bit or two of float32: the sums may be fused. */
function assertClose(actual: Float32Array, expected: Float32Array) {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-6, `${i}`));
}

Deno.test("mixed pictures and targets are PyTorch's", () => {
  for (const { share, pixels, targets } of mix.mixes) {
    const mixed = mixPictures(batch, share);
    assertClose(mixed.pixels, floats(pixels));
    assertClose(mixed.targets, floats(targets));
  }
});

Deno.test("cut pictures and targets are PyTorch's", () => {
  const [, height, width] = mix.shape;
  for (const { box, pixels, targets, ...place } of mix.cuts) {
    assert.deepEqual(cutBox({ height, width }, place), box);
    const cut = cutPictures(batch, box);
    assert.deepEqual(cut.pixels, floats(pixels));
    assertClose(cut.targets, floats(targets));
  }
});

Deno.test("each row of targets sums to 1, whatever was mixed", () => {
  const state = new RandomState(5);
  for (const change of [mixup, cutmix]) {
    for (let i = 0; i < 30; i++) {
      const { targets, pixels } = change(batch, { p: 1, alpha: 0.4 }, state);
      for (let row = 0; row < 4; row++) {
        const sum = targets.subarray(row * 3, row * 3 + 3).reduce((a, b) => a + b, 0);
        assert.ok(Math.abs(sum - 1) < 1e-6);
      }
      assert.equal(pixels.length, batch.pixels.length);
    }
  }
});

Deno.test("seeds reproduce; a batch is mixed with its probability and else given back as it is", () => {
  for (const change of [mixup, cutmix]) {
    const run = (seed: number) => change(batch, {}, new RandomState(seed));
    let mixed = 0;
    for (let seed = 0; seed < 200; seed++) {
      const once = run(seed);
      assert.deepEqual(once, run(seed));
      if (once !== batch) mixed++;
    }
    assert.ok(mixed > 70 && mixed < 130, `${mixed} of 200 at a probability of 0.5`); // 4 deviations
    assert.equal(change(batch, { p: 0 }, new RandomState(5)), batch);
  }
});

Deno.test("shares are drawn from Beta(alpha, alpha)", () => {
  const two: MixBatch = {
    pixels: new Float32Array(2),
    shape: [2, 1, 1, 1],
    targets: oneHot([0, 1], 2),
  };
  for (const alpha of [0.05, 0.4, 1, 3]) {
    const state = new RandomState(5);
    const shares = Array.from(
      { length: 4000 },
      () => mixup(two, { p: 1, alpha }, state).targets[0],
    );
    const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
    const variance = shares.reduce((sum, share) => sum + (share - 0.5) ** 2, 0) / shares.length;
    const expected = 1 / (4 * (2 * alpha + 1));
    assert.ok(Math.abs(mean - 0.5) < 4 * Math.sqrt(expected / 4000), `${alpha}: mean ${mean}`);
    assert.ok(Math.abs(variance / expected - 1) < 0.08, `${alpha}: variance ${variance}`);
    if (alpha === 1) { // evenly from 0 to 1
      const below = shares.filter((share) => share < 0.25).length;
      assert.ok(Math.abs(below - 1000) < 110, `${below}`); // 4 deviations
    }
  }
});

Deno.test("parameters and batches that make no sense are refused", () => {
  const state = new RandomState(5);
  assert.throws(() => mixup(batch, { alpha: 0 }, state), UserError);
  assert.throws(() => cutmix(batch, { p: 2 }, state), UserError);
  assert.throws(() => mixPictures({ ...batch, shape: [4, 5, 7, 1] }, 0.5), UserError);
  assert.throws(() => oneHot([0, 3], 3), UserError);
});
