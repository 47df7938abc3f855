/** What is dropped by chance: how often, independently of what, and the same everywhere. */
import assert from "node:assert/strict";
import type { WasmRuntime } from "../../src/backend/tfjs_loader.ts";
import { chanceAt, fillMasks, type MaskTables } from "../../src/model/masks.ts";
import type { Chance, GivenMasks } from "../../src/model/network.ts";
import { blocks, EFFICIENTNET_B0 } from "../../src/model/stages.ts";

const BLOCKS = blocks().length;
/** Deviations: of 10,000 honest counts one lies farther out by chance alone, and the seeds are fixed. */
const LIMIT = 4;

/** Stream of the features, behind those of the blocks. */
const FEATURES = 1000;

/** Factors of one step. */
interface Masks {
  /** `[16][batchSize]` */
  readonly blocks: Float32Array;
  /** `[images][features]` */
  readonly features: Float32Array | undefined;
}

interface MaskOptions extends Partial<Pick<MaskTables, "batchSize" | "features">> {
  readonly images?: number;
  readonly dropout?: number;
  readonly stochasticDepth?: number;
}

/** Tables in memory of their own, filled for one step. */
function masks(chance: Chance | GivenMasks | "none", options: MaskOptions = {}): Masks {
  const { images = 4, features = 10, dropout = 0.2, stochasticDepth = 0.2 } = options;
  const { batchSize = images } = options;
  const blockFloats = BLOCKS * batchSize, featureFloats = batchSize * features;
  const pages = Math.ceil((blockFloats + featureFloats) * 4 / 65536);
  const memory = new WebAssembly.Memory({ initial: pages });
  const tables: MaskTables = {
    architecture: EFFICIENTNET_B0,
    runtime: { memory } as WasmRuntime, // no more of it is asked for
    features,
    batchSize,
    blocks: 0,
    mask: dropout > 0 ? blockFloats * 4 : undefined,
    dropout,
    stochasticDepth,
  };
  new Float32Array(memory.buffer).fill(NaN);
  fillMasks(tables, images, chance);
  const rest = new Float32Array(memory.buffer, (blockFloats + images * features) * 4);
  assert.ok(rest.every(Number.isNaN), "what lies behind the tables was written");
  return {
    blocks: new Float32Array(memory.buffer, 0, blockFloats),
    features: dropout > 0
      ? new Float32Array(memory.buffer, blockFloats * 4, images * features)
      : undefined,
  };
}

/** @throws Where `count` of `trials` is not what chances of `p` give. */
function assertBinomial(count: number, trials: number, p: number, what: string): void {
  const deviation = Math.sqrt(trials * p * (1 - p));
  const away = Math.abs(count - trials * p);
  assert.ok(away <= LIMIT * deviation, `${what}: ${count} of ${trials}, expected ${trials * p}`);
}

function countZeros(numbers: Float32Array): number {
  return numbers.reduce((count, value) => count + Number(value === 0), 0);
}

Deno.test("the first numbers are pinned: a run can be repeated with any later version", () => {
  // lowbias32's mixing written anew in Python: mix(mix(index ^ key) + key), key = mix(mix(mix(seed) ^ step) + stream).
  const pinned: readonly (readonly [Chance, number, readonly number[]])[] = [
    [{ seed: 1, step: 1 }, 0, [1574865380, 57787284, 228510330, 95033038]],
    [{ seed: 1, step: 1 }, 1, [1466329752, 3457265401, 293896495, 1475098354]],
    [{ seed: 1, step: 2 }, 0, [2810023239, 2792993375, 3974347292, 3696019076]],
    [{ seed: 2, step: 1 }, 0, [3013425055, 1398522542, 2719123270, 1223714287]],
    [{ seed: 4294967295, step: 1e6 }, 15, [3598103793, 242883583, 2400304907, 2939590884]],
    [{ seed: 7, step: 3 }, FEATURES, [503201488, 3349137622, 1874663121, 3977790365]],
  ];
  for (const [chance, stream, words] of pinned) {
    assert.deepEqual(words.map((_, index) => chanceAt(chance, stream, index) * 2 ** 32), words);
  }
});

Deno.test("masks are those numbers: a block's by its stream, the features' by theirs", () => {
  const chance = { seed: 7, step: 3 };
  const { blocks: factors, features } = masks(chance, { images: 4, batchSize: 6, features: 10 });
  blocks().forEach(({ dropProbability: p }, b) => {
    for (let i = 0; i < 4; i++) {
      const expected = chanceAt(chance, b, i) < p ? 0 : Math.fround(1 / (1 - p));
      assert.equal(factors[b * 6 + i], expected, `block ${b}, picture ${i}`);
    }
  });
  features!.forEach((factor, i) => {
    assert.equal(factor, chanceAt(chance, FEATURES, i) < 0.2 ? 0 : 1.25, `feature ${i}`);
  });
  assert.deepEqual(features!.slice(0, 4), Float32Array.of(0, 1.25, 1.25, 1.25));
});

Deno.test("features are dropped at their rate, in every step and in every column", () => {
  for (const dropout of [0.05, 0.2, 0.5]) {
    const features = 160, images = 50, steps = 20;
    const columns = new Float64Array(features);
    for (let step = 1; step <= steps; step++) {
      const mask = masks({ seed: 3, step }, { images, features, dropout }).features!;
      assertBinomial(countZeros(mask), mask.length, dropout, `step ${step}`);
      mask.forEach((factor, i) => columns[i % features] += Number(factor === 0));
    }
    columns.forEach((count, c) => assertBinomial(count, images * steps, dropout, `column ${c}`));
  }
});

