/** Memory at its limit of 4 GB. Nothing of it is touched, so that the system need not find it. */
import assert from "node:assert/strict";
import { createPlan } from "../../src/backend/plan.ts";
import type { WasmRuntime } from "../../src/backend/tfjs_loader.ts";
import { meanToOutput } from "../../src/backend/ops/planes.ts";
import { panels, type Value } from "../../src/backend/ops/value.ts";
import { tf } from "../tfjs.ts";
import { backendTest } from "./backend_test_case.ts";

const MB = 1 << 20;
const THREE_GB = 3e9;

for (const threads of [1, 2]) {
  const on = `${threads} ${threads === 1 ? "thread" : "threads"}`;

  backendTest(`more than 4 GB is a clear RangeError and the backend works on (${on})`, {
    threads,
  }, ({ runtime }) => {
    const resident = Deno.memoryUsage().rss;
    const block = runtime.allocate(THREE_GB);
    assert.throws(() => runtime.allocate(THREE_GB), isOutOfMemory);
    // More than 32 bits can say.
    for (const bytes of [2 ** 32 - 1, 2 ** 32 + 1000, 1e12]) {
      assert.throws(() => runtime.allocate(bytes), isOutOfMemory);
    }
    assertWorks();
    runtime.free(block);
    runtime.free(runtime.allocate(THREE_GB)); // what was given back can be had again
    assertWorks();
    assert.ok(Deno.memoryUsage().rss - resident < 200 * MB, "memory was touched");
  });

  backendTest(`a plan that does not fit is a RangeError, not a short block (${on})`, {
    threads,
  }, ({ runtime }) => {
    const wide = panels("wide", 1024, 1024, 1024); // 4 GB
    const output: Value = { name: "out", kind: "output", channels: 1024, height: 1, width: 1 };
    const groups = [[meanToOutput(wide, output, 0)]];
    for (const share of ["images", "ops"] as const) {
      assert.throws(() => createPlan(runtime, groups, { capacity: 1, share }), isOutOfMemory);
      assert.throws(() => createPlan(runtime, groups, { capacity: 2, share }), isOutOfMemory);
    }
    assertWorks();
  });

  backendTest(`tensors and ops on a full heap throw, and leave no tensor (${on})`, {
    threads,
  }, ({ runtime }) => {
    const pictures: tf.Tensor4D = tf.fill([1, 8, 8, 256], 0.5);
    const kernel: tf.Tensor4D = convKernel();
    const before = tf.memory().numTensors;
    const held = fill(runtime, MB);
    assert.throws(() => tf.zeros([1024, 1024]), isOutOfMemory);
    assert.throws(() => tf.conv2d(pictures, kernel, 1, "same"), isOutOfMemory);
    assert.equal(tf.memory().numTensors, before);
    for (const block of held) runtime.free(block);
    assertRight(pictures, kernel);
    assertWorks();
  });

  // The allocator of tfjs's binary adds sizes to addresses in 32 bits: near the end of the heap they wrap round.
  backendTest(`no block reaches beyond a full heap (${on})`, { threads }, ({ runtime }) => {
    const held = fill(runtime, 16 * 1024);
    for (let bytes = 32 * 1024; bytes <= 2 ** 31; bytes *= 2) {
      assert.throws(() => runtime.allocate(bytes), isOutOfMemory);
    }
    runtime.free(runtime.allocate(8 * 1024)); // the gap is still there
    for (const block of held) runtime.free(block);
    assertWorks();
  });

  // XNNPACK answers with a line on standard error and zeros as the result.
  backendTest(`an allocation that fails inside of an op is thrown, never a wrong result (${on})`, {
    threads,
  }, ({ runtime }) => {
    let thrown = 0;
    for (const room of [2, 3, 4, 5, 6, 8].map((size) => size * MB)) {
      const pictures: tf.Tensor4D = tf.fill([1, 8, 8, 256], 0.5);
      const kernel: tf.Tensor4D = convKernel();
      const held = fill(runtime, room);
      try {
        assertRight(pictures, kernel);
      } catch (error) {
        assert.ok(isOutOfMemory(error));
        thrown++;
        // tfjs remembers the op that it could not make: it must not pass for one that works.
        assert.throws(() => assertRight(pictures, kernel), isOutOfMemoryOrRefused);
      } finally {
        for (const block of held) runtime.free(block);
        tf.dispose([pictures, kernel]);
      }
    }
    assert.ok(thrown >= 2, `thrown ${thrown} times: the case that this test is for was not met`);
    assertWorks();
  });
}

function isOutOfMemory(error: unknown): boolean {
  assert.ok(error instanceof RangeError, String(error));
  assert.match(
    error.message,
    /^Cannot allocate memory on the wasm backend: (\d+ bytes more were asked for, )?the heap holds \d+ of at most 4294901760 bytes; use smaller batches or dispose tensors$/,
  );
  return true;
}

/** The second attempt at an op of which the first found no memory. */
function isOutOfMemoryOrRefused(error: unknown): boolean {
  return error instanceof RangeError
    ? isOutOfMemory(error)
    : error instanceof Error && /^tfjs wasm backend: XNN status [^\n]*$/.test(error.message);
}

/** Takes all memory but about `room` bytes in one piece; returns what to free. */
function fill(runtime: WasmRuntime, room: number): number[] {
  const spare = runtime.allocate(room);
  const held: number[] = [];
  for (let bytes = 2 ** 31; bytes >= 1024;) {
    try {
      held.push(runtime.allocate(bytes));
    } catch (error) {
      assert.ok(isOutOfMemory(error));
      bytes /= 2;
    }
  }
  runtime.free(spare);
  return held;
}

/** 2.3 MB, which the op copies twice. Sums of its 2^-7 with 0.5 are exact. */
function convKernel(): tf.Tensor4D {
  return tf.fill([3, 3, 256, 256], 2 ** -7);
}

/** A convolution of halves with {@linkcode convKernel}. */
function assertRight(pictures: tf.Tensor4D, kernel: tf.Tensor4D): void {
  const result = tf.conv2d(pictures, kernel, 1, "same");
  assert.equal(result.dataSync()[(8 + 1) * 256], 9 * 256 * 0.5 * 2 ** -7);
  result.dispose();
}

/** A product of tfjs and one of its reductions. */
function assertWorks(): void {
  tf.tidy(() => {
    const square: tf.Tensor2D = tf.fill([64, 64], 0.5);
    assert.equal(tf.sum(tf.matMul(square, square)).dataSync()[0], 64 * 64 * 16);
  });
}
