import assert from "node:assert/strict";
import {
  activate,
  maxRelativeError,
  referenceConv2d,
  referenceDepthwise,
  referencePointwise,
  referencePool,
  referenceSqueezeExcite,
  samePadding,
  symmetricPadding,
} from "./reference.ts";

Deno.test("the reference convolution equals sums done by hand", () => {
  // 3 x 3 picture 1..9, 2 x 2 kernel of ones, one row and column of zeros before it.
  const result = referenceConv2d({
    x: [1, 2, 3, 4, 5, 6, 7, 8, 9],
    shape: [1, 3, 3, 1],
    kernelHwio: [1, 1, 1, 1],
    kernelShape: [2, 2, 1, 1],
    stride: 2,
    padTop: 1,
    padLeft: 1,
    outH: 2,
    outW: 2,
    bias: [100],
  });
  assert.deepEqual([...result], [101, 105, 111, 128]);
});

Deno.test("the reference convolution tells input from output channels", () => {
  const result = referenceConv2d({
    x: [1, 10],
    shape: [1, 1, 1, 2],
    kernelHwio: [1, 2, 3, 4, 5, 6],
    kernelShape: [1, 1, 2, 3],
    stride: 1,
    padTop: 0,
    padLeft: 0,
    outH: 1,
    outW: 1,
  });
  assert.deepEqual([...result], [41, 52, 63]);
});

Deno.test("the reference depthwise convolution keeps channels apart", () => {
  const kernel = new Float64Array(18).map((_, i) => i % 2 === 0 ? 1 : 0);
  kernel[8 + 1] = 3; // centre tap of channel 1
  const result = referenceDepthwise({
    x: [1, 5, 2, 6, 3, 7, 4, 8],
    shape: [1, 2, 2, 2],
    kernel,
    kernelSize: 3,
    stride: 1,
    padTop: 1,
    padLeft: 1,
    outH: 2,
    outW: 2,
    residual: [0, 0, 0, 0, 0, 0, 0, 1],
  });
  assert.deepEqual([...result], [10, 15, 10, 18, 10, 21, 10, 25]);
});

Deno.test("a pointwise product scales its inputs by the gate of their image", () => {
  const result = referencePointwise({
    x: [1, 2, 3, 4],
    rows: 2,
    inputs: 2,
    weight: [1, 10],
    outputs: 1,
    gate: [1, 1, 0.5, 0],
    rowsPerGate: 1,
  });
  assert.deepEqual([...result], [21, 1.5]);
});

Deno.test("pooling and squeeze-excite follow their definitions", () => {
  assert.deepEqual([...referencePool([1, 2, 3, 4], [1, 2, 1, 2])], [2, 3]);
  const gates = referenceSqueezeExcite({
    x: [1, 2, 3, 4],
    shape: [1, 2, 1, 2],
    reduceWeight: [1, 1],
    reduceBias: [-5],
    expandWeight: [1, 1],
    expandBias: [0, Math.log(3)],
  });
  assert.deepEqual([...gates].map((gate) => gate.toFixed(12)), [
    "0.500000000000",
    "0.750000000000",
  ]);
  assert.equal(activate(0, "silu"), 0);
});

Deno.test("paddings are TensorFlow's and PyTorch's", () => {
  assert.deepEqual(samePadding(28, 3, 2), { before: 0, after: 1, out: 14 });
  assert.deepEqual(samePadding(7, 5, 2), { before: 2, after: 2, out: 4 });
  assert.deepEqual(samePadding(1, 3, 1), { before: 1, after: 1, out: 1 });
  assert.deepEqual(symmetricPadding(28, 3, 2), { before: 1, after: 1, out: 14 });
  assert.deepEqual(symmetricPadding(7, 5, 2), { before: 2, after: 2, out: 4 });
});

Deno.test("an error that is not a number is never small", () => {
  assert.equal(maxRelativeError([1, NaN], [1, 2]), Infinity);
  assert.equal(maxRelativeError([1], [1, 2]), Infinity);
  assert.equal(maxRelativeError([1, 3], [1, 4]), 0.25);
});
