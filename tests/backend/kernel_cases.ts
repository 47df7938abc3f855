/** One suite for every build of the kernels: each op alone against the plain reference. @module */
import assert from "node:assert/strict";
import type { BackendOptions } from "../../src/backend/mod.ts";
import {
  borderFor,
  depthwise,
  isSmallPlane,
  packDepthwise,
} from "../../src/backend/ops/depthwise.ts";
import { gemm, type GemmOptions, packGemm } from "../../src/backend/ops/gemm.ts";
import {
  applyGate,
  meanToOutput,
  PATCH_COLUMNS,
  patchColumn,
  patches,
} from "../../src/backend/ops/planes.ts";
import { type Border, padChannels, panels, type Value } from "../../src/backend/ops/value.ts";
import type { WasmRuntime } from "../../src/backend/tfjs_loader.ts";
import { RandomState } from "../../src/core/random.ts";
import { backendTest } from "./backend_test_case.ts";
import { runOp } from "./plan_harness.ts";
import { reserveLowerHalf } from "./reserve.ts";
import {
  activate,
  maxRelativeError,
  referenceDepthwise,
  referencePointwise,
  referencePool,
  samePadding,
  symmetricPadding,
} from "./reference.ts";

/** A build of the kernels and the threads that it runs on. */
export interface KernelBuild {
  /** For the names of tests, for instance `"2 threads, fused"`. */
  readonly name: string;
  /** How to start it. */
  readonly options: BackendOptions;
  /** Whether all addresses are to lie beyond 2 GB. @default false */
  readonly high?: boolean;
}

/**
 * Relative to the largest result. The longest sums add 1152 products one after another, each rounded to 2^-24:
 * about sqrt(1152) * 2^-24 = 2e-6 for the worst of many. A wrong tap or row is off by 1e-2 and more.
 */
const TOLERANCE = 4e-6;

/** Registers the tests of all ops for one build. */
export function kernelCases({ name, options, high = false }: KernelBuild): void {
  const kernelTest = (what: string, body: (runtime: WasmRuntime) => void) =>
    backendTest(`${what} (${name})`, options, ({ runtime, report }) => {
      assert.equal(report.threads, options.threads);
      if (options.fma === false) assert.equal(report.fma, false);
      if (high) assert.ok(reserveLowerHalf(runtime));
      body(runtime);
    });

  kernelTest("pointwise convolutions equal the reference, with every epilogue", (runtime) => {
    for (const shape of GEMM_SHAPES) {
      for (const epilogue of ["linear", "residual", "silu", "sigmoid"] as const) {
        checkGemm(runtime, { ...shape, epilogue });
      }
    }
  });

  kernelTest("pointwise convolutions fill a bordered target and zero its border", (runtime) => {
    for (const shape of BORDERED_SHAPES) {
      for (const epilogue of ["linear", "silu"] as const) {
        checkGemm(runtime, { ...shape, epilogue });
      }
    }
  });

  kernelTest("activations hold far from zero", checkActivations);

  for (const padding of ["symmetric", "same"] as const) {
    kernelTest(`depthwise convolutions equal the reference, ${padding} padding`, (runtime) => {
      for (const kernel of [3, 5]) {
        for (const stride of [1, 2]) {
          for (const shape of DEPTHWISE_SHAPES) {
            checkDepthwise(runtime, { ...shape, kernel, stride, padding });
          }
        }
      }
    });

    kernelTest(`patches of pictures of 28 to 33 pixels, ${padding} padding`, (runtime) => {
      for (let size = 28; size <= 33; size++) checkPatches(runtime, { size, images: 3, padding });
      checkPatches(runtime, { size: 28, images: 1, padding });
    });
  }

  kernelTest("gates scale every plane by its own factor", (runtime) => {
    for (const shape of PLANE_SHAPES) checkGate(runtime, shape);
  });

  kernelTest("means go to their columns of the output and nowhere else", (runtime) => {
    for (const shape of PLANE_SHAPES) checkMean(runtime, shape);
  });
}

