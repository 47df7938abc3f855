// Pictures that are made by other threads while the network is at work: the same ones, and no others.
import assert from "node:assert/strict";
import { decodeBase64 } from "../../src/core/base64.ts";
import { IMAGENET_PREPROCESSING } from "../../src/core/preprocessing.ts";
import type { KeptPicture } from "../../src/data/kept_picture.ts";
import { parseTransform } from "../../src/data/transforms/parse.ts";
import { evaluateNetwork } from "../../src/train/evaluate_network.ts";
import { extractFeatures, type FeatureTrunk } from "../../src/train/features.ts";
import { fitNetwork } from "../../src/train/fit.ts";
import { type PictureOptions, pictureSource } from "../../src/train/pictures.ts";
import jpegs from "../fixtures/jpegs.json" with { type: "json" };
import { fakeNetwork } from "./fake_network.ts";
import { fakePictures } from "./fake_pictures.ts";
import { tensorTest } from "./wasm.ts";

/** Files, which say they are so large that threads are worth it. Counts how often each is read. */
function pictures(broken = -1) {
  const files = jpegs
    .filter(({ height, width }) => Math.min(height, width) > 8)
    .map(({ name, file }) => ({ name, file: decodeBase64(file) }));
  const reads = new Int32Array(files.length);
  return {
    reads,
    length: files.length,
    labels: Int32Array.from(files, (_, i) => i % 3),
    hash: () => Promise.resolve("files"),
    size: () => ({ height: 700, width: 700 }),
    kept(index: number): Promise<KeptPicture> {
      reads[index]++;
      const { name, file } = files[index];
      return Promise.resolve(
        index === broken ? { name: "broken.jpg", file: file.subarray(0, 99) } : { name, file },
      );
    },
  };
}

const recipe = { size: 28, preprocessing: IMAGENET_PREPROCESSING };
const transform = parseTransform("flip,rotate=0:180,jitter");

/** The first pixels for features. */
const trunk: FeatureTrunk = {
  variant: "torchvision",
  weightsSha256: "0",
  featureSize: () => 28 * 28 * 3 / 10 | 0,
  pooled: (pixels) => pixels.filter((_, i) => i % (28 * 28 * 3) < 235),
};

tensorTest("features are the same ahead and in turn, with views and without", async () => {
  for (const augment of [undefined, { transform, views: 2 }]) {
    const features = async (options: { pictureThreads: number; ahead: boolean }) => {
      const data = pictures();
      const stages = [3];
      const more = { ...recipe, ...options, stages, augment, batchSize: 9 };
      const { data: values } = await extractFeatures(trunk, data, more);
      assert.deepEqual([...data.reads], Array(data.length).fill(1), "each file is read once");
      return values;
    };
    const expected = await features({ pictureThreads: 0, ahead: false });
    for (const pictureThreads of [0, 1, 2]) {
      for (const ahead of [false, true]) {
        assert.deepEqual(await features({ pictureThreads, ahead }), expected);
      }
    }
  }
});

tensorTest("batches are the same, whether they were expected or not", async () => {
  const batches = [[0, 1, 2, 3], [4, 5, 6, 7], [3, 0, 9, 8]].map((rows) => Int32Array.from(rows));
  const pixels = async (options: Partial<PictureOptions>, expectations: (i: number) => number) => {
    const data = pictures();
    const source = pictureSource(data, { ...recipe, transform, pictureThreads: 2, ...options });
    const all: string[] = [];
    for (const [i, indices] of batches.entries()) {
      using batch = await source.batch(indices, 2);
      all.push(batch.images.dataSync().join());
      const next = expectations(i);
      if (next < batches.length) await source.expect!(batches[next], 2);
    }
    return { all, reads: [...data.reads] };
  };
  const inTurn = await pixels({ pictureThreads: 0, ahead: false }, (i) => i + 1);
  const ahead = await pixels({ ahead: true }, (i) => i + 1);
  assert.deepEqual(ahead, inTurn);
  // What was expected and not asked for does no harm.
  assert.deepEqual((await pixels({ ahead: true }, () => 0)).all, inTurn.all);
});

tensorTest("a broken file is told when its batch is asked for", async () => {
  const source = pictureSource(pictures(5), {
    ...{ ...recipe, transform, pictureThreads: 2, ahead: true },
  });
  const [good, bad] = [[0, 1, 2], [4, 5, 6]].map((rows) => Int32Array.from(rows));
  await source.expect!(bad, 1);
  (await source.batch(good, 1))[Symbol.dispose]();
  await source.expect!(bad, 1);
  await assert.rejects(async () => await source.batch(bad, 1), /Cannot read broken\.jpg/);
  const stages = [3];
  const options = { ...recipe, stages, batchSize: 4, pictureThreads: 2, ahead: true };
  await assert.rejects(extractFeatures(trunk, pictures(5), options), /Cannot read broken\.jpg/);
});

tensorTest("an abort ends extraction with pictures under way", async () => {
  const stop = new AbortController();
  const onProgress = () => stop.abort();
  const more = { stages: [3], batchSize: 4, pictureThreads: 2, ahead: true };
  await assert.rejects(
    extractFeatures(trunk, pictures(), { ...recipe, ...more, onProgress, signal: stop.signal }),
    { name: "AbortError" },
  );
});

Deno.test("training and scoring say what they ask for next, within an epoch", async () => {
  const { batch, ...source } = fakePictures({ length: 10, classes: 3 });
  const said: string[] = [];
  const watched = {
    ...source,
    batch(indices: Int32Array, epoch: number) {
      said.push(`asked ${epoch}: ${indices.join()}`);
      return batch(indices, epoch);
    },
    expect(indices: Int32Array, epoch: number) {
      said.push(`expected ${epoch}: ${indices.join()}`);
      return Promise.resolve();
    },
  };
  const network = fakeNetwork({ classes: 3 });
  await fitNetwork(network, watched, { epochs: 2, learningRate: 0.01, batchSize: 4 });
  await evaluateNetwork(network, watched, { batchSize: 4 });
  const [asked, expected] = ["asked", "expected"].map((verb) =>
    said.filter((line) => line.startsWith(verb)).map((line) => line.slice(verb.length + 1))
  );
  assert.equal(asked.length, 9);
  assert.deepEqual(expected, asked.filter((_, i) => i % 3 !== 0));
  // Each is said after the batch before was asked for.
  for (const [i, line] of asked.entries()) {
    if (i % 3 !== 0) {
      assert.equal(said.indexOf(`expected ${line}`), said.indexOf(`asked ${asked[i - 1]}`) + 1);
    }
  }
});