Deno.test("blocks are dropped at their rates, deeper ones more often", () => {
  for (const stochasticDepth of [0.2, 0.5]) {
    const images = 64, steps = 200;
    const dropped = new Float64Array(BLOCKS);
    for (let step = 1; step <= steps; step++) {
      const { blocks: factors } = masks({ seed: 5, step }, { images, stochasticDepth });
      factors.forEach((factor, i) => dropped[Math.floor(i / images)] += Number(factor === 0));
    }
    dropped.forEach((count, b) =>
      assertBinomial(count, images * steps, stochasticDepth * b / BLOCKS, `block ${b}`)
    );
    assert.equal(dropped[0], 0);
  }
});

Deno.test("numbers are evenly spread and go with no other's index, stream, step or seed", () => {
  const count = 20_000;
  const base = Float64Array.from({ length: count }, (_, i) => chanceAt({ seed: 9, step: 4 }, 2, i));
  const bins = new Float64Array(64);
  for (const value of base) bins[Math.floor(value * 64)]++;
  bins.forEach((hits, bin) => assertBinomial(hits, count, 1 / 64, `bin ${bin}`));
  const others: Readonly<Record<string, (i: number) => number>> = {
    "next index": (i) => chanceAt({ seed: 9, step: 4 }, 2, i + 1),
    "next row of 1280": (i) => chanceAt({ seed: 9, step: 4 }, 2, i + 1280),
    "next stream": (i) => chanceAt({ seed: 9, step: 4 }, 3, i),
    "features' stream": (i) => chanceAt({ seed: 9, step: 4 }, FEATURES, i),
    "next step": (i) => chanceAt({ seed: 9, step: 5 }, 2, i),
    "next seed": (i) => chanceAt({ seed: 10, step: 4 }, 2, i),
    "step and seed exchanged": (i) => chanceAt({ seed: 4, step: 9 }, 2, i),
  };
  for (const [what, other] of Object.entries(others)) {
    // Of independent numbers, evenly spread in [0, 1), the products' deviation is 1 / 12.
    const product = base.reduce((sum, value, i) => sum + (value - 0.5) * (other(i) - 0.5), 0);
    assert.ok(Math.abs(product) <= LIMIT * Math.sqrt(count) / 12, `${what}: ${product}`);
  }
});

Deno.test("a picture's fate does not depend on how many others there are, nor on what was drawn before", () => {
  const chance = { seed: 21, step: 8 };
  const many = masks(chance, { images: 9 });
  const few = masks(chance, { images: 3, batchSize: 5 });
  for (let b = 0; b < BLOCKS; b++) {
    assert.deepEqual(few.blocks.slice(b * 5, b * 5 + 3), many.blocks.slice(b * 9, b * 9 + 3));
  }
  assert.deepEqual(few.features, many.features!.slice(0, 3 * 10));
  const forwards = Array.from({ length: 100 }, (_, i) => chanceAt(chance, 1, i));
  const backwards = Array.from({ length: 100 }, (_, i) => chanceAt(chance, 1, 99 - i)).reverse();
  assert.deepEqual(backwards, forwards);
});

Deno.test("nothing is dropped without chance, nor with rates of 0", () => {
  const { blocks: factors, features } = masks("none", { images: 3, batchSize: 5 });
  assert.ok(factors.every((factor) => factor === 1) && features!.every((factor) => factor === 1));
  const never = masks({ seed: 1, step: 1 }, { images: 50, dropout: 0, stochasticDepth: 0 });
  assert.ok(never.blocks.every((factor) => factor === 1));
  assert.equal(never.features, undefined);
});

Deno.test("masks given by hand go to their places; what is not given is 1", () => {
  const images = 3, batchSize = 5, features = 10;
  const given = Float32Array.from({ length: BLOCKS * images }, (_, i) => i);
  const mask = Float32Array.from({ length: images * features }, (_, i) => -i);
  const both = masks({ blocks: given, features: mask }, { images, batchSize });
  assert.deepEqual(both.features, mask);
  for (let b = 0; b < BLOCKS; b++) {
    const row = both.blocks.slice(b * batchSize, b * batchSize + images);
    assert.deepEqual(row, given.slice(b * images, (b + 1) * images), `block ${b}`);
  }
  const ones = (numbers: Float32Array | undefined) => numbers!.every((factor) => factor === 1);
  assert.ok(ones(masks({ blocks: given }, { images, batchSize }).features));
  assert.ok(ones(masks({ features: mask }, { images, batchSize }).blocks));
});

Deno.test("masks of the wrong length, and of features that are never dropped, are refused", () => {
  const images = 3;
  const refuse = (given: GivenMasks, message: string, dropout = 0.2) =>
    assert.throws(() => masks(given, { images, batchSize: 5, dropout }), {
      name: "UserError",
      message,
    });
  refuse(
    { blocks: new Float32Array(BLOCKS * 5) },
    "Cannot use the masks of blocks: 80 factors, expected 48",
  );
  refuse(
    { features: new Float32Array(29) },
    "Cannot use the masks of features: 29 factors, expected 30",
  );
  refuse(
    { features: new Float32Array(30) },
    "Cannot use the masks of features: the network was made with dropout 0",
    0,
  );
});
