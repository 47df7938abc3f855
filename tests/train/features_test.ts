import { writeSafetensors } from "../../src/weights/safetensors.ts";
import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { IMAGENET_PREPROCESSING } from "../../src/core/preprocessing.ts";
import { ImageDataset } from "../../src/data/dataset.ts";
import { preprocess } from "../../src/data/preprocess.ts";
import {
  extractFeatures,
  type ExtractOptions,
  type FeatureTrunk,
} from "../../src/train/features.ts";
import { readSafetensors } from "../../src/weights/safetensors.ts";
import { saveFeatures, writeFeatures } from "../../src/train/feature_cache.ts";
import { featureBatches, featureKey } from "../../src/train/features.ts";
import { assertNear, tensorTest } from "./wasm.ts";

/** A trunk whose features are the picture's means per channel; counts the pictures it sees. */
function fakeTrunk(sha = "ab"): FeatureTrunk & { batches: number[] } {
  const batches: number[] = [];
  return {
    batches,
    variant: "google",
    weightsSha256: sha.repeat(32),
    featureSize: () => 3,
    pooled(pixels, side) {
      const count = pixels.length / (side * side * 3);
      batches.push(count);
      const means = new Float32Array(count * 3);
      for (let picture = 0; picture < count; picture++) {
        for (let channel = 0; channel < 3; channel++) {
          let sum = 0;
          for (let i = 0; i < side * side; i++) {
            sum += pixels[(picture * side * side + i) * 3 + channel];
          }
          means[picture * 3 + channel] = sum / side ** 2;
        }
      }
      return means;
    },
  };
}

const pictures = (rows: number) =>
  ImageDataset.fromPixels(Uint8Array.from({ length: rows * 16 }, (_, i) => i * 37 % 251), {
    shape: [4, 4, 1],
    labels: Array.from({ length: rows }, (_, i) => i % 2 ? "b" : "a"),
  });

const options: ExtractOptions = {
  size: 28,
  stages: [8],
  preprocessing: IMAGENET_PREPROCESSING,
};

tensorTest("each picture passes exactly once, in order, in batches", async () => {
  const trunk = fakeTrunk();
  const data = pictures(10);
  const done: number[] = [];
  const features = await extractFeatures(trunk, data, {
    ...options,
    batchSize: 4,
    onProgress: (progress) => {
      assert.deepEqual([progress.stage, progress.total, progress.unit], ["features", 10, "images"]);
      done.push(progress.done);
    },
  });
  assert.deepEqual(trunk.batches, [4, 4, 2]);
  assert.deepEqual(done, [0, 4, 8, 10]);
  assert.deepEqual([features.rows, features.columns, features.data.length], [10, 3, 30]);
  const last = preprocess([await data.image(9)], {
    preprocessing: IMAGENET_PREPROCESSING,
    size: 28,
  });
  const means = [0, 1, 2].map((c) =>
    last.reduce((sum, value, i) => i % 3 === c ? sum + value : sum, 0) / 784
  );
  assertNear(features.data.subarray(27), means, { absolute: 1e-5 });
});

tensorTest("the size of the batches does not change the features", async () => {
  const data = pictures(7);
  const [one, all] = [
    await extractFeatures(fakeTrunk(), data, { ...options, batchSize: 1 }),
    await extractFeatures(fakeTrunk(), data, options),
  ];
  assert.deepEqual(one, all);
});

tensorTest("an abort between batches ends the extraction, a trunk's error passes", async () => {
  const controller = new AbortController();
  const trunk = fakeTrunk();
  await assert.rejects(
    extractFeatures(trunk, pictures(10), {
      ...options,
      batchSize: 2,
      signal: controller.signal,
      onProgress: ({ done }) => done === 4 && controller.abort(new Error("enough")),
    }),
    /enough/,
  );
  assert.deepEqual(trunk.batches, [2, 2]);
  const broken = { ...fakeTrunk(), pooled: () => assert.fail("broken trunk") };
  await assert.rejects(extractFeatures(broken, pictures(2), options), /broken trunk/);
  await assert.rejects(
    extractFeatures(trunk, pictures(2), { ...options, batchSize: 0 }),
    UserError,
  );
});

