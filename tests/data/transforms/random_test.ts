// Random transforms: torchvision's own code on the same draws, seeds, bad parameters.
import assert from "node:assert/strict";
import { UserError } from "../../../src/core/errors.ts";
import { RandomState } from "../../../src/core/random.ts";
import type { Image } from "../../../src/data/image.ts";
import { colorJitter } from "../../../src/data/transforms/color_jitter.ts";
import { randomResizedCrop } from "../../../src/data/transforms/crop.ts";
import { randomErasing } from "../../../src/data/transforms/erasing.ts";
import { randomHorizontalFlip, randomVerticalFlip } from "../../../src/data/transforms/flip.ts";
import { gaussianBlur } from "../../../src/data/transforms/gaussian_blur.ts";
import { randomRotation } from "../../../src/data/transforms/rotation.ts";
import { compose, type Transform } from "../../../src/data/transforms/transform.ts";
import { trivialAugment } from "../../../src/data/transforms/trivial_augment.ts";
import { compare, images, load, random } from "./fixture.ts";

/** The lab's. */
const labTransform = () =>
  compose([
    gaussianBlur({ kernelSize: [5, 5], sigma: [0.1, 5] }),
    randomHorizontalFlip(),
    randomRotation([0, 180]),
  ]);

const FACTORIES: Record<string, (options: (typeof random)[number]["options"]) => Transform> = {
  randomHorizontalFlip,
  randomVerticalFlip,
  gaussianBlur,
  randomRotation: ({ degrees, ...options }) => randomRotation(degrees, options),
  randomResizedCrop,
  colorJitter,
  randomErasing,
  trivialAugment,
  compose: labTransform,
};

for (const [kind, make] of Object.entries(FACTORIES)) {
  const own = random.filter((each) => each.kind === kind);

  Deno.test(`${kind} draws and does what torchvision's does with the same draws, ${own.length} times`, () => {
    assert.ok(own.length >= 4);
    let equalShare = 0;
    for (const { options, seed, image, expected, next } of own) {
      const state = new RandomState(seed);
      const transform = make(options);
      const { equal, worst } = compare(transform.apply(images[image], state), load(expected));
      // One level: sums of float32 products, where there are any, in another order than PyTorch's.
      assert.ok(worst <= 1, `${transform.name}, seed ${seed}: worst ${worst}, ${equal} equal`);
      equalShare += equal / own.length;
      assert.equal(state.randomDouble(), next, "more or fewer numbers were drawn");
    }
    assert.ok(equalShare > 0.99, `${equalShare}`);
  });
}

/** A transform of every kind. */
const all: Transform[] = [
  ...Object.keys(FACTORIES).map((kind) =>
    FACTORIES[kind](random.find((each) => each.kind === kind)!.options)
  ),
  randomResizedCrop(),
  randomErasing({ value: "random" }),
  colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }),
];

Deno.test("the same seed gives the same view, another one another view", () => {
  for (const { name, apply } of all) {
    const view = (seed: number, image = images[0]) => {
      const { data, height, width } = apply(image, new RandomState(seed));
      return `${height} x ${width}: ${data.join()}`;
    };
    const views = Array.from({ length: 12 }, (_, seed) => view(seed));
    assert.deepEqual(Array.from({ length: 12 }, (_, seed) => view(seed)), views, name);
    assert.ok(new Set(views).size > 1, `${name}: all seeds gave one view`);
  }
});

Deno.test("pictures are not written to", () => {
  for (const { name, apply } of all) {
    for (const image of images.slice(0, 2)) {
      const before = image.data.slice();
      for (let seed = 0; seed < 8; seed++) apply(image, new RandomState(seed));
      assert.deepEqual(image.data, before, name);
    }
  }
});

Deno.test("names tell transforms apart by their parameters", () => {
  const names = [
    ...all,
    randomRotation([0, 90]),
    randomRotation([0, 180], { fill: 9 }),
    randomRotation([0, 180], { interpolation: "bilinear" }),
    randomErasing({ p: 0.4 }),
    colorJitter({ hue: 0.3 }),
    compose([randomHorizontalFlip()]),
    compose([randomHorizontalFlip(), randomHorizontalFlip()]),
  ].map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  assert.equal(randomRotation([0, 180]).name, 'randomRotation({"degrees":[0,180],"fill":0})');
});

