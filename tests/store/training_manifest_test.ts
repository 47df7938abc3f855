import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { foldScores } from "../../src/evaluate/fold_scores.ts";
import { FieldChecks } from "../../src/store/field_checks.ts";
import { parseTraining, type TrainingManifest } from "../../src/store/training_manifest.ts";

const folds = foldScores([{ correct: 8, rows: 10 }, { correct: 9, rows: 10 }], { folds: 2 });
const epoch = { loss: 1.2, accuracy: 0.5, learningRate: 1e-3 };
const whole: TrainingManifest = {
  method: "lpft",
  epochs: [{ epoch: 1, ...epoch, validation: { loss: 1, accuracy: 0.6 } }, { epoch: 2, ...epoch }],
  bestEpoch: 1,
  stoppedEarly: true,
  validation: { rows: 30, part: "test" },
  choice: { budgetSeconds: 60, probe: folds, fineTuned: folds, reason: "it won" },
  crossValidation: folds,
  seconds: 3.5,
  command: ["train", "data.csv", "--label", ""],
};
const read = (value: unknown) => parseTraining(new FieldChecks("m"), value);

Deno.test("what a training tells of itself survives being written down", () => {
  assert.deepEqual(read(JSON.parse(JSON.stringify(whole))), whole);
});

Deno.test("a probe tells little, and a file from before told nothing", () => {
  const probe: TrainingManifest = {
    method: "probe",
    epochs: [],
    stoppedEarly: false,
    validation: null,
    seconds: 0,
  };
  assert.deepEqual(read(probe), probe);
  assert.equal(read(null), null);
  assert.equal(read(undefined), null);
});

Deno.test("every field of a training is checked", () => {
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{ method: "auto" }, /training\.method .* expected "probe"/],
    [{ epochs: [{ epoch: 2, ...epoch }] }, /training\.epochs\[0\]\.epoch .* expected 1/],
    [{ epochs: [{ epoch: 1, ...epoch, accuracy: 2 }] }, /epochs\[0\]\.accuracy .* from 0 to 1/],
    [{ epochs: [{ epoch: 1, ...epoch, validation: 1 }] }, /\[0\]\.validation .* an object/],
    [{ bestEpoch: 0 }, /training\.bestEpoch .* whole number from 1/],
    [{ stoppedEarly: 1 }, /training\.stoppedEarly .* true or false/],
    [{ validation: { rows: 0, part: "test" } }, /validation\.rows .* whole number from 1/],
    [{ validation: { rows: 9, part: "train" } }, /validation\.part .* "validation" or "test"/],
    [{ choice: { ...whole.choice, reason: "" } }, /choice\.reason .* text/],
    [{ choice: { ...whole.choice, probe: {} } }, /choice\.probe\.folds .* whole number/],
    [{ crossValidation: { ...folds, mean: -1 } }, /crossValidation\.mean .* from 0 to 1/],
    [{ crossValidation: { ...folds, accuracies: [7] } }, /accuracies\[0\] .* from 0 to 1/],
    [{ seconds: -1 }, /training\.seconds .* from 0/],
    [{ command: ["train", 5] }, /training\.command\[1\] .* text/],
  ];
  for (const [fields, message] of wrong) {
    assert.throws(
      () => read({ ...whole, ...fields }),
      (error) => error instanceof UserError && message.test(error.message),
      `${message}`,
    );
  }
});
