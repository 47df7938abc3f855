/** What happens by chance in training: which residual branches and which features are dropped. @module */

import { UserError } from "../core/errors.ts";
import type { WasmRuntime } from "../backend/tfjs_loader.ts";
import type { Chance, GivenMasks } from "./network.ts";
import { type Architecture, blocks, STOCHASTIC_DEPTH } from "./stages.ts";

/** Where the factors lie and how they are drawn. */
export interface MaskTables {
  /** Memory. */
  readonly runtime: WasmRuntime;
  /** Whose blocks may be dropped. */
  readonly architecture: Architecture;
  /** Length of the feature vector. */
  readonly features: number;
  /** Most pictures of a step. */
  readonly batchSize: number;
  /** Address of `[blocks][batchSize]` factors of residual branches. */
  readonly blocks: number;
  /** Address of `[batchSize][features]` factors; undefined without dropout. */
  readonly mask?: number;
  /** Probability that a feature is dropped. */
  readonly dropout: number;
  /** Probability that the deepest branch is dropped. */
  readonly stochasticDepth: number;
}

/**
 * Numbers in [0, 1) from a counter: number `index` of a stream does not depend on any other, so that masks are the same
 * in whatever order and on however many threads they are drawn.
 *
 * A mixer of 32 bits with the least known bias of its form (hash-prospector, public domain) over a key and the counter.
 */
export function chanceAt({ seed, step }: Chance, stream: number, index: number): number {
  return draw(streamKey(seed, step, stream), index);
}

function draw(key: number, index: number): number {
  return mix(mix(index ^ key) + key | 0) / 2 ** 32;
}

function streamKey(seed: number, step: number, stream: number): number {
  return mix(mix(mix(seed) ^ step) + stream | 0);
}

function mix(x: number): number {
  x = Math.imul(x ^ x >>> 16, 0x21f0aaad);
  x = Math.imul(x ^ x >>> 15, 0x735a2d97);
  return (x ^ x >>> 15) >>> 0;
}

/** Streams: one per block, then the features'. */
const FEATURE_STREAM = 1000;

/** Writes the factors of one step: 0 or 1 / (1 - p). */
export function fillMasks(
  tables: MaskTables,
  images: number,
  chance: Chance | GivenMasks | "none",
): void {
  const { runtime, features, batchSize, dropout } = tables;
  const list = blocks(tables.architecture);
  const branch = new Float32Array(runtime.memory.buffer, tables.blocks, list.length * batchSize);
  const mask = tables.mask === undefined
    ? undefined
    : new Float32Array(runtime.memory.buffer, tables.mask, images * features);
  if (chance === "none") {
    branch.fill(1);
    mask?.fill(1);
    return;
  }
  if (!("seed" in chance)) {
    giveMasks(branch, mask, tables, images, chance);
    return;
  }
  list.forEach(({ dropProbability }, b) => {
    const p = dropProbability / STOCHASTIC_DEPTH * tables.stochasticDepth;
    for (let i = 0; i < images; i++) {
      branch[b * batchSize + i] = chanceAt(chance, b, i) < p ? 0 : 1 / (1 - p);
    }
  });
  if (!mask) return;
  const key = streamKey(chance.seed, chance.step, FEATURE_STREAM);
  const kept = 1 / (1 - dropout);
  for (let i = 0; i < mask.length; i++) mask[i] = draw(key, i) < dropout ? 0 : kept;
}

function giveMasks(
  branch: Float32Array,
  mask: Float32Array | undefined,
  { architecture, features, batchSize }: MaskTables,
  images: number,
  given: GivenMasks,
): void {
  const count = blocks(architecture).length;
  const expect = (what: string, numbers: Float32Array | undefined, length: number) => {
    if (numbers && numbers.length !== length) {
      throw new UserError(
        `Cannot use the masks of ${what}: ${numbers.length} factors, expected ${length}`,
      );
    }
  };
  expect("blocks", given.blocks, count * images);
  expect("features", given.features, images * features);
  if (given.features && !mask) {
    throw new UserError("Cannot use the masks of features: the network was made with dropout 0");
  }
  branch.fill(1);
  for (let b = 0; b < count && given.blocks; b++) {
    branch.set(given.blocks.subarray(b * images, (b + 1) * images), b * batchSize);
  }
  if (!mask) return;
  if (given.features) mask.set(given.features);
  else mask.fill(1);
}