interface Shape {
  readonly height: number;
  readonly width: number;
  readonly images: number;
  /** More than `images` where a plan runs on fewer than it holds. */
  readonly capacity?: number;
}

interface GemmShape extends Shape {
  readonly inputs: number;
  readonly outputs: number;
  readonly border?: Border;
}

const GEMM_SHAPES: readonly GemmShape[] = [
  // Squeeze-excite: one pixel, panels shared among threads, channels that do not fill a panel.
  { height: 1, width: 1, inputs: 8, outputs: 8, images: 1 },
  { height: 1, width: 1, inputs: 96, outputs: 4, images: 17 },
  { height: 1, width: 1, inputs: 6, outputs: 144, images: 5 },
  { height: 1, width: 1, inputs: 1152, outputs: 48, images: 3 },
  // One to three rows left behind the tiles of four.
  { height: 1, width: 3, inputs: 24, outputs: 40, images: 1 },
  { height: 3, width: 2, inputs: 20, outputs: 12, images: 1 },
  { height: 3, width: 3, inputs: 16, outputs: 24, images: 3 },
  { height: 5, width: 7, inputs: 40, outputs: 20, images: 3, capacity: 5 },
  // More rows than one block takes, of few and of many weights; 64 x 16 pixels are a multiple of 4 KB.
  { height: 16, width: 16, inputs: 8, outputs: 8, images: 3 },
  { height: 64, width: 16, inputs: 16, outputs: 16, images: 1 },
  { height: 7, width: 7, inputs: 1152, outputs: 16, images: 5 },
];

const BORDERED_SHAPES: readonly GemmShape[] = [
  {
    height: 5,
    width: 5,
    inputs: 16,
    outputs: 24,
    images: 1,
    border: { top: 1, left: 1, rows: 7, columns: 7 },
  },
  {
    height: 7,
    width: 7,
    inputs: 8,
    outputs: 20,
    images: 5,
    border: { top: 2, left: 2, rows: 11, columns: 11 },
  },
  // SAME with stride 2 on even sides: zeros behind only.
  {
    height: 14,
    width: 14,
    inputs: 24,
    outputs: 8,
    images: 3,
    border: { top: 0, left: 0, rows: 15, columns: 15 },
  },
  {
    height: 14,
    width: 14,
    inputs: 24,
    outputs: 8,
    images: 3,
    capacity: 17,
    border: { top: 1, left: 1, rows: 17, columns: 17 },
  },
  // Narrower than a tile, so that a tile spans rows and images, and a part begins within a row.
  {
    height: 6,
    width: 3,
    inputs: 8,
    outputs: 8,
    images: 17,
    border: { top: 1, left: 1, rows: 8, columns: 5 },
  },
  {
    height: 6,
    width: 1,
    inputs: 8,
    outputs: 8,
    images: 3,
    border: { top: 2, left: 2, rows: 10, columns: 5 },
  },
  // Zeros in front only: a window that stops before the end.
  {
    height: 5,
    width: 6,
    inputs: 8,
    outputs: 16,
    images: 3,
    border: { top: 1, left: 1, rows: 6, columns: 7 },
  },
  // More rows than one block takes.
  {
    height: 28,
    width: 28,
    inputs: 8,
    outputs: 8,
    images: 3,
    border: { top: 1, left: 1, rows: 30, columns: 30 },
  },
];

