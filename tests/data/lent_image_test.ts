// Images that are scaled where they were decoded: the same to the bit as copies of them, and nothing that lies beside them is disturbed.
import assert from "node:assert/strict";
import { decodeBase64 } from "../../src/core/base64.ts";
import { IMAGENET_PREPROCESSING } from "../../src/core/preprocessing.ts";
import { decodeImage, lendDecoded } from "../../src/data/decode.ts";
import type { Orientation } from "../../src/data/exif_orientation.ts";
import { copyLent } from "../../src/data/picture_kernels.ts";
import { createPictureMaker } from "../../src/data/picture_maker.ts";
import { createPreprocessor, preprocess } from "../../src/data/preprocess.ts";
import images from "../fixtures/images.json" with { type: "json" };
import jpegs from "../fixtures/jpegs.json" with { type: "json" };

const FILES = [...images.images, ...jpegs].map(({ name, file }) => ({
  name,
  file: decodeBase64(file),
}));

const RECIPES = [
  { size: 13 },
  { size: 200 }, // larger than most
  { size: 28, fit: "crop" },
  { size: 28, antialias: false },
].map((recipe) => ({ preprocessing: IMAGENET_PREPROCESSING, ...recipe }) as const) as Parameters<
  typeof createPreprocessor
>[0][];

/** A JPEG file that is to be turned. */
function turned(file: Uint8Array, orientation: Orientation): Uint8Array<ArrayBuffer> {
  // deno-fmt-ignore
  const exif = [
    0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8,
    0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0,
  ];
  return Uint8Array.of(0xff, 0xd8, ...exif, ...file.subarray(2));
}

Deno.test("a lent image is scaled to the same bits as a copy of it, and stays what it is", async () => {
  for (const recipe of RECIPES) {
    const prepare = createPreprocessor(recipe);
    const out = new Float32Array(3 * recipe.size ** 2);
    for (const { name, file } of FILES) {
      const own = await decodeImage(file);
      const after = await lendDecoded(file, {}, (image) => {
        prepare(image, out);
        prepare(image, out); // as for several views of one image
        return copyLent(image);
      });
      assert.deepEqual(after, own, name);
      assert.deepEqual(out, preprocess([own], recipe), `${name}, ${recipe.size}`);
    }
  }
});

Deno.test("a lent image is upright, whether there is room for that before its pixels or behind them", async () => {
  const [recipe] = RECIPES;
  const prepare = createPreprocessor(recipe);
  const out = new Float32Array(3 * recipe.size ** 2);
  // Coefficients lie before the pixels of a progressive file.
  const files = FILES.filter(({ name, file }) => file[0] === 0xff && !name.startsWith("exif"));
  for (const { name, file } of files) {
    const lying = await decodeImage(file);
    for (const orientation of [2, 3, 4, 5, 6, 7, 8] as const) {
      const upright = await decodeImage(turned(file, orientation));
      const sides = [upright.height, upright.width];
      if (orientation >= 5) sides.reverse();
      assert.deepEqual(sides, [lying.height, lying.width], name);
      await lendDecoded(turned(file, orientation), {}, (image) => prepare(image, out));
      assert.deepEqual(out, preprocess([upright], recipe), `${name}, ${orientation}`);
    }
  }
});

Deno.test("what is made of a file is what is made of its decoded image", async () => {
  const recipe = { ...RECIPES[0], size: 200 }; // nothing is left out at that size
  const make = createPictureMaker({ ...recipe, views: ["itself", "itself"] });
  for (const { name, file } of FILES) {
    const outs = [0, 0].map(() => new Float32Array(3 * recipe.size ** 2));
    await make({ file, name, maxPixels: 1e6 }, [0, 0], outs);
    const expected = preprocess([await decodeImage(file)], recipe);
    for (const out of outs) assert.deepEqual(out, expected, name);
  }
});
