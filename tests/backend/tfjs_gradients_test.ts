/** The gradients of convolutions that tfjs lacks on wasm: against its cpu backend and their definition. */
import assert from "node:assert/strict";
import { type BackendOptions, stopBackend } from "../../src/backend/mod.ts";
import { tfjs as tf } from "../deps.ts";
import { backendTest, onBackend } from "./backend_test_case.ts";
import {
  computeGradients,
  gradientCases,
  type Gradients,
  referenceGradients,
} from "./gradient_cases.ts";
import { maxRelativeError } from "./reference.ts";
import { reserveLowerHalf } from "./reserve.ts";

/**
 * Relative to the largest result. The longest sums have 4620 terms, added in blocks, each rounded to 2^-24; a tap
 * or pixel too few or too many is off by 1e-3 and more.
 */
const TOLERANCE = 4e-6;

const CASES = gradientCases();
const expected = CASES.map(referenceGradients);

function assertRight(actual: readonly Gradients[], on: string): void {
  actual.forEach((gradients, i) => {
    for (const name of ["dx", "dw"] as const) {
      const error = maxRelativeError(gradients[name], expected[i][name]);
      assert.ok(error <= TOLERANCE, `${name} of ${CASES[i].name} is off by ${error} ${on}`);
    }
  });
}

function assertSameBits(actual: readonly Gradients[], wanted: readonly Gradients[], on: string) {
  const bits = (values: Float32Array) => new Uint32Array(values.buffer);
  actual.forEach((gradients, i) => {
    for (const name of ["dx", "dw"] as const) {
      assert.deepEqual(bits(gradients[name]), bits(wanted[i][name]), `${CASES[i].name} ${on}`);
    }
  });
}

Deno.test("the cases hold what they are meant to hold", () => {
  assert.ok(CASES.length > 300, `${CASES.length} cases`);
  for (const pad of ["same", "valid", 1]) assert.ok(CASES.some((one) => one.pad === pad));
  assert.ok(CASES.some(({ pad }) => Array.isArray(pad)));
  assert.ok(CASES.some(({ depthwise, filter }) => depthwise && filter[3] === 2));
  assert.equal(new Set(CASES.map(({ name }) => name)).size, CASES.length);
});

Deno.test("the definition is what tfjs's cpu backend computes, where that knows dilations", () => {
  stopBackend();
  tf.setBackend("cpu");
  CASES.forEach((convolution, i) => {
    // Its kernels pass over the dilations that they are given.
    if (convolution.dilations.some((dilation) => dilation > 1)) return;
    const { dx, dw } = computeGradients(convolution);
    // Both sum in float64 and round once: the order may still turn the last bit.
    assert.ok(maxRelativeError(dx, expected[i].dx) <= 1e-7, `dx of ${convolution.name}`);
    assert.ok(maxRelativeError(dw, expected[i].dw) <= 1e-7, `dw of ${convolution.name}`);
  });
});

for (const fma of [true, false]) {
  const build = fma ? "fused" : "plain";

  Deno.test(`all cases are right and give the same bits on 1, 2 and 4 threads (${build})`, async () => {
    const on = (threads: number) => {
      const options: BackendOptions = { threads, fma: fma ? undefined : false };
      return onBackend(options, ({ report }) => {
        assert.equal(report.threads, threads);
        if (!fma) assert.equal(report.fma, false);
        const before = tf.memory();
        const gradients = CASES.map(computeGradients);
        assert.equal(tf.memory().numTensors, before.numTensors);
        assert.equal(tf.memory().numDataBuffers, before.numDataBuffers);
        return gradients;
      });
    };
    const one = await on(1);
    assertRight(one, `(${build})`);
    for (const threads of [2, 4]) assertSameBits(await on(threads), one, `on ${threads} threads`);
  });
}

Deno.test("the two builds differ by rounding only, and do differ", async () => {
  const on = (fma: boolean | undefined) =>
    onBackend({ threads: 1, fma }, ({ report }) => ({
      fused: report.fma,
      values: computeGradients(CASES[CASES.length - 1]).dx,
    }));
  const [fused, plain] = [await on(undefined), await on(false)];
  if (fused.fused) assert.notDeepEqual(plain.values, fused.values);
  assert.ok(maxRelativeError(plain.values, fused.values) <= TOLERANCE);
});

for (const threads of [1, 2]) {
  backendTest(
    `addresses beyond 2 GB change nothing (${threads} threads)`,
    { threads },
    (running) => {
      if (!reserveLowerHalf(running.runtime)) {
        console.warn("SKIPPED: the system does not give more than 2 GB of addresses");
        return;
      }
      assertRight(CASES.map(computeGradients), "beyond 2 GB");
    },
  );
}

backendTest("memory stays where it is when a kernel runs again and again", { threads: 2 }, ({
  runtime,
}) => {
  const large = CASES.filter(({ x }) => x[1] >= 14);
  assert.ok(large.length >= 4);
  large.forEach(computeGradients);
  const bytes = runtime.memory.buffer.byteLength;
  for (let i = 0; i < 5; i++) large.forEach(computeGradients);
  assert.equal(runtime.memory.buffer.byteLength, bytes);
});