function checkGemm(
  runtime: WasmRuntime,
  shape: GemmShape & Pick<GemmOptions, "epilogue">,
): void {
  const { height, width, inputs, outputs, images, capacity, border, epilogue } = shape;
  const random = new RandomState(inputs * 7 + outputs);
  const rows = images * height * width;
  const source = panels("source", inputs, height, width);
  const target = panels("target", outputs, height, width, border);
  const x = draw(random, rows * source.channels);
  const weight = draw(random, inputs * outputs, 1 / Math.sqrt(inputs));
  const bias = draw(random, outputs);
  const residual = panels("residual", outputs, height, width);
  const brought = draw(random, rows * target.channels);
  const isResidual = epilogue === "residual";
  withFloats(
    runtime,
    [source.channels * target.channels, target.channels],
    (addresses, [packed, biases]) => {
      packGemm(packed, inputs, outputs, (k, n) => weight[k * outputs + n]);
      biases.set(bias);
      const op = gemm(source, target, {
        weight: addresses[0],
        bias: addresses[1],
        epilogue,
        residual: isResidual ? residual : undefined,
      });
      const given = new Map([[source, x]]);
      if (isResidual) given.set(residual, brought);
      const actual = runOp(runtime, op, { images, capacity, given }).get(target)!;
      // What stands in the channels that fill up a panel meets weights of zero.
      const expected = referencePointwise({
        x,
        rows,
        inputs: source.channels,
        weight: widened(weight, inputs, outputs, source.channels, target.channels),
        outputs: target.channels,
        bias: Float32Array.from(
          { length: target.channels },
          (_, n) => n < outputs ? bias[n] : 0,
        ),
        activation: epilogue === "silu" || epilogue === "sigmoid" ? epilogue : "none",
        residual: isResidual ? brought : undefined,
      });
      assertClose(actual, expected, describe(shape));
    },
  );
}

/** The identity as weights, so that the sums are the numbers given. */
function checkActivations(runtime: WasmRuntime): void {
  const sums = [0, -0, 1e-30, -1e-30, 1e-4, -1e-4, 0.5, -0.5, 5, -5, 20, -20, 80, -80];
  const far = [88, -88, 104, -104, 1000, -1000, 1e30, -1e30];
  const dense = Array.from({ length: 2400 }, (_, i) => (i - 1200) / 50);
  const x = Float32Array.from([...sums, ...far, 3, -3, ...dense]);
  const source = panels("source", 8, 1, x.length / 8);
  for (const epilogue of ["silu", "sigmoid"] as const) {
    const target = panels("target", 8, 1, x.length / 8);
    withFloats(runtime, [64, 8], (addresses, [packed, bias]) => {
      packGemm(packed, 8, 8, (k, n) => k === n ? 1 : 0);
      bias.fill(0);
      const op = gemm(source, target, { weight: addresses[0], bias: addresses[1], epilogue });
      const actual = runOp(runtime, op, { images: 1, given: new Map([[source, x]]) }).get(target)!;
      x.forEach((sum, i) => {
        const expected = activate(sum, epilogue);
        const what = `${epilogue}(${sum}) is ${actual[i]}, expected ${expected}`;
        // Where the result is nearly 0 it is as close as elsewhere, not relatively close.
        assert.ok(Math.abs(actual[i] - expected) <= 1e-6 * Math.max(1, Math.abs(expected)), what);
      });
    });
  }
}

interface DepthwiseShape extends Shape {
  readonly channels: number;
}

const DEPTHWISE_SHAPES: readonly DepthwiseShape[] = [
  // Small planes: only the taps that fall inside, four images at a time.
  { height: 1, width: 1, channels: 20, images: 17 },
  { height: 1, width: 1, channels: 8, images: 1 },
  { height: 2, width: 2, channels: 24, images: 5 },
  { height: 3, width: 3, channels: 8, images: 3 },
  { height: 4, width: 4, channels: 40, images: 5, capacity: 17 },
  { height: 3, width: 4, channels: 8, images: 4 },
  // Bordered planes; widths that take every tile, alone and beside others.
  { height: 5, width: 5, channels: 20, images: 3 },
  { height: 5, width: 11, channels: 8, images: 2 },
  { height: 6, width: 20, channels: 8, images: 1 },
  { height: 4, width: 6, channels: 8, images: 1 },
  { height: 7, width: 7, channels: 40, images: 5 },
  { height: 8, width: 8, channels: 8, images: 17 },
  { height: 14, width: 14, channels: 24, images: 3, capacity: 5 },
  { height: 33, width: 30, channels: 8, images: 1 },
  // More rows than one band of the activation takes.
  { height: 60, width: 70, channels: 8, images: 1 },
];

