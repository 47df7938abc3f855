/** A whole block through the real kernels: its gradients against differences of what it makes. */
import assert from "node:assert/strict";
import { borderFor } from "../../src/backend/ops/depthwise.ts";
import { panels, type Value } from "../../src/backend/ops/value.ts";
import type { WasmRuntime } from "../../src/backend/tfjs_loader.ts";
import type { RandomState } from "../../src/core/random.ts";
import { networkEntries, networkParts } from "../../src/model/network_entries.ts";
import { type NetworkMemory, networkMemory } from "../../src/model/network_memory.ts";
import { packedLayout } from "../../src/model/packed_layout.ts";
import {
  type BlockConfig,
  blocks,
  convGeometry,
  EFFICIENTNET_B0,
  type Padding,
} from "../../src/model/stages.ts";
import { blockForward } from "../../src/model/training_block.ts";
import { blockBackward } from "../../src/model/training_block_backward.ts";
import type { TrainingPlan } from "../../src/model/training_layers.ts";
import { onBackend } from "../backend/backend_test_case.ts";
import { checkGradients, weighted } from "../backend/finite_differences.ts";
import { runOps } from "../backend/plan_harness.ts";
import { draw, randomFor } from "../backend/training_case.ts";

/**
 * Half of the distance of the two places: the loss is rounded to about 1e-7 of its terms, and bends by the square of
 * the step.
 */
const STEP = 2 ** -9;
/** Of a gradient's norm. Measured: up to 8e-4, which twice and half the step raise by bend or by rounding. */
const TOLERANCE = 2e-3;

const IMAGES = 5;

interface BlockCase {
  readonly block: string;
  /** Side of the input. */
  readonly size: number;
  readonly padding: Padding;
  readonly batchNorm: "batch" | "running";
  readonly recompute: boolean;
}

const CASES: readonly BlockCase[] = [
  // No expansion, and a bordered input.
  { block: "features.1.0", size: 6, padding: "symmetric", batchNorm: "batch", recompute: false },
  // Stride 2; squeeze-excite of four channels.
  { block: "features.2.0", size: 7, padding: "symmetric", batchNorm: "batch", recompute: true },
  // A residual connection with factors.
  { block: "features.2.1", size: 6, padding: "symmetric", batchNorm: "batch", recompute: false },
  { block: "features.2.1", size: 5, padding: "same", batchNorm: "running", recompute: true },
  // A kernel of 5 with stride 2; the other family's padding.
  { block: "features.3.0", size: 8, padding: "same", batchNorm: "batch", recompute: false },
  // Planes without borders.
  { block: "features.3.1", size: 3, padding: "symmetric", batchNorm: "batch", recompute: true },
];

for (const threads of [1, 2]) {
  for (const one of CASES) {
    Deno.test(`gradients of a block are its slopes: ${JSON.stringify(one)}, threads: ${threads}`, () =>
      onBackend({ threads }, ({ runtime }) => checkBlock(runtime, one)));
  }
}

function checkBlock(runtime: WasmRuntime, one: BlockCase): void {
  const block = blocks().find(({ name }) => name === one.block)!;
  const random = randomFor(JSON.stringify(one));
  const memory = blockMemory(runtime, block, random);
  try {
    const plan = planOf(runtime, memory, one);
    const input = inputOf(block, one);
    const { ops: forward, tape } = blockForward(plan, block, input);
    const { output } = tape;
    const gradient = panels("gradient", output.channels, output.height, output.width);
    const { ops: backward, inputGradient } = blockBackward(plan, tape, gradient, true);
    assert.ok(inputGradient);

    const x = fill(random, input, block.inputChannels);
    const dy = fill(random, output, block.outputChannels);
    const results = runOps(runtime, [...forward, ...backward], {
      images: IMAGES,
      capacity: IMAGES + 2,
      share: "chains",
      given: new Map([[input, x], [gradient, dy]]),
      kept: [input, gradient, output, inputGradient],
    });
    const names = entriesOf(block).filter(({ kind }) => !kind.startsWith("running"));
    const variables = Object.fromEntries([
      ["input", { at: x, gradient: results.get(inputGradient)! }] as const,
      ...names.map(({ name }) =>
        [name, { at: memory.read(name, "value"), gradient: memory.read(name, "gradient") }] as const
      ),
    ]);
    checkPadding(runtime, memory, block);
    checkGradients(
      one.block,
      variables,
      ({ input: numbers, ...parameters }) => {
        for (const [name, values] of Object.entries(parameters)) {
          memory.write(name, Float32Array.from(values), "value");
        }
        const made = runOps(runtime, forward, {
          images: IMAGES,
          share: "chains",
          given: new Map([[input, Float32Array.from(numbers)]]),
          kept: [input, output],
        });
        return weighted(made.get(output)!, dy);
      },
      { random, step: STEP, tolerance: TOLERANCE, directions: 2 },
    );
  } finally {
    memory.dispose();
  }
}

