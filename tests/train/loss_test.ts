import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { crossEntropy, type LossOptions, softCrossEntropy } from "../../src/train/loss.ts";
import { assertNear } from "./wasm.ts";

// tests/fixtures/make_train_loss.py
const fixture = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/train_loss.json", import.meta.url)),
) as {
  classes: number;
  logits: number[];
  labels: number[];
  correct: number;
  cases: LossCase[];
  shares: number[];
  softCorrect: number;
  softCases: LossCase[];
};
interface LossCase {
  name: string;
  options: Omit<LossOptions, "classes">;
  loss: number;
  gradient: number[];
}
const { classes, labels } = fixture;
const logits = Float32Array.from(fixture.logits);

for (const { name, options, loss, gradient } of fixture.cases) {
  Deno.test(`loss and gradient equal torch.nn.CrossEntropyLoss: ${name}`, () => {
    const ours = crossEntropy(logits, labels, { classes, ...options });
    // The logits of the fixture are rounded to float32 here: 3e-8 of each.
    assertNear([ours.loss], [loss], { relative: 2e-7, what: "loss" });
    assertNear(ours.gradient, gradient, { absolute: 1e-7, what: "gradient" });
    assert.equal(ours.correct, fixture.correct);
  });

  Deno.test(`the gradient is the slope of the loss: ${name}`, () => {
    const { gradient } = crossEntropy(logits, labels, { classes, ...options });
    const step = 2 ** -7; // exact in the float32 logits
    const slopes = gradient.map((_, i) => {
      const [above, below] = [step, -step].map((by) => {
        const moved = Float32Array.from(fixture.logits, Math.fround);
        const from = moved[i];
        moved[i] = from + by;
        // The rounding of the sum to float32 is part of the distance moved.
        return { at: moved[i], loss: crossEntropy(moved, labels, { classes, ...options }).loss };
      });
      return (above.loss - below.loss) / (above.at - below.at);
    });
    // Central differences err by step^2 / 6 of the third derivative, which is below 1/4.
    assertNear(slopes, gradient, { absolute: 5e-6, what: "slope" });
  });
}

for (const { name, options, loss, gradient } of fixture.softCases) {
  Deno.test(`of shares, loss and gradient equal torch.nn.CrossEntropyLoss: ${name}`, () => {
    const shares = Float32Array.from(fixture.shares);
    const ours = softCrossEntropy(logits, shares, { classes, ...options });
    assertNear([ours.loss], [loss], { relative: 2e-7, what: "loss" });
    assertNear(ours.gradient, gradient, { absolute: 1e-7, what: "gradient" });
    assert.equal(ours.correct, fixture.softCorrect);
  });
}

Deno.test("shares that are all of one class are labels, but for weights and their mean", () => {
  const whole = new Float32Array(labels.length * classes);
  labels.forEach((label, row) => whole[row * classes + label] = 1);
  const options = { classes, labelSmoothing: 0.1 };
  assert.deepEqual(
    softCrossEntropy(logits, whole, options),
    crossEntropy(logits, labels, options),
  );
  assert.throws(
    () => softCrossEntropy(logits, whole.subarray(1), options),
    /27 shares, expected a multiple of 4/,
  );
});

Deno.test("the gradient of each row sums to zero, also with far-off logits", () => {
  const far = Float32Array.of(1e4, -1e4, 0, 88, -3e38, 3e38, 5, 5);
  const { loss, gradient } = crossEntropy(far, [1, 0], { classes: 4, labelSmoothing: 0.1 });
  assert.ok(Number.isFinite(loss) && loss > 1e4);
  for (const row of [gradient.subarray(0, 4), gradient.subarray(4)]) {
    assertNear([row.reduce((sum, slope) => sum + slope, 0)], [0], { absolute: 1e-7 });
  }
});

Deno.test("logits that are not finite give a loss that is not", () => {
  for (const bad of [NaN, Infinity]) {
    const { loss } = crossEntropy(Float32Array.of(bad, 0), [1], { classes: 2 });
    assert.ok(!Number.isFinite(loss), `${bad} gives ${loss}`);
  }
});

Deno.test("of equal logits the first counts as the answer", () => {
  const even = new Float32Array(4);
  assert.equal(crossEntropy(even, [0, 1], { classes: 2 }).correct, 1);
});

Deno.test("sizes and labels that do not fit are refused", () => {
  const refused: [Float32Array, number[], LossOptions, RegExp][] = [
    [new Float32Array(3), [0], { classes: 2 }, /3 logits for 1 labels, expected 2 for each/],
    [new Float32Array(0), [], { classes: 2 }, /0 logits for 0 labels/],
    [new Float32Array(2), [2], { classes: 2 }, /label 2 at row 0, expected 0 to 1/],
    [new Float32Array(2), [-1], { classes: 2 }, /label -1/],
    [new Float32Array(2), [0], { classes: 2, classWeights: [1] }, /1 class weights, expected 2/],
    [new Float32Array(2), [0], { classes: 2, classWeights: [0, 1] }, /have weight 0/],
  ];
  for (const [logits, labels, options, message] of refused) {
    assert.throws(
      () => crossEntropy(logits, labels, options),
      (error) => error instanceof UserError && message.test(error.message),
    );
  }
});
