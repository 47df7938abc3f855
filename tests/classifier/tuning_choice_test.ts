import assert from "node:assert/strict";
import { chosenBy, isBetter } from "../../src/classifier/tuning_choice.ts";
import { pairedDifference } from "../../src/evaluate/brier.ts";

const trial = {
  learningRate: 0.001,
  epochs: 5,
  probeCorrect: 55,
  tunedCorrect: 47,
  difference: 0.21,
  standardError: 0.0621,
};

Deno.test("fine-tuning has to be better by more than one standard error, by two on few images", () => {
  const better = (difference: number, images: number) =>
    isBetter({ difference, standardError: 0.01 }, images);
  assert.deepEqual([better(-0.011, 50), better(-0.01, 50), better(0.011, 50)], [
    true,
    false,
    false,
  ]);
  assert.deepEqual([better(-0.021, 49), better(-0.019, 49)], [true, false]);
  assert.equal(isBetter({ difference: 0, standardError: 0 }, 100), false);
});

Deno.test("the reason says what each learning rate lost or gained, the last one first", () => {
  const lower = { ...trial, learningRate: 0.0003, tunedCorrect: 55, difference: -0.002 };
  assert.equal(
    chosenBy([trial, lower], 60, "probe").reason,
    "the probe is saved: fine-tuning is not better by more than one standard error: " +
      "learning rate 0.0003 has as many of 60 validation images right, Brier score 0.002 better (standard error 0.062); " +
      "learning rate 0.001 lost 8 of 60 validation images, Brier score 0.210 worse (standard error 0.062)",
  );
  assert.match(
    chosenBy([{ ...trial, epochs: 0 }], 30, "probe").reason,
    /two standard errors: learning rate 0.001 broke down$/,
  );
  assert.match(
    chosenBy([{ ...trial, tunedCorrect: 58, difference: -0.3 }], 60, "lpft").reason,
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
