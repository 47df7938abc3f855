import assert from "node:assert/strict";
import { UserError } from "../../../src/core/errors.ts";
import { RandomState } from "../../../src/core/random.ts";
import { colorJitter } from "../../../src/data/transforms/color_jitter.ts";
import { randomResizedCrop } from "../../../src/data/transforms/crop.ts";
import { randomErasing } from "../../../src/data/transforms/erasing.ts";
import { randomHorizontalFlip, randomVerticalFlip } from "../../../src/data/transforms/flip.ts";
import { gaussianBlur } from "../../../src/data/transforms/gaussian_blur.ts";
import { parseTransform, parseViews, TRANSFORM_FORMS } from "../../../src/data/transforms/parse.ts";
import { randomRotation } from "../../../src/data/transforms/rotation.ts";
import { compose } from "../../../src/data/transforms/transform.ts";
import { trivialAugment } from "../../../src/data/transforms/trivial_augment.ts";
import { images } from "./fixture.ts";

Deno.test("each name stands for its transform, with the parameters given or its own", () => {
  const blur = gaussianBlur({ kernelSize: [5, 5], sigma: [0.1, 5] });
  for (
    const [text, transform] of [
      ["flip", randomHorizontalFlip()],
      ["flip=0.3", randomHorizontalFlip({ p: 0.3 })],
      ["vflip", randomVerticalFlip()],
      ["rotate", randomRotation([0, 180])],
      ["rotate=-10:20.5", randomRotation([-10, 20.5])],
      ["rotate=15", randomRotation(15)],
      ["blur", blur],
      ["blur=5:0.1:5", blur],
      ["blur=3:1:2", gaussianBlur({ kernelSize: 3, sigma: [1, 2] })],
      ["crop=0.6:1", randomResizedCrop({ scale: [0.6, 1] })],
      ["crop=0.6", randomResizedCrop({ scale: [0.6, 1] })],
      ["crop", randomResizedCrop()],
      ["jitter=0.2:0.1", colorJitter({ brightness: 0.2, contrast: 0.1 })],
      ["jitter", colorJitter({ brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.05 })],
      ["erase=0.9", randomErasing({ p: 0.9 })],
      ["erase", randomErasing()],
      ["trivial", trivialAugment()],
      ["blur,flip", compose([blur, randomHorizontalFlip()])],
      [
        " flip , vflip=1 ",
        compose([
          randomHorizontalFlip(),
          randomVerticalFlip({ p: 1 }),
        ]),
      ],
    ] as const
  ) {
    const parsed = parseTransform(text);
    assert.equal(parsed.name, transform.name, text);
    assert.deepEqual(
      parsed.apply(images[0], new RandomState(3)),
      transform.apply(images[0], new RandomState(3)),
    );
  }
});

Deno.test("the forms that help shows are understood, once numbers stand for the capitals", () => {
  assert.equal(TRANSFORM_FORMS.length, 8);
  for (const { form, shorthand } of TRANSFORM_FORMS) {
    const name = form.split("=")[0];
    assert.equal(parseTransform(shorthand).name, parseTransform(name).name);
  }
});

Deno.test("mixing may be named among transforms, in any place", () => {
  const { transform, mix } = parseViews("flip, mixup,blur,cutmix=0.5");
  assert.equal(transform?.name, parseTransform("flip,blur").name);
  assert.deepEqual(mix, { mixup: 0.2, cutmix: 0.5 });
  assert.deepEqual(parseViews("cutmix"), { mix: { cutmix: 1 } });
  assert.deepEqual(Object.keys(parseViews("flip")), ["transform"]);
  for (
    const [text, expected] of [
      ["mixup=0", /"mixup=0" is not understood, expected mixup=ALPHA once, a number above 0/],
      ["cutmix=x", /"cutmix=x" is not understood/],
      ["mixup=", /"mixup=" is not understood/],
      ["mixup=0.2:1", /"mixup=0.2:1" is not understood/],
      ["mixup,flip,mixup=1", /"mixup=1" is not understood, expected mixup=ALPHA once/],
      ["", /"" is no known transform/],
      ["mixup,", /"" is no known transform/],
    ] as const
  ) {
    assert.throws(
      () => parseViews(text),
      (error: Error) => error instanceof UserError && expected.test(error.message),
    );
  }
});

Deno.test("what is not understood is named, with what is", () => {
  for (
    const [text, expected] of [
      [
        "flop",
        /"flop" is no known transform, expected flip, vflip, rotate, blur, crop, jitter, erase, trivial/,
      ],
      ["mixup=0.2", /mixup mixes batches and is no transform of a picture, .*; give it as mix/],
      ["", /"" is no known transform/],
      ["flip,,blur", /"" is no known transform/],
      ["constructor", /"constructor" is no known transform/],
      ["flip=", /"flip=" is not understood, expected flip=P/],
      ["flip=x", /"flip=x" is not understood/],
      ["flip=0.5:1", /"flip=0.5:1" is not understood/],
      ["rotate=1:2:3", /expected rotate=LOW:HIGH/],
      ["trivial=1", /"trivial=1" is not understood, expected trivial/],
      ["blur=5:1", /expected blur=SIDE:LOW:HIGH/],
      ["blur=4", /kernelSize is \[4,4\]|kernelSize is 4/],
      ["rotate=20:10", /degrees is \[20,10\], expected two numbers in order/],
      ["flip=2", /p is 2, expected a probability/],
    ] as const
  ) {
    assert.throws(() => parseTransform(text), (error: Error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, expected);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  }
});
