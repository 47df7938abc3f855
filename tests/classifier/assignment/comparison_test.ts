import assert from "node:assert/strict";
import { compareTrainings, readValidation } from "../../../src/classifier/assignment/comparison.ts";
import type { AssignmentPhase } from "../../../src/classifier/assignment/assignment_report.ts";
import { wilson } from "../../../src/core/intervals.ts";
import { sampleAssignment } from "./assignment_sample.ts";

/** The comparison where so many test pictures were right. */
function compared(before: number, after: number, n: number): string {
  const report = sampleAssignment();
  const with_ = (phase: AssignmentPhase, hits: number) => ({
    ...phase,
    test: { ...phase.test, accuracy: wilson(hits, n) },
  });
  return compareTrainings({
    ...report,
    extraction: with_(report.extraction, before),
    fineTuning: with_(report.fineTuning, after),
  });
}

Deno.test("a difference of a picture or two of 15 is not made much of", () => {
  const text = compared(14, 15, 15);
  assert.match(
    text,
    /^Fine-tuning names 1 test picture of 15 more rightly than feature extraction \(1\.000 against 0\.933\), which says little: with 15 pictures, the 95 % intervals 0\.80 to 1\.00 and 0\.70 to 0\.99 overlap\./,
  );
  assert.match(compared(15, 13, 15), /names 2 test pictures of 15 fewer rightly/);
  assert.match(
    compared(14, 14, 15),
    /names as many of the 15 test pictures rightly as .*\(0\.933\)/,
  );
});

Deno.test("a difference that chance does not explain is called one", () => {
  assert.match(
    compared(600, 900, 1000),
    /300 test pictures of 1000 more .* more than chance alone explains/,
  );
  assert.match(
    compared(900, 600, 1000),
    /300 test pictures of 1000 fewer .* more than chance alone/,
  );
});

Deno.test("costs, training accuracies, sizes and times are compared, too", () => {
  const text = compared(14, 15, 15);
  assert.match(text, /Its cost on them is lower \(0\.050 against 0\.210\)\./);
  assert.match(text, /On the training pictures it reaches 1\.000 against 0\.956/);
  assert.match(
    text,
    /with 1565 times as many numbers learning and 4\.0 times the time for an epoch/,
  );
});

Deno.test("a validation curve is read as it goes", () => {
  const read = (validationCosts: number[]) =>
    readValidation("Fine-tuning", {
      costs: validationCosts.map(() => 0.01),
      validationCosts,
      test: { cost: 0.5, accuracy: wilson(14, 15) },
    });
  const falling = Array.from({ length: 20 }, (_, i) => 1 / (i + 1));
  assert.match(read(falling), /least at the end or close to it \(0\.050 after epoch 20 of 20;/);
  const rising = falling.map((cost, i) => cost + (i > 5 ? 0.05 * (i - 5) : 0));
  assert.match(
    read(rising),
    /least early \(0\.167 after epoch 6 of 20\) and has risen to 0\.750 .* 15 pictures are\.$/,
  );
  const still = falling.map((cost, i) => i < 5 ? 1 + cost : 1 + i % 3 / 100);
  assert.match(
    read(still),
    /least at 1\.000 after epoch 7 of 20 and stays about there, at 1\.010 in the end/,
  );
  assert.match(read([0.5]), /least at the end/);
});
