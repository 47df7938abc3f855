/** The trunk: any size, any batch, what users get wrong, and nothing left behind. */
import assert from "node:assert/strict";
import { runningBackend } from "../../src/backend/start.ts";
import { startBackend, stopBackend } from "../../src/backend/mod.ts";
import { UserError } from "../../src/core/errors.ts";
import { tf } from "../tfjs.ts";
import { checkStages, createTrunk, type Trunk } from "../../src/model/trunk.ts";
import { randomWeights } from "../../src/model/random_weights.ts";
import { backendTest } from "../backend/backend_test_case.ts";
import { maxRelativeError } from "../backend/reference.ts";
import { randomB0Tensors, randomPixels } from "./random_b0_weights.ts";
import { referenceTrunk } from "./reference_trunk.ts";

/** As in forward_parity_test.ts: what the issue asks for; float32 itself is at 2e-6. */
const TOLERANCE = 1e-4;
const ALL_STAGES = [1, 2, 3, 4, 5, 6, 7, 8];
const THREADS = { threads: 2 };
const weights = await randomWeights(7);

for (const variant of ["torchvision", "google"] as const) {
  backendTest(
    `features at sizes without a fixture equal the plain reference, ${variant}`,
    THREADS,
    () => {
      const tensors = randomB0Tensors(5);
      using trunk = createTrunk({
        tensors,
        variant,
        sha256: "0".repeat(64),
        source: "drawn",
        notes: [],
      });
      for (const size of [29, 30, 31, 33, 41, 50, 67]) {
        const pixels = randomPixels(6, size, 1);
        const expected = referenceTrunk(tensors, variant, pixels, [1, size, size, 3]);
        const features = trunk.features(tf.tensor4d(pixels, [1, size, size, 3]), {
          stages: ALL_STAGES,
        }).dataSync();
        let column = 0;
        for (const stage of ALL_STAGES) {
          const wanted = expected.get(stage)!;
          const error = maxRelativeError(features.slice(column, column += wanted.length), wanted);
          assert.ok(error <= TOLERANCE, `${size} px, stage ${stage}: ${error}`);
        }
        assert.equal(column, features.length);
      }
    },
  );
}

backendTest("a batch larger than a plan is run in parts, with the same bits", THREADS, () => {
  using trunk = createTrunk(weights);
  const count = 1100; // beyond the largest plan
  const pixels = randomPixels(1, 28, 64);
  const perImage = 28 * 28 * 3;
  const all = new Float32Array(count * perImage);
  for (let i = 0; i < count; i++) {
    all.set(pixels.subarray((i % 64) * perImage, (i % 64 + 1) * perImage), i * perImage);
  }
  const some = trunk.features(tf.tensor4d(pixels, [64, 28, 28, 3]), { stages: [4] }).dataSync();
  const many = trunk.features(tf.tensor4d(all, [count, 28, 28, 3]), { stages: [4] }).dataSync();
  assert.equal(many.length, count * 80);
  assert.ok(many.every((value, i) => value === some[i % some.length]));
});

backendTest("no pictures give no features", THREADS, () => {
  using trunk = createTrunk(weights);
  const features = trunk.features(tf.zeros([0, 28, 28, 3]), { stages: [1, 8] });
  assert.deepEqual(features.shape, [0, 1296]);
  assert.equal(features.dataSync().length, 0);
});

backendTest("a trunk says what it is", THREADS, () => {
  using trunk = createTrunk(weights);
  assert.equal(trunk.variant, "torchvision");
  assert.equal(trunk.weightsSha256, weights.sha256);
  assert.equal(trunk.weights, weights);
  assert.equal(trunk.parameterCount, 4_007_548);
  assert.equal(trunk.featureSize(), 1280);
  assert.deepEqual(ALL_STAGES.map((stage) => trunk.featureSize([stage])), [
    ...[16, 24, 40, 80, 112, 192, 320, 1280],
  ]);
  assert.equal(trunk.featureSize([8, 4, 4]), 80 + 1280);
});

Deno.test("stages are taken in ascending order, each once", () => {
  assert.deepEqual(checkStages([8, 4, 6, 4]), [4, 6, 8]);
});

