import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { IMAGENET_PREPROCESSING } from "../../src/core/preprocessing.ts";
import { ImageDataset } from "../../src/data/dataset.ts";
import { preprocess } from "../../src/data/preprocess.ts";
import { type Augmentation, flipAndShift } from "../../src/train/augment.ts";
import { pictureSource } from "../../src/train/pictures.ts";
import type { PictureOptions } from "../../src/train/pictures.ts";
import { tensorTest } from "./wasm.ts";

const ROWS = 7;
const dataset = ImageDataset.fromPixels(
  Uint8Array.from({ length: ROWS * 16 }, (_, i) => i * 37 % 251),
  { shape: [4, 4, 1], labels: Array.from({ length: ROWS }, (_, i) => i % 3) },
);
const base: PictureOptions = { size: 28, preprocessing: IMAGENET_PREPROCESSING };
/** Bytes of one prepared picture. */
const BYTES = 28 * 28 * 3 * 4;

/** Prepared pictures at `indices`. */
async function pixelsOf(
  options: Partial<PictureOptions>,
  indices: number[],
  epoch = 1,
  source = pictureSource(dataset, { ...base, ...options }),
): Promise<Float32Array> {
  using batch = await source.batch(Int32Array.from(indices), epoch);
  assert.deepEqual(batch.images.shape, [indices.length, 28, 28, 3]);
  return batch.images.dataSync().slice() as Float32Array;
}

tensorTest("batches are the pictures as they are prepared everywhere else", async () => {
  for (const cacheBytes of [0, undefined]) {
    const source = pictureSource(dataset, { ...base, cacheBytes });
    assert.equal(source.length, ROWS);
    assert.deepEqual(source.labels, dataset.labels);
    for (const indices of [[3, 0], [0, 3, 6], [6]]) {
      const expected = preprocess(await dataset.images(indices), base);
      assert.deepEqual(await pixelsOf({}, indices, 1, source), expected);
      assert.deepEqual(await pixelsOf({}, indices, 2, source), expected);
    }
  }
});

tensorTest("pictures that fit the cache are prepared once", async () => {
  const decoded = async (cacheBytes: number) => {
    const counts = new Int32Array(ROWS);
    const counting = {
      length: ROWS,
      labels: dataset.labels,
      hash: () => dataset.hash(),
      size: (index: number) => dataset.size(index),
      kept(index: number) {
        counts[index]++;
        return dataset.kept(index);
      },
    };
    const source = pictureSource(counting, { ...base, cacheBytes });
    for (const indices of [[1, 2], [2, 1, 5], [5, 2]]) await pixelsOf({}, indices, 1, source);
    return [...counts];
  };
  assert.deepEqual(await decoded(ROWS * BYTES), [0, 1, 1, 0, 0, 1, 0]);
  assert.deepEqual(await decoded(ROWS * BYTES - 1), [0, 2, 3, 0, 0, 2, 0]);
});

/** Draws a different number of random numbers for each picture. */
const noise: Augmentation = {
  name: "noise",
  apply(pixels, size, random) {
    assert.equal(pixels.length, size * size * 3);
    for (let i = 0; i < 1 + Math.abs(pixels[0]) * 100; i++) pixels[i] += random.randomDouble();
  },
};

tensorTest("a view depends on seed, epoch and picture, not on the batch", async () => {
  for (const augmentation of [noise, flipAndShift({ shift: 0.3 })]) {
    const length = 28 * 28 * 3;
    const all = await pixelsOf({ augmentation }, [0, 1, 2, 3, 4, 5, 6]);
    for (const cacheBytes of [0, undefined]) {
      const source = pictureSource(dataset, { ...base, augmentation, cacheBytes });
      await pixelsOf({}, [4, 2], 9, source); // leaves no trace
      const some = await pixelsOf({}, [6, 2], 1, source);
      assert.deepEqual(some.subarray(0, length), all.subarray(6 * length));
      assert.deepEqual(some.subarray(length), all.subarray(2 * length, 3 * length));
    }
    assert.notDeepEqual(await pixelsOf({ augmentation }, [6], 2), all.subarray(6 * length));
    const other = await pixelsOf({ augmentation, randomState: 6 }, [6], 1);
    assert.notDeepEqual(other, all.subarray(6 * length));
  }
});

Deno.test("the identity tells data, preparation and views apart", async () => {
  const identity = (options: Partial<PictureOptions>, data = dataset) =>
    pictureSource(data, { ...base, ...options }).identity();
  const plain = await identity({});
  assert.equal(await identity({ fit: "whole", cacheBytes: 0, randomState: 9 }), plain);
  const { mean } = IMAGENET_PREPROCESSING;
  const others = await Promise.all([
    identity({ size: 32 }),
    identity({ fit: "crop" }),
    identity({ preprocessing: { ...IMAGENET_PREPROCESSING, std: mean } }),
    identity({ augmentation: noise }),
    identity({ augmentation: noise, randomState: 9 }),
    identity({ augmentation: flipAndShift() }),
    identity({}, dataset.subset([0, 1, 2])),
  ]);
  assert.equal(new Set([plain, ...others]).size, 8);
});

Deno.test("a seed that is none is refused before the first batch", () => {
  assert.throws(() => pictureSource(dataset, { ...base, randomState: 0.5 }), UserError);
});
