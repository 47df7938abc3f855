import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { makeSchedule, type ScheduleOptions } from "../../src/train/schedule.ts";
import { assertNear } from "./wasm.ts";

// tests/fixtures/make_train_schedule.py
const { cases } = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/train_schedule.json", import.meta.url)),
) as { cases: { name: string; steps: number; options: ScheduleOptions; factors: number[] }[] };

for (const { name, steps, options, factors } of cases) {
  Deno.test(`learning rates equal torch.optim.lr_scheduler: ${name}`, () => {
    const schedule = makeSchedule(options, steps);
    const ours = Array.from({ length: steps }, (_, step) => schedule(step));
    // PyTorch multiplies its way from step to step in double precision, ours are closed forms.
    assertNear(ours, factors, { relative: 1e-12, absolute: 1e-14, what: "factor" });
  });
}

Deno.test("a run that is all warm-up, and one of a single step, have rates", () => {
  const factors = (options: ScheduleOptions, steps: number) =>
    Array.from({ length: steps }, (_, step) => makeSchedule(options, steps)(step));
  assert.deepEqual(factors({ kind: "cosine", warmup: 1, warmupFrom: 0.5 }, 2), [0.5, 0.75]);
  assert.deepEqual(factors({ kind: "cosine" }, 1), [1]);
  assert.deepEqual(factors({ kind: "constant" }, 1), [1]);
  // Its peak at step 0, where PyTorch divides by zero.
  assertNear(factors({ kind: "oneCycle", warmup: 0.25 }, 4), [1, 0.75, 0.25, 4e-6], {
    absolute: 1e-4,
  });
  assert.ok(factors({ kind: "oneCycle" }, 1).every(Number.isFinite));
});

Deno.test("schedules that make no sense are refused", () => {
  const refused: [unknown, RegExp][] = [
    [{ kind: "step" }, /kind is "step", expected "constant", "cosine" or "oneCycle"/],
    [{ kind: "cosine", end: 2 }, /end is 2, expected a number from 0 to 1/],
    [{ kind: "cosine", warmup: -1 }, /warmup is -1/],
    [{ kind: "constant", warmupFrom: 0 }, /warmupFrom is 0, expected a number above 0/],
    [{ kind: "oneCycle", warmup: NaN }, /warmup is NaN/],
    [{ kind: "oneCycle", startDivisor: 0 }, /startDivisor is 0, expected a number from 1$/],
    [{ kind: "oneCycle", endDivisor: Infinity }, /endDivisor is Infinity/],
  ];
  for (const [options, message] of refused) {
    assert.throws(
      () => makeSchedule(options as ScheduleOptions, 10),
      (error) => error instanceof UserError && message.test(error.message),
    );
  }
});
