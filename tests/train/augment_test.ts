import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { RandomState } from "../../src/core/random.ts";
import {
  composeAugmentations,
  eraseNormalised,
  flipAndShift,
  type FlipAndShiftOptions,
} from "../../src/train/augment.ts";
import { erasing, floats } from "../data/transforms/fixture.ts";

/** A 3 x 3 picture whose first channel counts the pixels; the others follow from it. */
const picture = () =>
  Float32Array.from({ length: 27 }, (_, i) => Math.floor(i / 3) + 1 + i % 3 * 100);

/** Its first channel after an augmentation; the others must have moved alike. */
function view(options: FlipAndShiftOptions, seed: number): string {
  const pixels = picture();
  flipAndShift(options).apply(pixels, 3, new RandomState(seed));
  for (let i = 0; i < 27; i += 3) {
    assert.deepEqual([...pixels.subarray(i + 1, i + 3)], [pixels[i] + 100, pixels[i] + 200]);
  }
  return Array.from({ length: 9 }, (_, i) => pixels[i * 3]).join("");
}

const views = (options: FlipAndShiftOptions) =>
  new Set(Array.from({ length: 400 }, (_, seed) => view(options, seed)));

Deno.test("a flip changes left and right, with its probability", () => {
  assert.deepEqual(views({ flip: 0, shift: 0 }), new Set(["123456789"]));
  assert.deepEqual(views({ flip: 1, shift: 0 }), new Set(["321654987"]));
  const flips = Array.from({ length: 400 }, (_, seed) => view({ flip: 0.25, shift: 0 }, seed))
    .filter((view) => view === "321654987").length;
  assert.ok(flips > 65 && flips < 135, `${flips} of 400 at a probability of 0.25`); // 4 deviations
});

Deno.test("a shift moves by up to its reach each way and repeats the edge", () => {
  const seen = views({ flip: 0, shift: 0.34 }); // one pixel of three
  assert.equal(seen.size, 9);
  for (
    const expected of ["123456789", "123123456", "456789789", "112445778", "233566899", "112112445"]
  ) {
    assert.ok(seen.has(expected), `${expected} is not among ${[...seen]}`);
  }
  assert.equal(views({ shift: 0.34 }).size, 18);
  assert.equal(views({ flip: 0, shift: 0.3 }).size, 1, "less than a pixel");
});

Deno.test("numbers out of range are refused, and the name tells the parameters", () => {
  for (const options of [{ flip: 1.5 }, { shift: 1 }, { shift: -0.1 }, { flip: NaN }]) {
    assert.throws(() => flipAndShift(options), UserError);
  }
  assert.equal(flipAndShift({ shift: 0.25 }).name, "flip 0.5, shift 0.25");
});

Deno.test("erasing normalised pixels is torchvision's, with the same draws", () => {
  assert.equal(erasing.length, 9);
  for (const { options, seed, side, pixels, expected } of erasing) {
    const seen = floats(pixels);
    eraseNormalised(options).apply(seen, side, new RandomState(seed));
    assert.notDeepEqual(seen, floats(pixels));
    // The logarithm behind the normal numbers may differ in its last bit from numpy's.
    floats(expected).forEach((value, i) => assert.ok(Math.abs(seen[i] - value) <= 1e-6, `${i}`));
  }
});

Deno.test("erasing leaves as many pictures alone as it should", () => {
  const { apply } = eraseNormalised({ p: 0.25 });
  let erased = 0;
  for (let seed = 0; seed < 400; seed++) {
    const pixels = new Float32Array(300).fill(1);
    apply(pixels, 10, new RandomState(seed));
    if (pixels.includes(0)) erased++;
  }
  assert.ok(erased > 65 && erased < 135, `${erased} of 400 at a probability of 0.25`); // 4 deviations
  assert.throws(() => eraseNormalised({ p: 2 }), UserError);
});

Deno.test("composed augmentations follow one another, each going on with the same random numbers", () => {
  const parts = [flipAndShift({ shift: 0.34 }), eraseNormalised({ p: 1 })];
  const [together, apart] = [picture(), picture()];
  composeAugmentations(...parts).apply(together, 3, new RandomState(3));
  const random = new RandomState(3);
  for (const { apply } of parts) apply(apart, 3, random);
  assert.deepEqual(together, apart);
  assert.notDeepEqual(together, picture());
});
