import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { centreCrop } from "../../src/data/centre_crop.ts";
import type { Image } from "../../src/data/image.ts";
import { preprocess } from "../../src/data/preprocess.ts";
import { resize } from "../../src/data/resize.ts";

interface StoredImage extends Omit<Image, "data"> {
  data: string;
}

interface Resize {
  image: StoredImage;
  interpolation: "bicubic" | "bilinear";
  height: number;
  width: number;
  antialiased: string;
  plain: string;
}

interface Preset {
  image: StoredImage;
  size: number;
  interpolation: "bicubic" | "bilinear";
  mean: [number, number, number];
  std: [number, number, number];
  resizeSize: number;
  cropSize: number;
  cropAntialiased: string;
  cropPlain: string;
  wholeAntialiased: string;
}

/** Made by tests/fixtures/make_data_preprocess.py with PIL, PyTorch and torchvision. */
const { resizes, presets, crops }: {
  resizes: Resize[];
  presets: Preset[];
  crops: { image: StoredImage; size: number; expected: string }[];
} = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/data_preprocess.json", import.meta.url)),
);

const bytes = (text: string) => Uint8Array.fromBase64(text);
const floats = (text: string) => new Float32Array(bytes(text).buffer);
const load = (image: StoredImage): Image => ({ ...image, data: bytes(image.data) });
const nameOf = ({ height, width, channels }: StoredImage) => `${height} x ${width} x ${channels}`;

/** Largest difference between two arrays of one length. */
function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.equal(a.length, b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

for (const { image, interpolation, height, width, antialiased, plain } of resizes) {
  const what = `${interpolation} ${nameOf(image)} -> ${height} x ${width}`;

  Deno.test(`${what} with antialias is PIL's, bit for bit`, () => {
    const resized = resize(load(image), { height, width }, { interpolation });
    assert.deepEqual(resized.data, bytes(antialiased));
  });

  Deno.test(`${what} without antialias is PyTorch's within one level`, () => {
    const resized = resize(load(image), { height, width }, { interpolation, antialias: false });
    // One level: float32 sums in another order may round a half the other way.
    assert.ok(worst(resized.data, bytes(plain)) <= 1);
  });
}

for (const preset of presets) {
  const what = `${preset.interpolation} ${nameOf(preset.image)} -> ${preset.size}`;
  // The fixture holds normalised values: a level is 1 / 255 / std there.
  const level = 1 / 255 / Math.min(...preset.std) * 1.0001;
  const run = (options: { fit: "whole" | "crop"; antialias?: boolean }) =>
    preprocess([load(preset.image)], { preprocessing: preset, size: preset.size, ...options });

  Deno.test(`${what}: crop is torchvision's preset of a PIL picture, bit for bit`, () => {
    assert.equal(worst(run({ fit: "crop" }), floats(preset.cropAntialiased)), 0);
  });

  Deno.test(`${what}: crop without antialias is torchvision 0.14's preset of a tensor within one level`, () => {
    const values = run({ fit: "crop", antialias: false });
    assert.ok(worst(values, floats(preset.cropPlain)) <= level);
  });

  Deno.test(`${what}: whole is PIL's resize to the square, normalised, bit for bit`, () => {
    assert.equal(worst(run({ fit: "whole" }), floats(preset.wholeAntialiased)), 0);
  });
}

for (const { image, size, expected } of crops) {
  Deno.test(`the middle ${size} pixels of ${nameOf(image)} are torchvision's`, () => {
    assert.deepEqual(centreCrop(load(image), size).data, bytes(expected));
  });
}

Deno.test("pictures of differing sizes and channels go through one call", () => {
  const [a, b] = [load(presets[0].image), load(presets[2].image)];
  const options = { preprocessing: presets[0], size: 20 };
  const together = preprocess([a, b, a], options);
  const alone = [a, b, a].map((image) => preprocess([image], options));
  alone.forEach((values, i) => {
    assert.deepEqual(together.subarray(i * 1200, (i + 1) * 1200), values);
  });
});

Deno.test("pixels are not written to, also when no size changes", () => {
  const image = load(presets[4].image);
  const before = image.data.slice();
  preprocess([image], { preprocessing: presets[4], size: 64 });
  preprocess([image], { preprocessing: presets[4], size: 56, fit: "crop", antialias: false });
  assert.deepEqual(image.data, before);
});

Deno.test("a size that is no whole number above 0 is refused", () => {
  const image = load(presets[0].image);
  for (const height of [0, -1, 2.5]) {
    assert.throws(() => resize(image, { height, width: 3 }), UserError);
  }
});
