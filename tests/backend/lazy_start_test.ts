/** What is started and loaded only when it is needed: threads, and tfjs's JavaScript. */
import assert from "node:assert/strict";
import { backend, startBackend, stopBackend } from "../../src/backend/mod.ts";
import { expectWork, runningBackend, startRuntime } from "../../src/backend/start.ts";
import { createMatrix, multiply } from "../../src/backend/matrix.ts";
import { tf } from "../tfjs.ts";
import { createClassifier } from "../../src/classifier/create.ts";
import { drawSample } from "../../src/data/sample.ts";
import { runProgram } from "./child.ts";

function lazyTest(name: string, body: () => void | Promise<void>): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      stopBackend();
      await body();
      stopBackend();
    },
  });
}

lazyTest("threads start once there is work for them, and products are the same", async () => {
  await startRuntime({ threads: 2 });
  const { runtime } = runningBackend();
  using left = createMatrix(Float32Array.from({ length: 40_000 }, (_, i) => i % 7 / 7), 200, 200);
  const alone = multiply(left, left);
  assert.equal(runtime.active, 1);
  await expectWork(192 ** 2);
  assert.equal(runtime.active, 1, "one picture is done sooner than a thread has started");
  for (let i = 0; i < 4; i++) await expectWork(192 ** 2);
  assert.equal(runtime.active, 2);
  assert.deepEqual(multiply(left, left), alone);
  assert.deepEqual(backend()!.threads, 2);
});

lazyTest("tensors find all threads at work", async () => {
  await startRuntime({ threads: 2 });
  const [first, second] = await Promise.all([startBackend(), startBackend()]);
  assert.equal(first, second);
  assert.equal(runningBackend().runtime.active, 2);
  assert.equal(tf.getBackend(), "wasm");
  assert.deepEqual([...tf.tidy(() => tf.add([1], [2]).dataSync())], [3]);
});

lazyTest("a backend that is stopped while tfjs is attached can be started again", async () => {
  await startRuntime({ threads: 2 });
  const attaching = startBackend().catch((error) => error);
  stopBackend();
  await attaching;
  await startBackend({ threads: 2 });
  assert.deepEqual([...tf.tidy(() => tf.matMul([[1, 2]], [[3], [4]]).dataSync())], [11]);
});

Deno.test({
  name:
    "a kept model is opened and answers without tfjs's JavaScript, which is there when it is asked for",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const data = drawSample({ rows: 60 });
    using model = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
    await model.fit(data);
    const path = await Deno.makeTempFile({ suffix: ".safetensors" });
    try {
      await model.save(path);
      const { code, stdout, stderr } = await runProgram("answers_only", {
        flags: ["--allow-read"],
        args: [path],
      });
      assert.equal(code, 0, stderr);
      const { label, refusal, ...loaded } = JSON.parse(stdout);
      assert.deepEqual(loaded, { before: false, after: true, same: true });
      assert.ok(data.classes.includes(label));
      assert.match(refusal, /tfjs is not loaded; call `await startBackend\(\)` first/);
    } finally {
      await Deno.remove(path);
    }
  },
});
