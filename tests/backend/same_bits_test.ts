/** The same picture gives the same bits on any number of threads, however work is shared, in any batch. */
import assert from "node:assert/strict";
import type { BackendOptions } from "../../src/backend/mod.ts";
import { createPlan, type PlanOptions } from "../../src/backend/plan.ts";
import type { RunningBackend } from "../../src/backend/start.ts";
import { RandomState } from "../../src/core/random.ts";
import { packWeights } from "../../src/model/packed_weights.ts";
import { checkTrunkTensors } from "../../src/model/parameters.ts";
import { randomWeights } from "../../src/model/random_weights.ts";
import { trunkOps } from "../../src/model/trunk_ops.ts";
import { onBackend } from "./backend_test_case.ts";
import { maxRelativeError } from "./reference.ts";
import { reserveLowerHalf } from "./reserve.ts";

/** Odd, so that planes of all kinds occur; small, because four threads on two cores are slow. */
const SIZE = 45;
const IMAGES = 33;
const STAGES = [2, 5, 8];
const COLUMNS = 24 + 112 + 1280;

const weights = checkTrunkTensors((await randomWeights(4)).tensors, "random");
const pixels = draw(IMAGES * SIZE * SIZE * 3);
const expected = await onBackend({ threads: 1 }, (running) => features(running, { capacity: 33 }));

Deno.test("features do not depend on the number of threads nor on how they share work", async () => {
  for (const threads of [1, 2, 3, 4]) {
    for (const share of ["images", "ops"] as const) {
      const actual = await onBackend(
        { threads },
        (running) => features(running, { capacity: IMAGES, share }),
      );
      assertSame(actual, expected, `${threads} threads sharing ${share}`);
    }
  }
});

for (const threads of [1, 2]) {
  Deno.test(`a picture alone gives the bits that it gives in a batch, ${threads} threads`, async () => {
    await onBackend({ threads }, (running) => {
      for (const capacity of [1, 7, 20]) {
        for (const share of [undefined, "ops"] as const) {
          assertSame(
            features(running, { capacity, share }),
            expected,
            `batches of ${capacity} sharing ${share}`,
          );
        }
      }
    });
  });

  Deno.test(`addresses beyond 2 GB change nothing, ${threads} threads`, async () => {
    await onBackend({ threads }, (running) => {
      if (!reserveLowerHalf(running.runtime)) {
        console.warn("SKIPPED: the system does not give more than 2 GB of addresses");
        return;
      }
      const resident = Deno.memoryUsage().rss;
      assertSame(features(running, { capacity: IMAGES }), expected, "beyond 2 GB");
      assert.ok(Deno.memoryUsage().rss - resident < 200e6, "the first 2 GB were touched");
    });
  });
}

Deno.test("the plain build differs from the fused one by rounding only", async () => {
  const plain = (options: BackendOptions) =>
    onBackend({ ...options, fma: false }, (running) => features(running, { capacity: IMAGES }));
  const one = await plain({ threads: 1 });
  assertSame(await plain({ threads: 3 }), one, "plain, 3 threads");
  const error = maxRelativeError(one, expected);
  assert.ok(error <= 1e-4, `relative error ${error}`);
  const fused = await onBackend({ threads: 1 }, ({ report }) => report.fma);
  if (fused) assert.ok(error > 0, "the two builds are one");
});

/** Features of all pictures, `capacity` at a time: `[IMAGES, COLUMNS]`. */
function features({ runtime }: RunningBackend, options: PlanOptions): Float32Array {
  const { capacity } = options;
  const packed = packWeights(runtime, weights, 1e-5);
  const groups = trunkOps(packed, { size: SIZE, stages: STAGES, padding: "same" });
  const plan = createPlan(runtime, groups, options);
  const input = runtime.allocate(pixels.length * 4);
  const output = runtime.allocate(IMAGES * COLUMNS * 4);
  try {
    new Float32Array(runtime.memory.buffer, input, pixels.length).set(pixels);
    for (let first = 0; first < IMAGES; first += capacity) {
      plan.run({
        input: input + first * SIZE * SIZE * 3 * 4,
        output: output + first * COLUMNS * 4,
      }, Math.min(capacity, IMAGES - first));
    }
    return new Float32Array(runtime.memory.buffer, output, IMAGES * COLUMNS).slice();
  } finally {
    runtime.free(input);
    runtime.free(output);
    plan.dispose();
    packed.dispose();
  }
}

function assertSame(actual: Float32Array, wanted: Float32Array, what: string): void {
  const [bits, wantedBits] = [actual, wanted].map(({ buffer }) => new Uint32Array(buffer));
  assert.equal(bits.length, wantedBits.length);
  const different = bits.findIndex((word, i) => word !== wantedBits[i]);
  assert.equal(
    different,
    -1,
    `${what}: ${actual[different]} in place of ${wanted[different]}`,
  );
  assert.ok(wanted.every(Number.isFinite));
}

function draw(length: number): Float32Array {
  const random = new RandomState(9);
  return Float32Array.from({ length }, () => 4 * random.randomDouble() - 2);
}
