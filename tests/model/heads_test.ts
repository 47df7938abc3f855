import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { type Head, logits, predictProbabilities, softmax, topK } from "../../src/model/heads.ts";
import { assertNear, tensorTest } from "../train/wasm.ts";

const head: Head = {
  kind: "probe",
  weight: Float32Array.of(1, 2, 3, 4, 5, 6), // [2 columns, 3 classes]
  bias: Float32Array.of(0.5, 0, -0.5),
  mean: Float32Array.of(10, 20),
  scale: Float32Array.of(2, 4),
  classes: 3,
  columns: 2,
  details: {},
};
const features = { data: Float32Array.of(12, 16, 10, 20), rows: 2, columns: 2 };

tensorTest("logits are those of the standardised features", () => {
  // (12 - 10) / 2 = 1 and (16 - 20) / 4 = -1; the second row is the mean.
  assert.deepEqual([...logits(head, features)], [-2.5, -3, -3.5, 0.5, 0, -0.5]);
});

tensorTest("a head without mean and scale takes plain features", () => {
  const { mean: _, scale: __, ...plain } = head;
  const one = { data: Float32Array.of(1, 10), rows: 1, columns: 2 };
  assert.deepEqual([...logits(plain, one)], [41.5, 52, 62.5]);
});

tensorTest("probabilities sum to 1 and rank as the logits do", () => {
  const probabilities = predictProbabilities(head, features);
  assertNear([probabilities[0] + probabilities[1] + probabilities[2]], [1], { absolute: 1e-6 });
  assert.deepEqual(topK(probabilities.subarray(0, 3), 3).map(({ index }) => index), [0, 1, 2]);
});

tensorTest("more rows than pass at once come out as they do alone", () => {
  const rows = 8192 + 3;
  const data = Float32Array.from({ length: rows * 2 }, (_, i) => i % 17);
  const all = logits(head, { data, rows, columns: 2 });
  const last = logits(head, { data: data.slice(-4), rows: 2, columns: 2 });
  assert.deepEqual(all.slice(-6), last);
});

tensorTest("no rows give no logits", () => {
  assert.equal(logits(head, { data: new Float32Array(0), rows: 0, columns: 2 }).length, 0);
});

tensorTest("features of another width are refused", () => {
  assert.throws(
    () => logits(head, { data: new Float32Array(3), rows: 1, columns: 3 }),
    (error) => error instanceof UserError && /3 features each.*trained on 2/.test(error.message),
  );
});

Deno.test("softmax survives scores far beyond exp's range", () => {
  assert.deepEqual([...softmax(Float32Array.of(1e30, 0, -1e30), 3)], [1, 0, 0]);
  assert.deepEqual([...softmax(Float32Array.of(-1e30, -1e30), 2)], [0.5, 0.5]);
});

Deno.test("top classes keep class order among equals and are no more than there are", () => {
  assert.deepEqual(topK([0.25, 0.5, 0.25], 9).map(({ index }) => index), [1, 0, 2]);
  assert.deepEqual(topK([0.25, 0.75], 0), []);
});