backendTest("what users get wrong is a UserError of one line", THREADS, () => {
  using trunk = createTrunk(weights);
  const good: tf.Tensor4D = tf.zeros([1, 28, 28, 3]);
  const withShape = (...shape: number[]) => () =>
    trunk.features(tf.zeros(shape) as unknown as tf.Tensor4D);
  const cases: readonly [() => unknown, RegExp][] = [
    [withShape(1, 28, 30, 3), /pictures have shape \[1,28,30,3\], expected \[n, side, side, 3\]/],
    [withShape(1, 27, 27, 3), /pictures have shape \[1,27,27,3\], .* side >= 28/],
    [withShape(1, 28, 28, 1), /\[1,28,28,1\]/],
    [withShape(1, 28, 28, 4), /\[1,28,28,4\]/],
    [withShape(28, 28, 3), /\[28,28,3\]/],
    [withShape(1, 1, 28, 28, 3), /\[1,1,28,28,3\]/],
    [() => trunk.features(tf.zeros([1, 28, 28, 3], "int32")), /type int32, expected float32/],
    [() => trunk.features(good, { stages: [] }), /stages \(none\): expected one or more of 1 to 8/],
    [() => trunk.features(good, { stages: [0, 8] }), /stages 0,8/],
    [() => trunk.features(good, { stages: [9] }), /stages 9/],
    [() => trunk.features(good, { stages: [2.5] }), /stages 2\.5/],
    [() => trunk.features(good, { stages: [NaN] }), /stages NaN/],
    [() => trunk.featureSize([-1]), /stages -1/],
  ];
  for (const [act, message] of cases) {
    assert.throws(act, (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  }
});

backendTest("a checkpoint that lacks an entry leaves nothing in memory", THREADS, () => {
  const heapBefore = mallocProbe();
  const tensors = new Map(weights.tensors);
  tensors.delete("features.8.1.running_var");
  assert.throws(
    () => createTrunk({ ...weights, tensors, source: "half.pth" }),
    (error) =>
      error instanceof UserError &&
      /^Cannot use the weights of half\.pth: features\.8\.1\.running_var is missing; [^\n]+$/
        .test(error.message),
  );
  assert.equal(mallocProbe(), heapBefore);
});

Deno.test("a trunk needs a running backend, and the one that it was made on", async () => {
  stopBackend();
  assert.throws(() => createTrunk(weights), /call startBackend\(\) first/);
  try {
    await startBackend({ threads: 1 });
    using trunk = createTrunk(weights);
    stopBackend();
    await startBackend({ threads: 1 });
    assert.throws(
      () => trunk.features(tf.zeros([1, 28, 28, 3])),
      /the backend was stopped, .* create it again/,
    );
  } finally {
    stopBackend();
  }
});

backendTest("a disposed trunk refuses to work, and disposing twice does no harm", THREADS, () => {
  const trunk = createTrunk(weights);
  trunk[Symbol.dispose]();
  trunk[Symbol.dispose]();
  assert.throws(() => trunk.features(tf.zeros([1, 28, 28, 3])), /the trunk was disposed/);
});

backendTest("features leave no tensor but themselves, also when they fail", THREADS, () => {
  using trunk = createTrunk(weights);
  const images: tf.Tensor4D = tf.zeros([3, 28, 28, 3]);
  const { numTensors, numBytes } = tf.memory();
  const features = trunk.features(images);
  assert.equal(tf.memory().numTensors, numTensors + 1);
  assert.equal(tf.memory().numBytes, numBytes + 3 * 1280 * 4);
  features.dispose();
  assert.throws(() => trunk.features(images, { stages: [9] }));
  assert.equal(tf.memory().numTensors, numTensors);
  tf.tidy(() => void trunk.features(images)); // tidied as any other result
  assert.equal(tf.memory().numTensors, numTensors);
});

backendTest("the heap does not grow over many batches, sizes and trunks", THREADS, () => {
  const { runtime } = runningBackend();
  const heap = () => runtime.memory.buffer.byteLength;
  const use = (trunk: Trunk, count: number, size: number) =>
    tf.tidy(() => void trunk.features(tf.zeros([count, size, size, 3]), { stages: [4, 8] }));
  /** More sizes than a trunk keeps plans for. */
  const sizes = [28, 32, 36, 40, 44, 48, 52, 56];
  const lifetime = () => {
    using trunk = createTrunk(weights);
    for (const size of sizes) use(trunk, 2, size);
  };
  {
    using trunk = createTrunk(weights);
    use(trunk, 20, 28);
    const before = heap();
    for (let i = 0; i < 50; i++) use(trunk, 20, 28);
    assert.equal(heap(), before, "50 equal batches");
    for (const size of sizes) use(trunk, 2, size);
    const afterSizes = heap();
    for (let round = 0; round < 5; round++) for (const size of sizes) use(trunk, 2, size);
    assert.equal(heap(), afterSizes, "plans of many sizes");
  }
  lifetime();
  const before = heap();
  for (let i = 0; i < 10; i++) lifetime();
  assert.equal(heap(), before, "ten trunks");
});

backendTest("a plan that does not fit leaves the trunk as it was", THREADS, ({ runtime }) => {
  using trunk = createTrunk(weights);
  const images: tf.Tensor4D = tf.ones([1, 28, 28, 3]);
  const large: tf.Tensor4D = tf.ones([4, 400, 400, 3]);
  const expected = trunk.features(images).dataSync();
  const { numTensors } = tf.memory();
  const held: number[] = [];
  for (let bytes = 2 ** 31; bytes >= 1 << 20;) {
    try {
      held.push(runtime.allocate(bytes));
    } catch (error) {
      assert.ok(error instanceof RangeError);
      bytes /= 2;
    }
  }
  assert.throws(() => trunk.features(large), /^RangeError: Cannot allocate memory/);
  assert.equal(tf.memory().numTensors, numTensors);
  assert.deepEqual(trunk.features(images).dataSync(), expected);
  for (const block of held) runtime.free(block);
  assert.deepEqual(trunk.features(large).shape, [4, 1280]);
});

/** Where the allocator would put the next 30 MB: moves when something of that order is kept. */
function mallocProbe(): number {
  const { runtime } = runningBackend();
  const address = runtime.allocate(30e6);
  runtime.free(address);
  return address;
}