function checkDepthwise(
  runtime: WasmRuntime,
  shape: DepthwiseShape & { kernel: number; stride: number; padding: "symmetric" | "same" },
): void {
  const { height, width, channels, images, capacity, kernel, stride, padding } = shape;
  const pad = padding === "same" ? samePadding : symmetricPadding;
  const [vertical, horizontal] = [pad(height, kernel, stride), pad(width, kernel, stride)];
  if (vertical.before !== horizontal.before) return; // windows are square: one `before` for both sides
  const random = new RandomState(kernel * 100 + height);
  const window = { kernel, stride, before: vertical.before };
  const border = borderFor(height, width, vertical.out, horizontal.out, window);
  assert.equal(border === undefined, isSmallPlane(height, width));
  const source = panels("source", channels, height, width, border);
  const target = panels("target", channels, vertical.out, horizontal.out);
  const means = panels("means", channels, 1, 1);
  const x = draw(random, images * height * width * source.channels);
  const taps = kernel * kernel;
  const filters = draw(random, taps * source.channels, 2 / kernel);
  const bias = draw(random, source.channels);
  withFloats(
    runtime,
    [source.channels * taps, source.channels],
    (addresses, [packed, biases]) => {
      packDepthwise(packed, source.channels, taps, (c, tap) => filters[tap * source.channels + c]);
      biases.set(bias);
      const op = depthwise(source, target, means, {
        ...window,
        weight: addresses[0],
        bias: addresses[1],
      });
      const results = runOp(runtime, op, { images, capacity, given: new Map([[source, x]]) });
      const expected = referenceDepthwise({
        x,
        shape: [images, height, width, source.channels],
        kernel: filters,
        kernelSize: kernel,
        stride,
        padTop: vertical.before,
        padLeft: horizontal.before,
        outH: vertical.out,
        outW: horizontal.out,
        bias,
        activation: "silu",
      });
      const outShape = [images, vertical.out, horizontal.out, source.channels] as const;
      assertClose(results.get(target)!, expected, describe(shape));
      assertClose(
        results.get(means)!,
        referencePool(expected, outShape),
        `means of ${describe(shape)}`,
      );
    },
  );
}

const PLANE_SHAPES: readonly DepthwiseShape[] = [
  { height: 1, width: 1, channels: 8, images: 1 },
  { height: 1, width: 1, channels: 320, images: 17 },
  { height: 2, width: 2, channels: 24, images: 5 },
  { height: 7, width: 7, channels: 40, images: 3, capacity: 17 },
  { height: 15, width: 13, channels: 16, images: 1 },
];

function checkGate(runtime: WasmRuntime, shape: DepthwiseShape): void {
  const { height, width, channels, images, capacity } = shape;
  const random = new RandomState(channels);
  const value = panels("value", channels, height, width);
  const gate = panels("gate", channels, 1, 1);
  const x = draw(random, images * height * width * channels);
  const factors = draw(random, images * channels);
  const given = new Map([[value, x], [gate, factors]]);
  const results = runOp(runtime, applyGate(value, gate), { images, capacity, given });
  const perImage = height * width * channels;
  // One product, rounded once: the very bits.
  const expected = x.map((number, i) =>
    number * factors[Math.floor(i / perImage) * channels + i % channels]
  );
  assert.deepEqual(results.get(value), expected, describe(shape));
}

