/** The references that the kernels are held by, against finite differences and against torch.optim. */
import assert from "node:assert/strict";
import { WINDOWED_SHAPES, windowsOf } from "./depthwise_gradient_cases.ts";
import { checkGradients, weighted } from "./finite_differences.ts";
import { NORM_SHAPES } from "./norm_numbers.ts";
import { referenceNorm, referenceNormGradient } from "./norm_reference.ts";
import { PLANE_SHAPES } from "./plane_gradient_cases.ts";
import { PRODUCT_SHAPES } from "./product_cases.ts";
import {
  activate,
  maxRelativeError,
  referenceDepthwise,
  referencePointwise,
  referencePool,
} from "./reference.ts";
import { draw, randomFor } from "./training_case.ts";
import {
  referenceColumnSums,
  referenceFilterGradient,
  referenceGateGradient,
  referenceInputGradient,
  referenceProductGradient,
  referenceScale,
  referenceSiluGradient,
  referenceSpread,
  referenceWeightGradient,
} from "./training_reference.ts";
import { type ReferenceRule, referenceUpdate } from "./update_reference.ts";

// Channels only repeat what one does, so that two are enough for differences: of a few hundred numbers at most.

Deno.test("batch norm's gradients are the slopes of batch norm", () => {
  for (const shape of NORM_SHAPES) {
    const { height, width, images } = shape;
    // A single number has no slope by its own statistics.
    const modes = height * width * images > 1 ? [true, false] : [false];
    for (const byBatch of modes) {
      for (const after of ["silu", "gated", "nothing", "factors"] as const) {
        checkNorm({ pixels: height * width, images, byBatch, after });
      }
    }
  }
});

function checkNorm({ pixels, images, byBatch, after }: {
  readonly pixels: number;
  readonly images: number;
  readonly byBatch: boolean;
  readonly after: "silu" | "gated" | "nothing" | "factors";
}): void {
  const what = JSON.stringify({ pixels, images, byBatch, after });
  const random = randomFor(what);
  const channels = 2;
  const size = images * pixels * channels;
  const x = draw(random, size, 2), dy = draw(random, size);
  const gamma = draw(random, channels, 1.5), beta = draw(random, channels);
  const gate = draw(random, images * channels), share = draw(random, images * channels, pixels);
  const silu = after === "silu" || after === "gated";
  const options = {
    images,
    channels,
    statistics: byBatch ? "batch" as const : "running" as const,
    runningMean: [0.5, -0.25],
    runningVariance: [0.5, 2],
    momentum: 0.1,
    epsilon: 1e-3,
    silu,
    factors: after === "factors" ? draw(random, images) : undefined,
  };
  const { mean, inverse } = referenceNorm({ ...options, x, gamma, beta });
  const gated = after === "gated" ? { gate, share } : undefined;
  const result = referenceNormGradient({
    ...options,
    x,
    dy,
    gamma,
    beta,
    mean,
    inverse,
    byBatch,
    gated,
  });
  checkGradients(
    what,
    {
      x: { at: x, gradient: result.dx },
      gamma: { at: gamma, gradient: result.gamma },
      beta: { at: beta, gradient: result.beta },
    },
    (at) => {
      const { y } = referenceNorm({ ...options, ...at });
      if (!gated) return weighted(y, dy);
      const perImage = pixels * channels;
      const product = y.map((value, i) =>
        value * gate[Math.floor(i / perImage) * channels + i % channels]
      );
      const means = referencePool(y, [images, pixels, 1, channels]);
      return weighted(product, dy) + weighted(means, share);
    },
    { random },
  );
}

Deno.test("the gradients of products are their slopes", () => {
  for (const { height, width, images } of PRODUCT_SHAPES) {
    const rows = height * width * images, inputs = 3, outputs = 2;
    const what = `${rows} rows`;
    const random = randomFor(what);
    const x = draw(random, rows * inputs), dy = draw(random, rows * outputs);
    const weight = draw(random, inputs * outputs), bias = draw(random, outputs);
    const product = { x, dy, inputs, outputs, weight };
    checkGradients(
      what,
      {
        x: { at: x, gradient: referenceProductGradient(product) },
        weight: { at: weight, gradient: referenceWeightGradient(product) },
        bias: { at: bias, gradient: referenceColumnSums(dy, outputs) },
      },
      (at) => weighted(referencePointwise({ rows, inputs, outputs, ...at }), dy),
      { random },
    );
  }
});

