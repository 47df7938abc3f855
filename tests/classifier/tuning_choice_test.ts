import assert from "node:assert/strict";
import { chosenBy, isBetter, standardErrors } from "../../src/classifier/tuning_choice.ts";
import { pairedDifference } from "../../src/evaluate/brier.ts";

const trial = {
  learningRate: 0.001,
  epochs: 5,
  probeCorrect: 55,
  tunedCorrect: 47,
  difference: 0.21,
  standardError: 0.0621,
};

Deno.test("on few images fine-tuning has to be better by one or two standard errors", () => {
  const errors = (images: number, isAutomatic = false) => standardErrors(images, { isAutomatic });
  assert.deepEqual([49, 50, 149, 150].map((images) => errors(images)), [2, 1, 1, 0]);
  assert.deepEqual([49, 50, 149, 150].map((images) => errors(images, true)), [2, 1, 1, 1]);
  const better = (difference: number, errors: number) =>
    isBetter({ difference, standardError: 0.01 }, errors);
  assert.deepEqual([better(-0.011, 1), better(-0.01, 1), better(0.011, 1)], [true, false, false]);
  assert.deepEqual([better(-0.021, 2), better(-0.019, 2)], [true, false]);
  assert.deepEqual([better(-0.001, 0), better(0, 0)], [true, false]);
});

Deno.test("the reason says what each learning rate lost or gained, the last one first", () => {
  const lower = { ...trial, learningRate: 0.0003, tunedCorrect: 55, difference: -0.002 };
  assert.equal(
    chosenBy([trial, lower], 60, { kept: "probe", errors: 1 }).reason,
    "the probe is saved: fine-tuning is not better by more than one standard error: " +
      "learning rate 0.0003 has as many of 60 validation images right, Brier score 0.002 better (standard error 0.062); " +
      "learning rate 0.001 lost 8 of 60 validation images, Brier score 0.210 worse (standard error 0.062)",
  );
  assert.match(
    chosenBy([{ ...trial, epochs: 0 }], 30, { kept: "probe", errors: 2 }).reason,
    /two standard errors: learning rate 0.001 broke down$/,
  );
  assert.match(
    chosenBy([{ ...trial, tunedCorrect: 58, difference: -0.3 }], 60, { kept: "lpft", errors: 1 })
      .reason,
    /^fine-tuning is better than the probe: learning rate 0.001 gained 3 of 60 validation images/,
  );
});

Deno.test("the standard error of a difference is that of its values, image by image", () => {
  // statistics.stdev([0.1, -0.3, 0.2, 0]) / 2
  const { difference, standardError } = pairedDifference([0, 1, 0, 1], [0.1, 0.7, 0.2, 1]);
  assert.ok(Math.abs(difference) < 1e-12, `${difference}`);
  assert.ok(Math.abs(standardError - 0.10801234497346434) < 1e-12, `${standardError}`);
  const weighted = pairedDifference([0, 0], [1, 0], [3, 1]);
  assert.equal(weighted.difference, 0.75);
});
