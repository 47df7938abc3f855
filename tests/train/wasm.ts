/** The backend that the tests of this folder run on, and what they share. */
import assert from "node:assert/strict";
import { startBackend } from "../../src/backend/mod.ts";
import { held } from "../held.ts";

/** A test on the started backend; fails when it leaves a tensor behind. */
export function tensorTest(name: string, body: () => void | Promise<void>): void {
  Deno.test({
    name,
    // The backend's threads outlive the test that happened to start them.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await startBackend();
      const before = held();
      await body();
      assert.equal(held(), before, "tensors were left behind");
    },
  });
}

/** Fails unless every number is within `absolute + relative * |expected|` of the expected one. */
export function assertNear(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { absolute = 0, relative = 0, what = "values" },
): void {
  assert.equal(actual.length, expected.length, `${what}: length`);
  for (let i = 0; i < actual.length; i++) {
    const distance = Math.abs(actual[i] - expected[i]);
    assert.ok(
      distance <= absolute + relative * Math.abs(expected[i]),
      `${what}[${i}]: ${actual[i]}, expected ${expected[i]}`,
    );
  }
}

/** Rows of Gaussian clouds, one per class, in the order 0, 1, …, 0, 1, …; seeded. */
export function clouds(
  { rows, columns, classes, seed = 1, spread = 1 }: {
    rows: number;
    columns: number;
    classes: number;
    seed?: number;
    spread?: number;
  },
): { data: Float32Array; rows: number; columns: number; labels: Int32Array } {
  let state = seed;
  const random = () => { // mulberry32: enough for test data
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const centres = Float32Array.from({ length: classes * columns }, normal);
  const labels = Int32Array.from({ length: rows }, (_, row) => row % classes);
  const data = Float32Array.from(
    { length: rows * columns },
    (_, i) => centres[labels[Math.floor(i / columns)] * columns + i % columns] + spread * normal(),
  );
  return { data, rows, columns, labels };
}
