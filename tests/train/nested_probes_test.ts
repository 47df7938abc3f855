import assert from "node:assert/strict";
import { RandomState } from "../../src/core/random.ts";
import { held } from "../held.ts";
import { likeliest } from "../../src/evaluate/likeliest.ts";
import { dealFolds } from "../../src/train/cross_validation.ts";
import { nestedProbes } from "../../src/train/nested_probes.ts";
import { heldOutProbabilities } from "../../src/train/held_out.ts";
import { tensorTest } from "./wasm.ts";

const [ROWS, COLUMNS, CLASSES] = [90, 12, 3];
const random = new RandomState(1);
const labels = Int32Array.from({ length: ROWS }, (_, row) => row % CLASSES);
/** Clouds that overlap; `shift` is how far apart they are. */
function clouds(shift: number) {
  const data = Float32Array.from({ length: ROWS * COLUMNS }, (_, i) => {
    const [row, column] = [Math.floor(i / COLUMNS), i % COLUMNS];
    return random.interval(4000) / 1000 + (column === labels[row] ? shift : 0);
  });
  return { rows: ROWS, columns: COLUMNS, data };
}
const counts = new Int32Array(CLASSES).fill(ROWS / CLASSES);
const folds = dealFolds(labels, counts, { folds: 4, randomState: 5 });

tensorTest(
  "with a strength that is given, answers are those of probes of the other folds",
  async () => {
    const features = clouds(1.5);
    const options = { classes: CLASSES, strengths: [0.05] };
    const { answers, strengths } = await nestedProbes(features, labels, { ...folds, ...options });
    assert.deepEqual(strengths, [0.05, 0.05, 0.05, 0.05]);
    const { probabilities, foldOfRow } = await heldOutProbabilities(features, labels, {
      ...options,
      folds: 4,
      randomState: 5,
    });
    assert.deepEqual(foldOfRow, folds.foldOfRow);
    assert.deepEqual(answers, likeliest(probabilities, CLASSES));
  },
);

tensorTest("a fold has no say in the strength of the probe that answers for it", async () => {
  const features = clouds(1.5);
  const options = { classes: CLASSES };
  const before = await nestedProbes(features, labels, { ...folds, ...options });
  const spoiled = labels.map((label, row) =>
    folds.foldOfRow[row] === 2 ? (label + 1) % CLASSES : label
  );
  const after = await nestedProbes(features, spoiled, { ...folds, ...options });
  const rows = [...labels.keys()].filter((row) => folds.foldOfRow[row] === 2);
  assert.equal(after.strengths[2], before.strengths[2]);
  assert.deepEqual(rows.map((row) => after.answers[row]), rows.map((row) => before.answers[row]));
  assert.notDeepEqual(after.strengths, before.strengths, "wrong labels change nothing at all");
});

tensorTest(
  "labels that mean nothing are guessed by chance, and rows of no fold are not answered",
  async () => {
    const features = clouds(0);
    const foldOfRow = folds.foldOfRow.map((fold, row) => row === 7 ? -1 : fold);
    const tensors = held();
    const { answers } = await nestedProbes(features, labels, {
      ...{ foldOfRow, folds: 4, classes: CLASSES },
    });
    assert.equal(held(), tensors);
    const right = answers.filter((answer, row) => answer === labels[row]).length;
    assert.ok(right > 15 && right < 46, `${right} of ${ROWS}`);
    assert.equal(answers[7], -1);
  },
);