Deno.test("a crop without a size stays as it was cut, within the shares and ratios asked for", () => {
  const { apply } = randomResizedCrop({ scale: [0.2, 0.5], ratio: [0.5, 2] });
  const state = new RandomState(5);
  const large: Image = { data: new Uint8Array(90 * 120), height: 90, width: 120, channels: 1 };
  const shares: number[] = [];
  for (let i = 0; i < 300; i++) {
    const { height, width, data } = apply(large, state);
    assert.equal(data.length, height * width);
    shares.push(height * width / (90 * 120));
    assert.ok(width / height > 0.48 && width / height < 2.1, `${height} x ${width}`); // rounded to pixels
  }
  assert.ok(Math.min(...shares) > 0.19 && Math.max(...shares) < 0.51);
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  assert.ok(Math.abs(mean - 0.35) < 0.02, `${mean}`); // 4 standard errors of U(0.2, 0.5)
});

Deno.test("a crop that fits nowhere is the middle in the nearest ratio allowed", () => {
  const line: Image = {
    data: Uint8Array.from({ length: 40 }, (_, i) => i),
    height: 1,
    width: 40,
    channels: 1,
  };
  const { apply } = randomResizedCrop({ scale: [1, 1] });
  assert.deepEqual(apply(line, new RandomState(5)), {
    data: Uint8Array.of(19),
    height: 1,
    width: 1,
    channels: 1,
  });
});

Deno.test("randomly erased bytes look like pictures do after normalisation", () => {
  const grey: Image = { data: new Uint8Array(40 * 40 * 3), height: 40, width: 40, channels: 3 };
  const { apply } = randomErasing({ p: 1, scale: [0.5, 0.5], ratio: [1, 1], value: "random" });
  const green = apply(grey, new RandomState(5)).data.filter((byte, i) => i % 3 === 1 && byte > 0);
  const mean = green.reduce((sum, byte) => sum + byte, 0) / green.length;
  assert.ok(green.length > 700 && Math.abs(mean - 255 * 0.456) < 10, `${green.length}, ${mean}`);
});

Deno.test("parameters that make no sense are refused when the transform is made", () => {
  for (
    const make of [
      () => randomHorizontalFlip({ p: 1.1 }),
      () => randomVerticalFlip({ p: NaN }),
      () => gaussianBlur({ kernelSize: 4 }),
      () => gaussianBlur({ kernelSize: [5, 0] }),
      () => gaussianBlur({ kernelSize: 5, sigma: [0, 1] }),
      () => gaussianBlur({ kernelSize: 5, sigma: [2, 1] }),
      () => randomRotation(-3),
      () => randomRotation([0, Infinity]),
      () => randomResizedCrop({ scale: [0, 1] }),
      () => randomResizedCrop({ scale: [0.5, 1.2] }),
      () => randomResizedCrop({ ratio: [2, 1] }),
      () => colorJitter({ brightness: -1 }),
      () => colorJitter({ hue: 0.6 }),
      () => colorJitter({ contrast: [1.2, 0.8] }),
      () => randomErasing({ p: -0.1 }),
      () => randomErasing({ scale: [-0.1, 0.2] }),
      () => randomErasing({ value: 256 }),
      () => trivialAugment({ numMagnitudeBins: 1 }),
    ]
  ) {
    assert.throws(
      make,
      (error: Error) => error instanceof UserError && !error.message.includes("\n"),
    );
  }
});

Deno.test("what does not fit the picture is refused in one line", () => {
  const tiny: Image = { data: Uint8Array.of(1, 2, 3, 4), height: 2, width: 2, channels: 1 };
  for (
    const { apply } of [
      gaussianBlur({ kernelSize: 5 }),
      randomRotation(30, { fill: [1, 2, 3] }),
      randomRotation(30, { fill: 300 }),
      randomErasing({ p: 1, value: [1, 2, 3] }),
    ]
  ) {
    assert.throws(() => apply(tiny, new RandomState(5)), UserError);
  }
});
