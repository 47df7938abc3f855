/** Training of any length takes the memory of its first step. */
import assert from "node:assert/strict";
import type { WasmRuntime } from "../../src/backend/tfjs_loader.ts";
import { tf } from "../tfjs.ts";
import { createNetwork } from "../../src/model/create_network.ts";
import type { UpdateRule } from "../../src/model/network.ts";
import { randomWeights } from "../../src/model/random_weights.ts";
import { onBackend } from "../backend/backend_test_case.ts";
import { draw, randomFor } from "../backend/training_case.ts";

const STEPS = 20, BATCH = 50, CLASSES = 10, SIZE = 28;

Deno.test("1,000 pictures through forward, backward and update leave no tensor and no byte", async () => {
  const weights = await randomWeights(1);
  await onBackend({ threads: 2 }, ({ runtime }) => {
    const tensors = tf.memory().numTensors, bytes = tf.memory().numBytes;
    using network = createNetwork(weights, {
      classes: CLASSES,
      imageSize: SIZE,
      batchSize: BATCH,
    });
    const held = network.bytes;
    const random = randomFor("leak");
    let heap = 0, after: number[] = [], used = 0;
    for (let step = 1; step <= STEPS; step++) {
      const pixels = draw(random, BATCH * SIZE * SIZE * 3, 2);
      const images = tf.tensor4d(pixels, [BATCH, SIZE, SIZE, 3]);
      const logits = network.forward(images, { seed: 1, step });
      images.dispose();
      network.backward(logits.map((logit, i) => (logit - i % CLASSES) / BATCH));
      assert.equal(network.gradientNorm().notFinite, undefined);
      network.update(adamW(step));
      assert.equal(tf.memory().numTensors, tensors, `tensors after step ${step}`);
      assert.equal(tf.memory().numBytes, bytes, `bytes of tensors after step ${step}`);
      if (step === 1) {
        // The step makes the optimizer's arrays: of moments, of start and of average.
        assert.ok(network.bytes >= held + 4 * 4 * 4e6);
        freePlaces(runtime); // measuring itself puts the allocator's lists in order
        after = freePlaces(runtime);
        heap = runtime.memory.buffer.byteLength;
        used = network.bytes;
      }
      assert.deepEqual(freePlaces(runtime), after, `heap's free places after step ${step}`);
      assert.equal(runtime.memory.buffer.byteLength, heap, `heap after step ${step}`);
      assert.equal(network.bytes, used, `the network's bytes after step ${step}`);
    }
    // The measure notices sixteen bytes.
    runtime.allocate(16);
    assert.notDeepEqual(freePlaces(runtime), after);
  });
});

/** Where the heap has room for blocks of several sizes: elsewhere as soon as anything is left in it. */
function freePlaces(runtime: WasmRuntime): number[] {
  const blocks = [16, 16, 256, 4096, 1 << 16, 1 << 20, 1 << 24].map((bytes) =>
    runtime.allocate(bytes)
  );
  for (const block of blocks) runtime.free(block);
  return blocks;
}

function adamW(step: number): UpdateRule {
  return {
    kind: "adam",
    learningRate: 1e-4,
    weightDecay: 1e-2,
    step,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    decoupled: true,
    startDecay: 1e-3,
    averageDecay: 0.99,
  };
}
