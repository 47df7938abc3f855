// Pixels as programs hold them: what is safe to take is taken, all else is refused with what to do.
import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { ImageDataset } from "../../src/data/dataset.ts";

/** `fromPixels` as it is called without types. */
const fromPixels = ImageDataset.fromPixels as unknown as (...args: unknown[]) => ImageDataset;

const SHAPE = { shape: [1, 2, 1] };

async function pixelsOf(data: ImageDataset): Promise<number[]> {
  return [...(await data.image(0)).data];
}

Deno.test("bytes are taken without a copy, clamped or not, and whole numbers in lists and wider arrays with one", async () => {
  const bytes = Uint8Array.of(0, 255);
  const forms = [
    bytes,
    new Uint8ClampedArray(bytes.buffer),
    [0, 255],
    Int32Array.of(0, 255),
    Uint16Array.of(0, 255),
  ];
  for (const form of forms) {
    const data = fromPixels(form, SHAPE);
    const { data: pixels } = await data.image(0);
    assert.ok(pixels instanceof Uint8Array);
    assert.deepEqual([...pixels], [0, 255], form.constructor.name);
  }
  bytes[0] = 7;
  assert.deepEqual(await pixelsOf(fromPixels(bytes, SHAPE)), [7, 255]);
});

Deno.test("fractions are refused with what makes bytes of them", () => {
  const cases: [pixels: unknown, message: RegExp][] = [
    [Float32Array.of(0, 1), /are a Float32Array, values from 0 to 1, expected .*multiply by 255/],
    [Float64Array.of(0, 254.6), /are a Float64Array, expected .*; round: Uint8Array\.from/],
    [Float32Array.of(-1.5, 2), /found values from -1\.5 to 2: undo what standardised them first$/],
    [[0.5, 1], /pixel 1 is 0\.5, values from 0 to 1, expected .*multiply by 255 and round/],
  ];
  for (const [pixels, message] of cases) {
    assert.throws(
      () => fromPixels(pixels, SHAPE),
      (error) => error instanceof UserError && message.test(error.message),
      `${message}`,
    );
  }
});

Deno.test("what is no pixels or no shape is refused by name", () => {
  const two = new Uint8Array(2);
  const cases: [args: unknown[], message: string | RegExp][] = [
    [[[0, 256], SHAPE], /pixel 2 is 256, expected a whole number from 0 to 255$/],
    [[[-1, 0], SHAPE], /pixel 1 is -1, /],
    [[[[0, 1]], SHAPE], /pixel 1 is a list, .*one flat list$/],
    [[undefined, SHAPE], /the pixels are nothing \(undefined\), expected a Uint8Array/],
    [[Promise.resolve(two), SHAPE], /the pixels are a Promise, .*await it$/],
    [["a.png", SHAPE], /the pixels are a string, .*see ImageDataset\.open/],
    [[two], /shape is nothing \(undefined\), expected \[height, width, channels\]/],
    [[two, {}], /shape is nothing \(undefined\), .*write \{ shape: \[28, 28, 1\] \}$/],
    [[two, { shape: [1, 2] }], /shape is \[1, 2\], expected \[height, width, channels\]/],
    [[new Uint8Array(4), { shape: [1, 1, 4] }], /shape is \[1, 1, 4\], .*RGBA, leave out/],
    [[two, { shape: [1, 3, 1] }], /2 pixels are no whole number of 1 x 3 x 1 pictures/],
    [[two, { ...SHAPE, labels: "cat" }], /labels is a string, expected a list/],
    [[two, { ...SHAPE, labels: [null] }], /label 1 is nothing \(null\), expected a name or a num/],
    [[two, { ...SHAPE, labels: [NaN] }], /label 1 is NaN, /],
    [[two, { ...SHAPE, labels: ["a", "b"] }], /there are 2 labels, expected one for each of the 1/],
    [[two, { ...SHAPE, labels: ["c"], classes: ["a", "b"] }], /label "c" is none .*"a", "b"$/],
  ];
  for (const [args, message] of cases) {
    assert.throws(() => fromPixels(...args), (error) => {
      assert.ok(error instanceof UserError, `${error}`);
      assert.match(error.message, /^Cannot make a data set: /);
      assert.match(error.message, message as RegExp);
      return true;
    });
  }
});

Deno.test("decoded pictures are checked one by one, and RGBA is known for what it is", () => {
  const fromImages = ImageDataset.fromImages as unknown as (...args: unknown[]) => ImageDataset;
  const good = { data: new Uint8Array(4), height: 2, width: 2, channels: 1 };
  const rgba = new ImageData(2, 2);
  const cases: [images: unknown, message: RegExp][] = [
    [[good, null], /picture 2: it is nothing \(null\), expected a decoded picture/],
    [[good, new Blob([])], /picture 2: it is a Blob, .*await readImage\(file\)$/],
    [[Promise.resolve(good)], /picture 1: it is a Promise, .*await it$/],
    [[rgba], /picture 1: it has 16 bytes, .*undefined channels, .*RGBA, leave out each fourth/],
    [[{ ...good, data: new Float32Array(4) }], /picture 1: the pixels are a Float32Array, values/],
    [good, /fromImages takes a list of pictures, got an object; write fromImages\(\[/],
  ];
  for (const [images, message] of cases) {
    assert.throws(
      () => fromImages(images),
      (error) => error instanceof UserError && message.test(error.message),
      `${message}`,
    );
  }
});
