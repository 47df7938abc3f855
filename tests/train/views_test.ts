// Views of the decoded pictures: for training runs and for features of a frozen trunk.
import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { IMAGENET_PREPROCESSING } from "../../src/core/preprocessing.ts";
import { RandomState } from "../../src/core/random.ts";
import { ImageDataset } from "../../src/data/dataset.ts";
import { preprocess } from "../../src/data/preprocess.ts";
import { parseTransform } from "../../src/data/transforms/parse.ts";
import { flipAndShift } from "../../src/train/augment.ts";
import {
  extractFeatures,
  type ExtractOptions,
  type FeatureTrunk,
} from "../../src/train/features.ts";
import { type PictureOptions, pictureSource } from "../../src/train/pictures.ts";
import { viewRows } from "../../src/train/view_rows.ts";
import { viewState } from "../../src/train/view_state.ts";
import { tensorTest } from "./wasm.ts";

const ROWS = 7;
const base: PictureOptions = { size: 28, preprocessing: IMAGENET_PREPROCESSING };
const dataset = ImageDataset.fromPixels(
  Uint8Array.from({ length: ROWS * 12 * 9 }, (_, i) => i * 37 % 251),
  { shape: [12, 9, 1], labels: Array.from({ length: ROWS }, (_, i) => i % 3) },
);
const transform = parseTransform("blur,flip,rotate=0:180,crop=0.3:0.9");

/** The view of a picture, made by hand. */
async function viewOf(index: number, view: number, seed = 5): Promise<Float32Array> {
  const seen = transform.apply(await dataset.image(index), viewState(seed, { view, index }));
  return preprocess([seen], base);
}

async function pixelsOf(
  options: Partial<PictureOptions>,
  indices: number[],
  epoch = 1,
): Promise<Float32Array> {
  using batch = await pictureSource(dataset, { ...base, transform, ...options })
    .batch(Int32Array.from(indices), epoch);
  return batch.images.dataSync().slice() as Float32Array;
}

const VALUES = 28 * 28 * 3;

tensorTest(
  "a training run sees the transform of the decoded picture, another one each epoch",
  async () => {
    const pixels = await pixelsOf({}, [4, 1], 3);
    assert.deepEqual(pixels.subarray(0, VALUES), await viewOf(4, 3));
    assert.deepEqual(pixels.subarray(VALUES), await viewOf(1, 3));
    assert.notDeepEqual(await pixelsOf({}, [4], 4), pixels.subarray(0, VALUES));
  },
);

tensorTest("the view of a picture does not depend on the batch it is in", async () => {
  const all = await pixelsOf({}, [0, 1, 2, 3, 4, 5, 6]);
  for (const order of [[6, 2, 0], [2, 2, 5], [5]]) {
    const some = await pixelsOf({}, order);
    order.forEach((index, i) => {
      assert.deepEqual(
        some.subarray(i * VALUES, (i + 1) * VALUES),
        all.subarray(index * VALUES, (index + 1) * VALUES),
      );
    });
  }
  assert.notDeepEqual(await pixelsOf({ randomState: 6 }, [0]), all.subarray(0, VALUES));
});

tensorTest("an augmentation of the scaled picture follows the transform", async () => {
  const augmentation = flipAndShift({ flip: 1, shift: 0 });
  const both = await pixelsOf({ augmentation }, [3]);
  const expected = await pixelsOf({}, [3]);
  augmentation.apply(expected, 28, new RandomState(0));
  assert.deepEqual(both, expected);
});

Deno.test("the identity of a run names its transform", async () => {
  const identity = (options: Partial<PictureOptions>) =>
    pictureSource(dataset, { ...base, ...options }).identity();
  const others = await Promise.all([
    identity({}),
    identity({ transform }),
    identity({ transform: parseTransform("flip") }),
    identity({ transform, randomState: 6 }),
    identity({ transform, augmentation: flipAndShift() }),
    identity({ augmentation: flipAndShift() }),
  ]);
  assert.equal(new Set(others).size, others.length);
});

/** A trunk whose features are some of the pixels. */
const trunk: FeatureTrunk = {
  variant: "google",
  weightsSha256: "ab".repeat(32),
  featureSize: () => 30,
  pooled: (pixels) => pixels.filter((_, i) => i % VALUES >= 900 && i % VALUES < 930),
} as FeatureTrunk;
const options: ExtractOptions = { ...base, stages: [8] };

