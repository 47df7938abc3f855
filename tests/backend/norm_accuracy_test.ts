/** Batch norm where sums of squares lose their digits: what is left must be float32's own rounding. */
import assert from "node:assert/strict";
import { coefficientBytes, norm, normGradient } from "../../src/backend/ops/norm.ts";
import { panels } from "../../src/backend/ops/value.ts";
import type { WasmRuntime } from "../../src/backend/tfjs_loader.ts";
import { RandomState } from "../../src/core/random.ts";
import { backendTest } from "./backend_test_case.ts";
import { referenceNorm, referenceNormGradient } from "./norm_reference.ts";
import { parameterMemory } from "./parameter_memory.ts";
import { runOps } from "./plan_harness.ts";
import { once } from "./training_case.ts";

const IMAGES = 50, HEIGHT = 50, WIDTH = 80, CHANNELS = 8;
const ROWS = IMAGES * HEIGHT * WIDTH; // 200,000
const EPSILON = 1e-5;
const SLOPE = 1.5, SHIFT = 0.5;
/** Half of the distance between two floats, for numbers of size 1. */
const ROUNDING = 2 ** -24;

interface Channel {
  readonly what: string;
  /** Number of row `i`, drawn with `normal`. */
  readonly x: (i: number, normal: () => number) => number;
  /** Its gradient. */
  readonly dy: (i: number, normal: () => number) => number;
}

const drawn = (_: number, normal: () => number) => normal();

const COLUMNS: readonly Channel[] = [
  { what: "mean 10,000", x: (_, normal) => 1e4 + normal(), dy: drawn },
  { what: "mean -10,000", x: (_, normal) => normal() - 1e4, dy: (_, normal) => 1 + normal() },
  { what: "constant", x: () => 3.7, dy: drawn },
  { what: "zeros", x: () => 0, dy: drawn },
  // Its variance is nothing beside epsilon.
  { what: "tiny numbers", x: (_, normal) => 1e-20 * normal(), dy: drawn },
  {
    what: "first row 30 deviations away",
    x: (i, normal) => i === 0 ? 30 : normal(),
    dy: drawn,
  },
  { what: "tiny gradients", x: drawn, dy: (_, normal) => 1e-30 * normal() },
  { what: "gradients below the normal numbers", x: drawn, dy: (_, normal) => 1e-41 * normal() },
];

const numbers = once(() => {
  const random = new RandomState(3);
  const normal = () => random.standardNormal();
  const x = new Float32Array(ROWS * CHANNELS), dy = new Float32Array(ROWS * CHANNELS);
  for (let i = 0; i < x.length; i++) {
    const column = COLUMNS[i % CHANNELS], row = Math.floor(i / CHANNELS);
    x[i] = column.x(row, normal);
    dy[i] = column.dy(row, normal);
  }
  const given = {
    gamma: new Float32Array(CHANNELS).fill(SLOPE),
    beta: new Float32Array(CHANNELS).fill(SHIFT),
    runningMean: new Float32Array(CHANNELS),
    runningVariance: new Float32Array(CHANNELS),
  };
  const common = { ...given, x, images: IMAGES, channels: CHANNELS, silu: false };
  // Momentum 1: the running statistics are the batch's.
  const forward = referenceNorm({
    ...common,
    statistics: "batch",
    momentum: 1,
    epsilon: Math.fround(EPSILON),
  });
  const { mean, inverse } = forward;
  const backward = referenceNormGradient({ ...common, dy, mean, inverse, byBatch: true });
  return { x, dy, given, forward, backward };
});

