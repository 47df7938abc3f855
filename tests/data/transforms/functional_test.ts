// Deterministic parts against torchvision's functionals on byte tensors.
import assert from "node:assert/strict";
import type { Image } from "../../../src/data/image.ts";
import {
  adjustBrightness,
  adjustContrast,
  adjustSaturation,
  adjustSharpness,
} from "../../../src/data/transforms/adjust.ts";
import { affine } from "../../../src/data/transforms/affine.ts";
import { crop, resizedCrop } from "../../../src/data/transforms/crop.ts";
import { erase } from "../../../src/data/transforms/erasing.ts";
import { hflip, vflip } from "../../../src/data/transforms/flip.ts";
import { blur } from "../../../src/data/transforms/gaussian_blur.ts";
import { adjustHue } from "../../../src/data/transforms/hue.ts";
import { rotate } from "../../../src/data/transforms/rotation.ts";
import {
  autocontrast,
  equalize,
  invert,
  posterize,
  solarize,
} from "../../../src/data/transforms/tones.ts";
import { trivialOperations } from "../../../src/data/transforms/trivial_augment.ts";
import { cases, compare, images, load, trivial } from "./fixture.ts";

const operations = trivialOperations();

// deno-lint-ignore no-explicit-any
const FUNCTIONS: Record<string, (image: Image, ...rest: any[]) => Image> = {
  hflip,
  vflip,
  invert,
  autocontrast,
  equalize,
  posterize,
  solarize,
  adjustBrightness,
  adjustContrast,
  adjustSaturation,
  adjustSharpness,
  adjustHue,
  blur,
  rotate,
  affine,
  crop,
  resizedCrop,
  erase,
  trivial(image, name: string, at: number, sign: number, options) {
    const { magnitudes, apply } = operations.find((operation) => operation.name === name)!;
    return apply(image, magnitudes.length > 0 ? sign * magnitudes[at] : 0, options);
  },
};

/** Where bytes are rounded sums of float32 products, whose order is PyTorch's own, a half may go the other way. */
function isRoundedSum(name: string, rest: unknown[]): boolean {
  const options = rest.at(-1) as { interpolation?: string; antialias?: boolean } | undefined;
  return name === "blur" || (name === "resizedCrop" && options?.antialias === false) ||
    (["rotate", "affine", "trivial"].includes(name) && options?.interpolation === "bilinear");
}

for (const [name, apply] of Object.entries(FUNCTIONS)) {
  const own = cases.filter((each) => each.function === name);

  Deno.test(`${name} is torchvision's, on ${own.length} cases`, () => {
    assert.ok(own.length >= images.length);
    let rounded = 0, equalOfRounded = 0;
    for (const { image, arguments: rest, expected } of own) {
      const before = images[image].data.slice();
      const { equal, worst } = compare(apply(images[image], ...rest), load(expected));
      const what = `picture ${image}, ${JSON.stringify(rest)}: ${equal} equal, worst ${worst}`;
      if (isRoundedSum(name, rest)) {
        assert.ok(worst <= 1, what);
        rounded++;
        equalOfRounded += equal;
      } else assert.equal(worst, 0, what);
      assert.deepEqual(images[image].data, before, "the given picture was written to");
    }
    // All but a few bytes are equal. At 270 degrees every place lies halfway between pixels, and one sum in twenty is a half.
    assert.ok(equalOfRounded >= 0.985 * rounded, `${equalOfRounded} of ${rounded}`);
  });
}

Deno.test("every function of the fixture is tested", () => {
  assert.deepEqual(
    [...new Set(cases.map((each) => each.function))].sort(),
    Object.keys(FUNCTIONS).sort(),
  );
});

Deno.test("TrivialAugment's operations have torchvision's names, strengths and signs, in its order", () => {
  assert.deepEqual(
    operations.map(({ name, signed }) => ({ name, signed })),
    trivial.map(({ name, signed }) => ({ name, signed })),
  );
  operations.forEach(({ name, magnitudes }, i) => {
    assert.equal(magnitudes.length, trivial[i].magnitudes.length);
    magnitudes.forEach((magnitude, k) => {
      const expected = trivial[i].magnitudes[k];
      // torch.linspace counts in blocks that depend on the processor: a last bit of float32.
      assert.ok(Math.abs(magnitude - expected) <= 2e-7 * Math.abs(expected), `${name} ${k}`);
      assert.equal(Math.trunc(magnitude), Math.trunc(expected), `${name} ${k}`);
    });
  });
});
