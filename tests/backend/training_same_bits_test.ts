/** Every op of training gives the same bits on any number of threads, whatever ran before, wherever it lies in memory. */
import assert from "node:assert/strict";
import type { BackendOptions } from "../../src/backend/mod.ts";
import type { WasmRuntime } from "../../src/backend/tfjs_loader.ts";
import { tf } from "../tfjs.ts";
import { onBackend } from "./backend_test_case.ts";
import { reserveLowerHalf } from "./reserve.ts";
import { runCase, type SHARES } from "./training_case.ts";
import { TRAINING_FAMILIES } from "./training_kernel_cases.ts";

const cases = Object.values(TRAINING_FAMILIES).flatMap((family) => family());

/** Bits of everything that each case writes, case by case. */
type Bits = readonly Uint32Array[];

const alone = await onBackend({ threads: 1 }, ({ runtime }) => bitsOf(runtime, "ops"));

Deno.test("threads do not change a bit of any op of training", async () => {
  for (const [threads, share] of [[1, "chains"], [2, "chains"], [4, "ops"]] as const) {
    await onBackend({ threads }, ({ runtime, report }) => {
      assert.equal(report.threads, threads);
      assertSame(bitsOf(runtime, share), alone, `${threads} threads sharing ${share}`);
    });
  }
});

Deno.test("neither does what ran before, nor the order", () =>
  onBackend({ threads: 2 }, ({ runtime }) => {
    otherWork();
    assertSame(bitsOf(runtime, "chains", true), alone, "backwards, behind other work");
  }));

Deno.test("nor do addresses beyond 2 GB", () =>
  onBackend({ threads: 2 }, ({ runtime }) => {
    if (!reserveLowerHalf(runtime)) {
      console.warn("SKIPPED: the system does not give more than 2 GB of addresses");
      return;
    }
    assertSame(bitsOf(runtime, "chains"), alone, "beyond 2 GB");
  }));

Deno.test("the plain build has bits of its own, on any number of threads", async () => {
  const plain = (options: BackendOptions) =>
    onBackend({ ...options, fma: false }, ({ runtime }) => bitsOf(runtime, "chains"));
  const one = await plain({ threads: 1 });
  assertSame(await plain({ threads: 2 }), one, "plain, 2 threads");
  const fused = await onBackend({ threads: 1 }, ({ report }) => report.fma);
  if (fused) assert.throws(() => assertSame(one, alone, "plain"), /plain: /);
});

function bitsOf(
  runtime: WasmRuntime,
  share: (typeof SHARES)[number],
  backwards = false,
): Bits {
  const indices = cases.map((_, i) => i);
  if (backwards) indices.reverse();
  const bits: Uint32Array[] = [];
  for (const i of indices) {
    const results = [...runCase(runtime, cases[i], share)!.values()];
    const words = new Uint32Array(results.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const { buffer, length } of results) {
      words.set(new Uint32Array(buffer), at);
      at += length;
    }
    bits[i] = words;
  }
  return bits;
}

function assertSame(actual: Bits, wanted: Bits, what: string): void {
  assert.equal(actual.length, wanted.length);
  wanted.forEach((words, i) => {
    assert.ok(words.length > 0, cases[i].name);
    const different = words.findIndex((word, at) => word !== actual[i][at]);
    assert.equal(different, -1, `${what}: ${cases[i].name}`);
  });
}

/** Ops of tfjs on the same threads and in the same heap; what they leave is given back. */
function otherWork(): void {
  tf.tidy(() => {
    const square: tf.Tensor2D = tf.randomUniform([256, 256]);
    const pictures: tf.Tensor4D = tf.randomUniform([4, 32, 32, 16]);
    const kernel: tf.Tensor4D = tf.randomUniform([3, 3, 16, 16]);
    tf.matMul(square, square).dataSync();
    tf.conv2d(pictures, kernel, 1, "same").dataSync();
  });
}
