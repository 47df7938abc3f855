/** The untrained trunk: fixture by tests/fixtures/make_random_weights.py. */
import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { sha256Hex } from "../../src/core/sha256.ts";
import { tf } from "../tfjs.ts";
import { checkTrunkTensors, trunkParameters } from "../../src/model/parameters.ts";
import { randomWeights } from "../../src/model/random_weights.ts";
import { createTrunk } from "../../src/model/trunk.ts";
import { backendTest } from "../backend/backend_test_case.ts";
import { maxRelativeError } from "../backend/reference.ts";
import digests from "../fixtures/random_weights.json" with { type: "json" };

Deno.test("random weights are numpy's of the same seed, bit for bit", async () => {
  for (const [seed, digest] of Object.entries(digests)) {
    const { tensors } = await randomWeights(Number(seed));
    const checked = checkTrunkTensors(tensors, "random");
    const values = trunkParameters().map(({ name }) => checked.get(name)!);
    const all = new Float32Array(values.reduce((sum, { length }) => sum + length, 0));
    let place = 0;
    for (const value of values) {
      all.set(value, place);
      place += value.length;
    }
    assert.equal(await sha256Hex(new Uint8Array(all.buffer)), digest, `seed ${seed}`);
  }
});

Deno.test("random weights say what they are, and seeds are told apart", async () => {
  const [one, again, other] = await Promise.all([1, 1, 2].map(randomWeights));
  assert.equal(one.source, "random weights (seed 1)");
  assert.deepEqual(one.notes, ["the trunk is random: it has not seen any picture"]);
  assert.equal(one.sha256, again.sha256);
  assert.notEqual(one.sha256, other.sha256);
  assert.match(one.sha256, /^[0-9a-f]{64}$/);
});

Deno.test("a seed that cannot be is the user's error", async () => {
  for (const seed of [-1, 1.5, 2 ** 32, NaN]) {
    await assert.rejects(randomWeights(seed), (error) => error instanceof UserError);
  }
});

backendTest("features of all stages tell pictures apart and are far from overflow and denormals", {
  threads: 2,
}, async () => {
  using trunk = createTrunk(await randomWeights(3));
  const images: tf.Tensor4D = tf.randomNormal([2, 64, 64, 3], 0, 1, "float32", 1);
  for (let stage = 1; stage <= 8; stage++) {
    const features = trunk.features(images, { stages: [stage] }).dataSync<"float32">();
    const size = Math.sqrt(features.reduce((sum, x) => sum + x * x, 0) / features.length);
    assert.ok(size > 1e-9 && size < 1e9, `stage ${stage}: root mean square ${size}`);
    const [one, other] = [0, 1].map((i) =>
      features.subarray(i * features.length / 2).slice(0, features.length / 2)
    );
    const apart = maxRelativeError(one, other);
    assert.ok(apart > 1e-3 && apart < Infinity, `stage ${stage}: two pictures differ by ${apart}`);
  }
});
