/** The harness that watches ops must notice what they should not do. */
import assert from "node:assert/strict";
import { silu } from "../../src/backend/ops/gradients.ts";
import type { Op } from "../../src/backend/ops/op.ts";
import { panels } from "../../src/backend/ops/value.ts";
import { backendTest } from "./backend_test_case.ts";
import { normCases } from "./norm_cases.ts";
import { runOp } from "./plan_harness.ts";
import { checkCase, runCase, SHARES } from "./training_case.ts";

const source = panels("source", 16, 3, 3), target = panels("target", 16, 3, 3);
const given = new Map([[source, new Float32Array(2 * 9 * 16).fill(1)]]);
const run = { images: 2, given };

for (const threads of [1, 2]) {
  backendTest(
    `a word beside a target is noticed, ${threads} threads`,
    { threads },
    ({ runtime }) => {
      for (const share of ["ops", "chains"] as const) {
        runOp(runtime, silu(source, target), { ...run, share });
        // One pixel more than the target has: into the room between its panels, and behind the last.
        const long: Op = { ...silu(source, target), parameters: [2, 10] };
        assert.throws(() => runOp(runtime, long, { ...run, share }), /words changed beside target/);
        // One panel more.
        const wide: Op = {
          ...silu(source, target),
          parameters: [3, 9],
          panels: { count: 3, readsWhole: [] },
        };
        assert.throws(() => runOp(runtime, wide, { ...run, share }), /words changed beside target/);
      }
    },
  );

  backendTest(
    `a target that is left out is noticed, ${threads} threads`,
    { threads },
    ({ runtime }) => {
      const short: Op = { ...silu(source, target), parameters: [2, 8] };
      const numbers = runOp(runtime, short, run).get(target)!;
      assert.equal(numbers.filter(Number.isNaN).length, 2 * 16, "a pixel of two images");
    },
  );

  backendTest(`a stained border is noticed, ${threads} threads`, { threads }, ({ runtime }) => {
    const bordered = panels("bordered", 16, 3, 3, { top: 1, left: 1, rows: 5, columns: 5 });
    // SiLU knows of no borders.
    assert.throws(
      () => runOp(runtime, silu(source, bordered), run),
      /bordered: numbers of its border that are not 0/,
    );
  });

  backendTest(`a parameter that only others may write is noticed, ${threads} threads`, {
    threads,
  }, ({ runtime }) => {
    const [one] = normCases();
    assert.deepEqual(one.writes, ["coefficients", "runningMean", "runningVariance"]);
    for (const share of SHARES) {
      checkCase(one, runCase(runtime, one, share)!);
      for (const left of one.writes!) {
        const writes = one.writes!.filter((name) => name !== left);
        assert.throws(() => runCase(runtime, { ...one, writes }, share), /words changed beside/);
      }
    }
    const results = new Map(runCase(runtime, one)!);
    const wrong = results.get("runningMean")!.map((value) => value * (1 + 1e-5));
    assert.throws(() => checkCase(one, results.set("runningMean", wrong)), /relative error/);
  });
}