for (const options of [{ threads: 1, fma: false }, { threads: 2 }]) {
  const how = `${options.threads === 1 ? "1 thread, plain" : "2 threads, fused"}`;
  backendTest(`statistics of 200,000 rows keep their digits (${how})`, options, ({ runtime }) => {
    const { x, dy, forward, backward } = numbers();
    const actual = compute(runtime);
    COLUMNS.forEach(({ what }, c) => {
      const deviation = 1 / forward.inverse[c];
      // Sums are of squares of differences from the first row, K deviations away from the mean: 1 + K^2 on average.
      const away = (x[c] - forward.mean[c]) * forward.inverse[c];
      const tolerance = 8 * ROUNDING * (1 + away ** 2);
      const close = (name: string, value: number, expected: number, bound: number) => {
        const error = Math.abs(value - expected);
        assert.ok(error <= bound, `${what}, ${name}: ${value}, expected ${expected}`);
      };
      const mean = forward.runningMean[c];
      close("mean", actual.runningMean[c], mean, ROUNDING * (Math.abs(mean) + 8 * deviation));
      const variance = forward.runningVariance[c];
      close("variance", actual.runningVariance[c], variance, tolerance * deviation ** 2);
      close("1 / deviation", actual.inverse[c], forward.inverse[c], tolerance * forward.inverse[c]);

      let largest = 0, farthest = 0, worst = 0, worstSlope = 0, size = 0, ofShift = 0, ofScale = 0;
      for (let i = c; i < x.length; i += CHANNELS) {
        largest = Math.max(largest, Math.abs(x[i]));
        worst = Math.max(worst, Math.abs(actual.y[i] - forward.y[i]));
        worstSlope = Math.max(worstSlope, Math.abs(actual.dx[i] - backward.dx[i]));
        size = Math.max(size, Math.abs(dy[i]));
        ofShift += Math.abs(dy[i]);
        const normed = Math.abs(x[i] - forward.mean[c]) * forward.inverse[c];
        farthest = Math.max(farthest, normed);
        ofScale += Math.abs(dy[i]) * normed;
      }
      // y = a x + b in floats: a rounding of either term.
      const scaled = SLOPE * forward.inverse[c];
      const terms = scaled * (largest + Math.abs(mean)) + SHIFT;
      close("result", worst, 0, 2 * ROUNDING * terms + SLOPE * tolerance * farthest);

      // Below the normal numbers floats are 1.4e-45 apart.
      const least = 2 ** -149;
      const shiftBound = 8 * ROUNDING * ofShift + ROWS * least;
      // The mean is subtracted as the float next to it, which PyTorch keeps too.
      const byMean = Math.abs(backward.beta[c] * mean) * forward.inverse[c] * ROUNDING;
      const scaleBound = (8 * ROUNDING + tolerance) * ofScale + byMean + ROWS * least;
      close("gradient of shift", actual.beta[c], backward.beta[c], shiftBound);
      close("gradient of scale", actual.gamma[c], backward.gamma[c], scaleBound);
      const shared = (shiftBound + scaleBound * farthest) / ROWS;
      const bound = size * (8 * ROUNDING + tolerance) + shared + 2 * least;
      close("gradient", worstSlope, 0, scaled * bound);
      assert.ok(Math.abs(actual.beta[c]) > 0, `${what}: its gradient is gone`);
    });
  });
}

/** All that the kernels make of the numbers. */
function compute(runtime: WasmRuntime) {
  const { x, dy, given } = numbers();
  const source = panels("source", CHANNELS, HEIGHT, WIDTH);
  const target = panels("target", CHANNELS, HEIGHT, WIDTH);
  const gradient = panels("gradient", CHANNELS, HEIGHT, WIDTH);
  const inputGradient = panels("gradient of input", CHANNELS, HEIGHT, WIDTH);
  const memory = parameterMemory(runtime, {
    ...given,
    coefficients: coefficientBytes(CHANNELS) / 4,
    ofGamma: CHANNELS,
    ofBeta: CHANNELS,
  });
  const { at } = memory;
  try {
    const results = runOps(runtime, [
      norm(source, target, {
        gamma: at.gamma,
        beta: at.beta,
        runningMean: at.runningMean,
        runningVariance: at.runningVariance,
        coefficients: at.coefficients,
        statistics: "batch",
        silu: false,
        momentum: 1,
        epsilon: EPSILON,
      }),
      normGradient(gradient, inputGradient, {
        input: source,
        byBatch: true,
        silu: false,
        coefficients: at.coefficients,
        gradients: { gamma: at.ofGamma, beta: at.ofBeta },
      }),
    ], {
      images: IMAGES,
      given: new Map([[source, x], [gradient, dy]]),
      parameters: memory,
      writes: ["coefficients", "runningMean", "runningVariance", "ofGamma", "ofBeta"],
    });
    return {
      y: results.get(target)!,
      dx: results.get(inputGradient)!,
      runningMean: memory.read("runningMean"),
      runningVariance: memory.read("runningVariance"),
      inverse: memory.read("coefficients").subarray(3 * CHANNELS),
      gamma: memory.read("ofGamma"),
      beta: memory.read("ofBeta"),
    };
  } finally {
    memory.dispose();
  }
}
