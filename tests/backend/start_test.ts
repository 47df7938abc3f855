/** Starting, reporting and stopping within one process. */
import assert from "node:assert/strict";
import { backend, startBackend, stopBackend } from "../../src/backend/mod.ts";
import { runningBackend } from "../../src/backend/start.ts";
import { UserError } from "../../src/core/errors.ts";
import { tf } from "../tfjs.ts";
import { backendTest, onBackend } from "./backend_test_case.ts";

Deno.test("nothing runs before it is started, nor after it is stopped", async () => {
  assert.equal(backend(), undefined);
  assert.throws(runningBackend, /call startBackend\(\) first/);
  const report = await startBackend({ threads: 1 });
  assert.equal(backend(), report);
  stopBackend();
  assert.equal(backend(), undefined);
  assert.throws(runningBackend, /call startBackend\(\) first/);
  stopBackend(); // a second time does no harm
});

Deno.test("the backend starts again with other numbers of threads, and tfjs works on each", async () => {
  for (const threads of [2, 1, 4, 3]) {
    await onBackend({ threads }, ({ report, runtime }) => {
      assert.equal(report.kind, threads === 1 ? "single" : "threads");
      assert.equal(report.threads, threads);
      assert.equal(report.why, `threads = ${threads}`);
      assert.equal(report.fellBack, false);
      assert.equal(runtime.threads, threads);
      assert.equal(tf.getBackend(), "wasm");
      const sum = tf.add(tf.tensor1d([1, 2]), tf.tensor1d([10, 20]));
      assert.deepEqual([...sum.dataSync()], [11, 22]);
    });
  }
});

Deno.test("starting twice, also at once, gives the one that runs", async () => {
  try {
    const [first, second] = await Promise.all([
      startBackend({ threads: 2 }),
      startBackend({ threads: 1 }),
    ]);
    assert.equal(second, first);
    assert.equal(await startBackend({ threads: 3 }), first);
    assert.equal(first.threads, 2);
  } finally {
    stopBackend();
  }
});

for (const fma of [true, false]) {
  backendTest(`multiply-adds are ${fma ? "fused" : "plain"} as asked for`, {
    threads: 1,
    fma,
  }, ({ report, runtime }) => {
    if (fma && !report.fma) console.warn("SKIPPED: this processor has no fused multiply-add");
    else assert.equal(report.fma, fma);
    // 1 + 2^-11 + 2^-24 loses its last bit when the product is rounded first.
    const rest = runtime.fused(1 + 2 ** -12, 1 + 2 ** -12, -(1 + 2 ** -11));
    assert.equal(rest, report.fma ? 2 ** -24 : 0);
  });
}

Deno.test("a number of threads that cannot be is the user's error, and a right one works after it", async () => {
  stopBackend();
  for (const threads of [0, 9, -1, 1.5, NaN, Infinity]) {
    await assert.rejects(
      startBackend({ threads }),
      (error) =>
        error instanceof UserError &&
        error.message ===
          `Cannot start the backend: threads is ${threads}, expected a whole number from 1 to 8`,
    );
    assert.equal(backend(), undefined);
  }
  await onBackend({ threads: 1 }, ({ report }) => assert.equal(report.threads, 1));
});

Deno.test("ops of tfjs compute what they should, in the same bits on one thread and on two", async () => {
  const results = (threads: number) => onBackend({ threads }, () => tfjsOps());
  const [one, two] = [await results(1), await results(2)];
  assert.deepEqual(two, one);
  assert.deepEqual(one.softmax.map((p) => p.toFixed(4)), ["0.0900", "0.2447", "0.6652"]);
  // Row 3 of the product: sum over k of x[3, k] * y[k, 5].
  const { x, y, matMul } = one;
  let sum = 0;
  for (let k = 0; k < 130; k++) sum += x[3 * 130 + k] * y[k * 70 + 5];
  assert.ok(Math.abs(matMul[3 * 70 + 5] - sum) <= 1e-5, `${matMul[3 * 70 + 5]}, expected ${sum}`);
});

function tfjsOps(): Record<"x" | "y" | "matMul" | "conv2d" | "depthwise" | "softmax", number[]> {
  const wave = (length: number, step: number) =>
    Float32Array.from({ length }, (_, i) => Math.sin(i * step));
  const x = tf.tensor2d(wave(90 * 130, 0.7), [90, 130]);
  const y = tf.tensor2d(wave(130 * 70, 0.3), [130, 70]);
  const pictures = tf.tensor4d(wave(3 * 19 * 19 * 5, 0.11), [3, 19, 19, 5]);
  const kernel = tf.tensor4d(wave(3 * 3 * 5 * 9, 0.13), [3, 3, 5, 9]);
  const filters = tf.tensor4d(wave(3 * 3 * 5, 0.17), [3, 3, 5, 1]);
  const numbers = (tensor: tf.Tensor) => Array.from(tensor.dataSync());
  return tf.tidy(() => ({
    x: numbers(x),
    y: numbers(y),
    matMul: numbers(tf.matMul(x, y)),
    conv2d: numbers(tf.conv2d(pictures, kernel, 2, "same")),
    depthwise: numbers(tf.depthwiseConv2d(pictures, filters, 1, "same")),
    softmax: numbers(tf.softmax(tf.tensor1d([1, 2, 3]))),
  }));
}
