/** The twins of make_training.py agree with it before any network is asked. */
import assert from "node:assert/strict";
import { decodeFloats } from "./random_b0_weights.ts";
import {
  digestOf,
  drawInputs,
  placesOf,
  training,
  type TrainingInputs,
} from "./training_fixture.ts";

for (const setting of training.cases) {
  Deno.test(`inputs are drawn as Python draws them, ${setting.name}`, () => {
    const inputs = drawInputs(setting);
    assert.deepEqual(Object.keys(inputs), Object.keys(setting.drawn));
    for (const [name, text] of Object.entries(setting.drawn)) {
      const values = inputs[name as keyof TrainingInputs]!;
      assert.deepEqual([...values.slice(-4)], [...decodeFloats(text)], name);
    }
  });
}

Deno.test("a digest notices a sign, a swap and a number that is none", () => {
  const values = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i * i));
  const right = digestOf(values);
  assert.equal(right.samples.length, 24);
  assert.equal(new Set(placesOf(1000)).size, 24);
  // Places of a depthwise kernel's 9 taps and of rows of 48: every tap, and no column twice as often as it must be.
  assert.equal(new Set(placesOf(480 * 9).map((place) => place % 9)).size, 9);
  assert.deepEqual(placesOf(3), [0, 1, 2]);
  const changed = (change: (values: Float32Array) => void) => {
    const copy = values.slice();
    change(copy);
    return digestOf(copy);
  };
  assert.ok(Math.abs(changed((v) => v[500] *= -1).sum - right.sum) > 0.1);
  assert.ok(Math.abs(changed((v) => v.reverse()).mixedSum - right.mixedSum) > 0.1);
  const broken = changed((v) => v[7] = NaN);
  assert.ok([broken.largest, broken.norm, broken.sum, broken.mixedSum].every(Number.isNaN));
});

Deno.test("the fixture holds every parameter once, and only shifts of projections are without a gradient", () => {
  const plain = training.cases.filter(({ frozen }) => frozen.length === 0);
  assert.ok(plain.length >= 8);
  for (const { name, gradients, zeroGradients } of plain) {
    assert.equal(Object.keys(gradients).length, 213, name);
    for (const zero of zeroGradients) {
      assert.match(zero, /^features\.(1\.0\.block\.2|[2-7]\.\d\.block\.3)\.1\.bias$/);
    }
  }
});