function checkMean(runtime: WasmRuntime, shape: DepthwiseShape): void {
  const { height, width, channels, images, capacity } = shape;
  const value = panels("value", channels, height, width);
  const x = draw(new RandomState(channels), images * height * width * channels);
  // Eight columns before and eight behind belong to other stages.
  const first = 8;
  const columns = channels + 16;
  const output: Value = {
    name: "output",
    kind: "output",
    channels: columns,
    height: 1,
    width: 1,
  };
  const op = meanToOutput(value, output, first);
  const written = runOp(runtime, op, { images, capacity, given: new Map([[value, x]]) })
    .get(output)!;
  const mine = written.filter((_, i) => i % columns >= first && i % columns < first + channels);
  assertClose(mine, referencePool(x, [images, height, width, channels]), describe(shape));
  const others = written.filter((_, i) => i % columns < first || i % columns >= first + channels);
  assert.ok(others.every(Number.isNaN), `${describe(shape)}: columns of others were written`);
}

function checkPatches(
  runtime: WasmRuntime,
  { size, images, padding }: { size: number; images: number; padding: "symmetric" | "same" },
): void {
  const { before, out } = (padding === "same" ? samePadding : symmetricPadding)(size, 3, 2);
  const source: Value = { name: "input", kind: "input", channels: 3, height: size, width: size };
  const target = panels("patches", PATCH_COLUMNS, out, out);
  const x = draw(new RandomState(size), images * size * size * 3);
  const op = patches(source, target, { kernel: 3, stride: 2, before });
  const actual = runOp(runtime, op, { images, given: new Map([[source, x]]) }).get(target)!;
  const expected = new Float32Array(images * out * out * PATCH_COLUMNS);
  for (let place = 0; place < images * out * out; place++) {
    const image = Math.floor(place / (out * out));
    const [oy, ox] = [Math.floor(place / out) % out, place % out];
    for (let ky = 0; ky < 3; ky++) {
      for (let kx = 0; kx < 3; kx++) {
        const [y, column] = [oy * 2 - before + ky, ox * 2 - before + kx];
        if (y < 0 || y >= size || column < 0 || column >= size) continue;
        for (let c = 0; c < 3; c++) {
          expected[place * PATCH_COLUMNS + patchColumn(ky, kx, c)] =
            x[((image * size + y) * size + column) * 3 + c];
        }
      }
    }
  }
  assert.deepEqual(actual, expected, `${size} px, ${padding}`);
}

/** Numbers from `-spread` to `spread`. */
function draw(random: RandomState, length: number, spread = 1): Float32Array {
  return Float32Array.from({ length }, () => (2 * random.randomDouble() - 1) * spread);
}

/** `[inputs, outputs]` with zeros up to whole panels. */
function widened(
  weight: Float32Array,
  inputs: number,
  outputs: number,
  wideInputs: number,
  wideOutputs: number,
): Float32Array {
  const wide = new Float32Array(wideInputs * wideOutputs);
  for (let k = 0; k < inputs; k++) {
    wide.set(weight.subarray(k * outputs, (k + 1) * outputs), k * wideOutputs);
  }
  return wide;
}

/** Memory of the backend for parameters, full of NaN, given back behind `use`. */
function withFloats(
  runtime: WasmRuntime,
  lengths: readonly number[],
  use: (addresses: readonly number[], views: readonly Float32Array[]) => void,
): void {
  const addresses = lengths.map((length) => runtime.allocate(padChannels(length) * 4));
  try {
    const views = addresses.map((address, i) =>
      new Float32Array(runtime.memory.buffer, address, lengths[i]).fill(NaN)
    );
    views.slice(1).forEach((view) => view.fill(0)); // biases beyond the channels are zero by contract
    use(addresses, views);
  } finally {
    for (const address of addresses) runtime.free(address);
  }
}

function assertClose(actual: Float32Array, expected: Float64Array, what: string): void {
  const error = maxRelativeError(actual, expected);
  assert.ok(error <= TOLERANCE, `${what}: relative error ${error}`);
}

function describe(shape: object): string {
  return JSON.stringify(shape);
}