function entriesOf({ name }: BlockConfig) {
  const policies = new Map(
    networkParts().map((part) => [part, { trainable: true, batchNorm: "batch" }] as const),
  );
  return networkEntries(0, 1280, 8, policies).filter(({ part }) => part === name);
}

/** The block's parameters, drawn so that signals neither grow nor fade. */
function blockMemory(runtime: WasmRuntime, block: BlockConfig, random: RandomState): NetworkMemory {
  const entries = entriesOf(block);
  const memory = networkMemory(runtime, entries);
  for (const { name, shape, kind } of entries) {
    const count = shape.reduce((product, side) => product * side, 1);
    const inputs = count / shape[0];
    const values = draw(
      random,
      count,
      kind === "convolution" || kind === "depthwise" ? Math.sqrt(3 / inputs) : 0.5,
    );
    const positive = kind === "scale" || kind === "runningVariance";
    memory.write(name, positive ? values.map((value) => value + 1) : values, "value");
  }
  return memory;
}

function planOf(
  runtime: WasmRuntime,
  memory: NetworkMemory,
  { size, padding, batchNorm, recompute }: BlockCase,
): TrainingPlan {
  const factors = memory.reserve(IMAGES * 4);
  new Float32Array(runtime.memory.buffer, factors, IMAGES).set([1.25, 0, 1.25, 1.25, 0]);
  return {
    architecture: EFFICIENTNET_B0,
    size,
    batch: IMAGES + 2,
    stages: [8],
    features: 1280,
    classes: 0,
    padding,
    epsilon: 1e-3,
    momentum: 0.1,
    recompute,
    watch: [],
    policy: () => ({ trainable: true, batchNorm }),
    learns: () => true,
    reaches: () => true,
    weight: (name) => memory.address(name),
    gradient: (name) => memory.address(name, "gradient"),
    norm: memory.norm,
    factors: () => factors,
  };
}

/** Where the block begins with the depthwise convolution, its input carries that one's border. */
function inputOf(
  { inputChannels, expandedChannels, ...window }: BlockConfig,
  one: BlockCase,
): Value {
  const { size, padding } = one;
  const { kernel, stride } = window;
  const out = convGeometry(size, kernel, stride, padding);
  const border = borderFor(size, size, out.size, out.size, { ...window, before: out.before });
  return panels(
    "input",
    inputChannels,
    size,
    size,
    inputChannels === expandedChannels ? border : undefined,
  );
}

/** Numbers of all images; zero in the channels that fill up a panel. */
function fill(random: RandomState, { channels, height, width }: Value, real: number): Float32Array {
  return draw(random, IMAGES * height * width * channels)
    .map((value, i) => i % channels < real ? value : 0);
}

/** What fills up panels has no gradient, or else it would come to life with the first step. */
function checkPadding(runtime: WasmRuntime, memory: NetworkMemory, block: BlockConfig): void {
  let padding = 0;
  for (const entry of entriesOf(block)) {
    const { floats, position } = packedLayout(entry);
    const real = new Set(memory.read(entry.name, "gradient").keys().map(position));
    const packed = new Float32Array(
      runtime.memory.buffer,
      memory.address(entry.name, "gradient"),
      floats,
    );
    packed.forEach((value, i) => {
      if (real.has(i)) return;
      padding++;
      assert.equal(value, 0, `${entry.name}: gradient of float ${i}, which is none of its numbers`);
    });
  }
  const { squeezeChannels } = block;
  assert.equal(padding > 0, squeezeChannels % 8 !== 0, "squeeze-excite alone has odd channels");
}