tensorTest("features of views follow those of the pictures, view by view", async () => {
  const plain = await extractFeatures(trunk, dataset, options);
  const augment = { transform, views: 3, randomState: 9 };
  const features = await extractFeatures(trunk, dataset, { ...options, augment });
  assert.deepEqual([features.rows, features.columns], [ROWS * 4, 30]);
  assert.deepEqual(features.data.subarray(0, ROWS * 30), plain.data);
  for (const [view, index] of [[1, 0], [2, 6], [3, 4]]) {
    const row = view * ROWS + index;
    assert.deepEqual(
      features.data.subarray(row * 30, (row + 1) * 30),
      (await viewOf(index, view, 9)).subarray(900, 930),
    );
  }
  const { labels, groups } = viewRows(dataset.labels, features.rows);
  assert.deepEqual([labels[3 * ROWS + 4], groups[3 * ROWS + 4]], [dataset.labels[4], 4]);
});

tensorTest("neither batches nor known originals change the features of views", async () => {
  const augment = { transform, views: 3 };
  const features = await extractFeatures(trunk, dataset, { ...options, augment });
  for (const batchSize of [1, 5, 9]) {
    assert.deepEqual(
      await extractFeatures(trunk, dataset, { ...options, augment, batchSize }),
      features,
    );
  }
  const originals = await extractFeatures(trunk, dataset, options);
  const told: unknown[] = [];
  const again = await extractFeatures(trunk, dataset, {
    ...options,
    augment: { ...augment, originals },
    onProgress: ({ done, total }) => told.push([done, total]),
  });
  assert.deepEqual(again, features);
  assert.deepEqual(told.at(-1), [3 * ROWS, 3 * ROWS]);
  await assert.rejects(
    extractFeatures(trunk, dataset.subset([0, 1]), {
      ...options,
      augment: { ...augment, originals },
    }),
    UserError,
  );
});

tensorTest("pictures are decoded once for all their views", async () => {
  const counts = new Int32Array(ROWS);
  const counting = {
    length: ROWS,
    size: (index: number) => dataset.size(index),
    hash: () => dataset.hash(),
    kept: (index: number) => {
      counts[index]++;
      return dataset.kept(index);
    },
  };
  await extractFeatures(trunk, counting, { ...options, augment: { transform, views: 5 } });
  assert.deepEqual([...counts], Array(ROWS).fill(1));
});

tensorTest("kept features of views are refused for other views", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const cache = `${folder}/features.safetensors`;
    const augment = { transform, views: 2 };
    const first = await extractFeatures(trunk, dataset, { ...options, cache, augment });
    assert.deepEqual(await extractFeatures(trunk, dataset, { ...options, cache, augment }), first);
    for (
      const [other, pattern] of [
        [undefined, /other views \(views\): found 2 by compose.*expected none/],
        [{ transform, views: 3 }, /expected 3 by compose/],
        [{ transform, views: 2, randomState: 6 }, /expected 2 by .*, seed 6/],
        [
          { transform: parseTransform("flip"), views: 2 },
          /expected 2 by randomHorizontalFlip\(\{"p":0.5\}\)/,
        ],
      ] as const
    ) {
      await assert.rejects(
        extractFeatures(trunk, dataset, { ...options, cache, augment: other }),
        (error: Error) => error instanceof UserError && pattern.test(error.message),
      );
    }
    const plain = `${folder}/plain.safetensors`;
    await extractFeatures(trunk, dataset, { ...options, cache: plain });
    await assert.rejects(
      extractFeatures(trunk, dataset, { ...options, cache: plain, augment }),
      /found none, expected 2 by compose/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

tensorTest("numbers of views and seeds that make no sense are refused", async () => {
  for (const augment of [{ transform, views: 0 }, { transform, views: 1.5 }]) {
    await assert.rejects(extractFeatures(trunk, dataset, { ...options, augment }), UserError);
  }
  const augment = { transform, views: 1, randomState: -1 };
  await assert.rejects(extractFeatures(trunk, dataset, { ...options, augment }), UserError);
  assert.throws(() => viewRows(dataset.labels, 10), UserError);
});

Deno.test("the numbers of a view depend on seed, view and picture, each", () => {
  const drawn = new Set<number>();
  for (const seed of [0, 5, 2 ** 32 - 1]) {
    for (const view of [1, 2, 40]) {
      for (const index of [0, 1, 59999]) drawn.add(viewState(seed, { view, index }).nextUint32());
    }
  }
  assert.equal(drawn.size, 27);
  const again = viewState(5, { view: 2, index: 1 });
  assert.equal(again.nextUint32(), viewState(5, { view: 2, index: 1 }).nextUint32());
});