Deno.test("the gradients of depthwise convolutions are their slopes", () => {
  for (const shape of WINDOWED_SHAPES) {
    for (const window of windowsOf(shape)) {
      const { height, width } = shape;
      const { kernel, stride, before, outH, outW } = window;
      const what = JSON.stringify({ height, width, ...window });
      const random = randomFor(what);
      const images = 2, channels = 2;
      const geometry = {
        shape: [images, height, width, channels] as const,
        kernelSize: kernel,
        stride,
        padTop: before,
        padLeft: before,
        outH,
        outW,
      };
      const x = draw(random, images * height * width * channels);
      const filters = draw(random, kernel * kernel * channels);
      const dy = draw(random, images * outH * outW * channels);
      checkGradients(
        what,
        {
          x: { at: x, gradient: referenceInputGradient({ dy, kernel: filters, ...geometry }) },
          filters: { at: filters, gradient: referenceFilterGradient({ dy, x, ...geometry }) },
        },
        (at) => weighted(referenceDepthwise({ x: at.x, kernel: at.filters, ...geometry }), dy),
        { random },
      );
    }
  }
});

Deno.test("the gradients of gates, means, SiLU and scaled columns are their slopes", () => {
  for (const { height, width, images } of PLANE_SHAPES) {
    const pixels = height * width, channels = 2;
    const what = JSON.stringify({ pixels, images });
    const random = randomFor(what);
    const size = images * pixels * channels;
    const x = draw(random, size, 2), dy = draw(random, size);
    const before = draw(random, images * channels, 2), share = draw(random, images * channels);
    const scale = { columns: channels, factors: draw(random, channels), mask: draw(random, size) };
    const offsets = draw(random, channels);
    checkGradients(
      `gate ${what}`,
      { before: { at: before, gradient: referenceGateGradient(dy, x, gateOf(before), channels) } },
      (at) => {
        const gates = gateOf(at.before);
        const of = (i: number) => Math.floor(i / (pixels * channels)) * channels + i % channels;
        return weighted(Float64Array.from(x, (value, i) => value * gates[of(i)]), dy);
      },
      { random },
    );
    checkGradients(
      `silu ${what}`,
      { x: { at: x, gradient: referenceSiluGradient(dy, x) } },
      (at) => weighted(at.x.map((value) => activate(value, "silu")), dy),
      { random },
    );
    checkGradients(
      `mean ${what}`,
      { x: { at: x, gradient: referenceSpread(share, pixels, channels) } },
      (at) => weighted(referencePool(at.x, [images, height, width, channels]), share),
      { random },
    );
    checkGradients(
      `scale ${what}`,
      { x: { at: x, gradient: referenceScale({ x: dy, ...scale }) } },
      (at) => weighted(referenceScale({ ...at, ...scale, offsets }), dy),
      { random },
    );
  }
});

/** The gate in float64. */
function gateOf(before: ArrayLike<number>): Float64Array {
  return Float64Array.from(before, (value) => activate(value, "sigmoid"));
}

Deno.test("a gradient that is a little wrong is no slope", () => {
  const x = [1, 2, 3], dy = [0.5, -1, 2];
  const gradient = referenceSiluGradient(dy, x);
  const check = (claimed: ArrayLike<number>) =>
    checkGradients(
      "silu",
      { x: { at: x, gradient: claimed } },
      (at) => weighted(at.x.map((value) => activate(value, "silu")), dy),
      { random: randomFor("silu") },
    );
  check(gradient);
  assert.throws(() => check(gradient.map((value) => value * (1 + 1e-5))), /claimed/);
  assert.throws(() => check([gradient[1], gradient[0], gradient[2]]), /claimed/);
  assert.throws(() => check([0, 0, 0]), /is 0/);
});

Deno.test("the steps of the reference are torch.optim's: fixture by tests/fixtures/make_optimizers.py", () => {
  const { rates, values, gradients, cases } = JSON.parse(
    Deno.readTextFileSync(new URL("../fixtures/optimizers.json", import.meta.url)),
  );
  const zeros = new Float64Array(floatsOf(values).length);
  for (const { name, kind, options, after } of cases) {
    let arrays: Record<"value" | "first" | "second", Float64Array> = {
      value: Float64Array.from(floatsOf(values)),
      first: zeros,
      second: zeros,
    };
    gradients.forEach((gradient: string, index: number) => {
      const rule: ReferenceRule = {
        kind,
        learningRate: rates[index],
        weightDecay: options.weight_decay,
        step: index + 1,
        beta1: options.betas?.[0],
        beta2: options.betas?.[1],
        epsilon: options.eps,
        momentum: options.momentum,
        dampening: options.dampening,
        nesterov: options.nesterov,
      };
      arrays = referenceUpdate({ ...arrays, gradient: floatsOf(gradient) }, rule);
      const error = maxRelativeError(arrays.value, floatsOf(after[index]));
      // The fixture is PyTorch's float32: up to 1.5e-7 away from float64.
      assert.ok(error <= 3e-7, `${name}, step ${index + 1}: off by ${error}`);
    });
  }
});

/** Base64 of float32. */
function floatsOf(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
}
