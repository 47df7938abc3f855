import assert from "node:assert/strict";
import { IMAGENET_PREPROCESSING } from "../../src/core/preprocessing.ts";
import type { Image } from "../../src/data/image.ts";
import { preprocess } from "../../src/data/preprocess.ts";
import { preparePictures } from "../../src/train/prepare_pictures.ts";

const options = { size: 28, preprocessing: IMAGENET_PREPROCESSING };

/** Pictures that say they are of these many megapixels; each is one pixel of its own grey. Counts what is decoded together. */
function pictures(megapixels: readonly number[]) {
  const groups: number[][] = [];
  const image = (index: number): Image => {
    return { data: Uint8Array.of(10 * index), height: 1, width: 1, channels: 1 };
  };
  const reader = {
    size: (index: number) => ({ height: 1000, width: megapixels[index] * 1000 }),
    images(indices: ArrayLike<number>) {
      groups.push(Array.from(indices));
      return Promise.resolve(Array.from(indices, image));
    },
  };
  return { reader, groups, image };
}

Deno.test("large pictures are decoded one by one, small ones together, none twice", async () => {
  const { reader, groups, image } = pictures([1, 2, 50, 12, 12, 1, 3, 4, 5, 6]);
  const indices = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const prepared = await preparePictures(reader, indices, options);
  assert.deepEqual(groups, [[0, 1], [2], [3], [4, 5, 6], [7, 8, 9]]);
  assert.deepEqual(prepared, preprocess(indices.map(image), options));
});

Deno.test("pictures are prepared in the order asked for, also the same one twice", async () => {
  const { reader, image } = pictures([9, 9, 9]);
  const prepared = await preparePictures(reader, [2, 0, 2], options);
  assert.deepEqual(prepared, preprocess([image(2), image(0), image(2)], options));
  assert.equal((await preparePictures(reader, [], options)).length, 0);
});

Deno.test("an abort is passed on to whoever decodes", async () => {
  const signal = AbortSignal.abort();
  const { reader } = pictures([1]);
  const watched = {
    ...reader,
    images(_: ArrayLike<number>, { signal: given }: { signal?: AbortSignal } = {}) {
      assert.equal(given, signal);
      return Promise.reject(given!.reason);
    },
  };
  await assert.rejects(preparePictures(watched, [0], { ...options, signal }), {
    name: "AbortError",
  });
});
