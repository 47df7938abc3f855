// Shards: which rows they are, what their files are called, and what does not belong together.
import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { drawSample } from "../../src/data/sample.ts";
import {
  classesText,
  type FeatureKey,
  keyTexts,
  writeFeatureFile,
  writeFeatures,
} from "../../src/train/feature_cache.ts";
import {
  hashedRows,
  isShard,
  openShards,
  SHARD,
  shardPath,
  shardRows,
} from "../../src/train/feature_shards.ts";
import { IMAGENET_PREPROCESSING } from "../../src/core/preprocessing.ts";
import { emptyFolder } from "../cli/graft.ts";

const DATA = drawSample({ rows: 2100 });
const COLUMNS = 2;

async function keyOf(data: { hash(): Promise<string> }, size = 28): Promise<FeatureKey> {
  return {
    weightsSha256: "a".repeat(64),
    variant: "torchvision",
    preprocessing: { ...IMAGENET_PREPROCESSING, size, fit: "whole" },
    stages: [3],
    datasetSha256: await data.hash(),
  };
}

/** Features that tell their row. */
function featuresOf(start: number, end: number): Float32Array {
  return Float32Array.from({ length: (end - start) * COLUMNS }, (_, i) => start * COLUMNS + i);
}

/** Writes a shard of {@linkcode DATA}. */
async function writeShard(path: string, number: number, of: number, size = 28) {
  const [start, end] = shardRows(DATA.length, { number, of });
  const part = DATA.subset(Int32Array.from({ length: end - start }, (_, i) => start + i));
  const [from, to] = hashedRows(DATA.length, { number, of });
  const hashed = DATA.subset(Int32Array.from({ length: to - from }, (_, i) => from + i));
  const manifest = { number, of, rows: DATA.length, blocks: await hashed.hashBlocks() };
  const key = await keyOf(part, size);
  const pieces = [featuresOf(start, end)];
  await writeFeatures(path, { rows: end - start, columns: COLUMNS, pieces }, key, {
    known: part,
    metadata: { [SHARD]: JSON.stringify(manifest) },
  });
  return { manifest, key };
}

Deno.test("each row is in one shard, none is larger by more than a row, and each block is hashed in one", () => {
  for (const length of [0, 1, 1023, 1024, 1025, 5000, 1_000_000]) {
    for (const  of of[1, 2, 3, 7, 64]) {
      let at = 0;
      let hashed = 0;
      const sizes: number[] = [];
      for (let number = 1; number <= of; number++) {
        const [start, end] = shardRows(length, { number, of });
        assert.equal(start, at);
        const [from, to] = hashedRows(length, { number, of });
        assert.equal(from, hashed);
        assert.ok(from >= start && (from % 1024 === 0 || from === length));
        hashed = to;
        sizes.push(end - start);
        at = end;
      }
      assert.equal(at, length);
      assert.equal(hashed, length);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, `${sizes}`);
    }
  }
});

Deno.test("a shard's file is named for it", () => {
  const shard = { number: 2, of: 8 };
  assert.equal(shardPath("out/f.safetensors", shard), "out/f.2-of-8.safetensors");
  assert.equal(shardPath("v1.0/features", shard), "v1.0/features.2-of-8");
});

for (const  of of[1, 3, 7]) {
  Deno.test(`${of} merged shards are the file that a single run writes, in whatever order they are given`, async () => {
    await using folder = await emptyFolder();
    const paths = Array.from({ length: of }, (_, i) => folder.file(`${i}`));
    for (const [i, path] of paths.entries()) await writeShard(path, i + 1, of);
    const [whole, merged] = [folder.file("whole"), folder.file("merged")];
    const pieces = [featuresOf(0, DATA.length)];
    await writeFeatures(whole, { rows: DATA.length, columns: COLUMNS, pieces }, await keyOf(DATA), {
      known: DATA,
    });
    using shards = await openShards(paths.toReversed());
    await writeFeatureFile(merged, {
      rows: shards.rows,
      columns: shards.columns,
      metadata: { ...shards.key, ...classesText(shards.classes!) },
      hasLabels: true,
      read: shards.tensor,
    });
    assert.deepEqual(await Deno.readFile(merged), await Deno.readFile(whole));
  });
}

Deno.test("a shard that is there is known again; one of other settings is not overwritten", async () => {
  await using folder = await emptyFolder();
  const path = folder.file("s");
  const { manifest, key } = await writeShard(path, 2, 3);
  assert.equal(await isShard(path, manifest, key), true);
  assert.equal(await isShard(folder.file("none"), manifest, key), false);
  const other = { ...key, stages: [4] };
  await assert.rejects(isShard(path, manifest, other), /other features \(stages differs\)/);
});

Deno.test("what does not belong together is refused by name", async () => {
  await using folder = await emptyFolder();
  const [a, b, c, foreign, plain] = ["a", "b", "c", "foreign", "plain"].map(folder.file);
  await writeShard(a, 1, 3);
  await writeShard(b, 2, 3);
  await writeShard(c, 3, 3);
  await writeShard(foreign, 3, 3, 32);
  const [start, end] = [0, DATA.length];
  await writeFeatures(
    plain,
    { rows: end, columns: COLUMNS, pieces: [featuresOf(start, end)] },
    await keyOf(DATA),
  );
  const refused: [string[], RegExp][] = [
    [[a, b], /of 3 shards 1 are missing: 3/],
    [[a, b, b, c], /shard 2 is given twice/],
    [[a, b, foreign], /foreign: it was made by other preprocessing, unlike/],
    [[plain], /plain: it is no shard of features/],
    [[], /no shard is given/],
  ];
  for (const [paths, message] of refused) {
    await assert.rejects(openShards(paths), (error) => {
      assert.ok(error instanceof UserError, `${error}`);
      assert.match(error.message, message);
      return true;
    });
  }
  const bytes = await Deno.readFile(c);
  await Deno.writeFile(c, bytes.subarray(0, bytes.length - 8));
  await assert.rejects(openShards([a, b, c]), /the file is truncated/);
});

Deno.test("a manifest that cannot be is not believed", async () => {
  await using folder = await emptyFolder();
  const path = folder.file("s");
  for (
    const text of ["{", "null", '{"number":2,"of":1,"rows":1,"blocks":{"hashes":[],"files":true}}']
  ) {
    await writeFeatureFile(path, {
      rows: 1,
      columns: COLUMNS,
      metadata: { ...keyTexts(await keyOf(DATA)), [SHARD]: text },
      hasLabels: false,
      read: () => [new Uint8Array(4 * COLUMNS)],
    });
    await assert.rejects(openShards([path]), /what it says of itself is damaged/, text);
  }
});