tensorTest("cached features are computed once and equal", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const cache = `${folder}/features.safetensors`;
    const trunk = fakeTrunk();
    const first = await extractFeatures(trunk, pictures(5), { ...options, cache });
    assert.deepEqual(trunk.batches, [5]);
    const reports: number[] = [];
    const second = await extractFeatures(trunk, pictures(5), {
      ...options,
      cache,
      onProgress: ({ done }) => reports.push(done),
    });
    assert.deepEqual(trunk.batches, [5]);
    assert.deepEqual(second, first);
    assert.deepEqual(reports, [5]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

tensorTest("cached features of anything else are refused, and what differs is named", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const cache = `${folder}/features.safetensors`;
    const data = pictures(5);
    await extractFeatures(fakeTrunk(), data, { ...options, cache });
    const refuses = async (
      pattern: RegExp,
      changed: Partial<ExtractOptions>,
      trunk = fakeTrunk(),
      pixels = data,
    ) =>
      await assert.rejects(
        extractFeatures(trunk, pixels, { ...options, cache, ...changed }),
        (error) =>
          error instanceof UserError && pattern.test(error.message) &&
          !error.message.includes("\n"),
      );
    await refuses(/other weights \(weightsSha256\): found abab/, {}, fakeTrunk("cd"));
    await refuses(/other variant \(variant\): found google, expected torchvision/, {}, {
      ...fakeTrunk(),
      variant: "torchvision",
    });
    await refuses(/other picture preparation.*"size":28.*"size":64/, { size: 64 });
    await refuses(/other picture preparation.*"whole".*"crop"/, { fit: "crop" });
    await refuses(/other stages \(stages\): found 8, expected 4,8/, { stages: [8, 4] });
    await refuses(/other data \(datasetSha256\)/, {}, fakeTrunk(), pictures(6));
    await Deno.writeFile(cache, new Uint8Array(20));
    await refuses(/features\.safetensors/, {});
    const tensors = new Map([["head.bias", {
      ...{ dtype: "float32", shape: [1], data: new Float32Array(1) } as const,
    }]]);
    await Deno.writeFile(cache, writeSafetensors({ tensors, metadata: { graft: "{}" } }));
    await refuses(/it is a model that graft kept, no features; name another file/, {});
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

tensorTest("features written as they come are the file of those computed at once", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [whole, pieces] = [`${folder}/whole`, `${folder}/pieces`];
    const data = pictures(7), trunk = fakeTrunk();
    const features = await extractFeatures(trunk, data, options);
    const key = await featureKey(trunk, data, options);
    await saveFeatures(whole, features, key, data);
    const { rows, columns } = features;
    const batches = featureBatches(trunk, data, { ...options, batchSize: 3 });
    await writeFeatures(pieces, { rows, columns, pieces: batches }, key, { known: data });
    assert.deepEqual(await Deno.readFile(pieces), await Deno.readFile(whole));
    const few = featureBatches(trunk, data.subset([0]), options);
    await assert.rejects(
      writeFeatures(pieces, { rows, columns, pieces: few }, key),
      /there are 3 values, expected 7 rows of 3/,
    );
    assert.deepEqual(await Deno.readFile(pieces), await Deno.readFile(whole));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

tensorTest("saved features can carry labels and class names for other programs", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/features.safetensors`;
    const data = pictures(5), trunk = fakeTrunk();
    const features = await extractFeatures(trunk, data, options);
    await saveFeatures(path, features, await featureKey(trunk, data, options), data);
    const { tensors, metadata } = readSafetensors(await Deno.readFile(path));
    assert.deepEqual(tensors.get("features")!.shape, [5, 3]);
    assert.deepEqual([...tensors.get("labels")!.data], [0, 1, 0, 1, 0]);
    assert.equal(metadata.classes, '["a","b"]');
    // … and still serve as a cache.
    assert.deepEqual(await extractFeatures(trunk, data, { ...options, cache: path }), features);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
