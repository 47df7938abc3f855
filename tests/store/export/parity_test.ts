// Exports run in the programs that they are made for, beside graft itself.
import assert from "node:assert/strict";
import { exportOnnx } from "../../../src/store/export/export_onnx.ts";
import { exportSafetensors } from "../../../src/store/export/export_safetensors.ts";
import { exportTfjs } from "../../../src/store/export/export_tfjs.ts";
import { loadModel } from "../../../src/store/bundle.ts";
import { type Answers, runOnnx, runTfjs } from "./consumers.ts";
import { drawModel, graftAnswers, type ModelCase } from "./models.ts";

/** Asked for by the issue. Sums in another order give up to 3e-5 here, since drawn weights cancel more than trained ones. */
const TOLERANCE = 1e-4;

/** Each variant with even and odd sides, each kind of head, calibrated and not. */
const CASES: readonly ModelCase[] = [
  { variant: "torchvision", size: 28, stages: [8], kind: "probe" },
  { variant: "google", size: 28, stages: [3, 4, 5, 6, 8], kind: "probe" },
  { variant: "google", size: 45, stages: [2, 5], kind: "linear", temperature: 2.5 },
  { variant: "torchvision", size: 33, stages: [1, 2, 3, 4, 5, 6, 7, 8], kind: "finetuned" },
  { variant: "google", size: 64, stages: [8], kind: "finetuned" },
];

const nameOf = ({ variant, kind, size, stages }: ModelCase) =>
  `${variant}, ${kind}, ${size} px, stages ${stages}`;

for (const one of CASES) {
  Deno.test(`onnxruntime says what graft says: ${nameOf(one)}`, async () => {
    const { saved, pixels } = await drawModel(one);
    const found = await runOnnx(exportOnnx(saved), pixels, one.size);
    assertAlike(found, graftAnswers(saved, pixels));
  });
}

// One process each, and slow: cases with all of the above between them.
for (const one of CASES.slice(1, 4)) {
  Deno.test(`stock tfjs says what graft says: ${nameOf(one)}`, async () => {
    const { saved, pixels } = await drawModel(one);
    const found = await runTfjs(exportTfjs(saved), pixels, one.size);
    assertAlike(found, graftAnswers(saved, pixels));
  });
}

for (const dtype of ["f16", "int8"] as const) {
  Deno.test(`a network exported as ${dtype} is the one that graft keeps as ${dtype}`, async () => {
    const one: ModelCase = { variant: "google", size: 28, stages: [2, 4], kind: "probe" };
    const { saved, pixels } = await drawModel(one);
    const kept = await loadModel(await exportSafetensors(saved, { dtype }));
    const expected = graftAnswers(kept, pixels);
    assertAlike(await runOnnx(exportOnnx(saved, { dtype }), pixels, one.size), expected);
    assertAlike(await runTfjs(exportTfjs(saved, { dtype }), pixels, one.size), expected);
    // From the rounded file itself, too; and rounding does more than the tolerance.
    assertAlike(await runOnnx(exportOnnx(kept), pixels, one.size), expected);
    const before = graftAnswers(saved, pixels);
    assert.ok(distance(before.logits, expected.logits) > 10 * TOLERANCE);
  });
}

Deno.test("the other variant's padding, and a temperature left out, are far beyond the tolerance", async () => {
  const { saved, pixels } = await drawModel(CASES[2]);
  const expected = graftAnswers(saved, pixels);
  const { manifest } = saved;
  const others = [{ ...manifest, variant: "torchvision" } as const, {
    ...manifest,
    calibration: null,
  }];
  for (const other of others) {
    const found = await runOnnx(exportOnnx({ ...saved, manifest: other }), pixels, CASES[2].size);
    assert.ok(distance(found.probabilities, expected.probabilities) > 100 * TOLERANCE);
  }
});

function assertAlike(found: Answers, expected: Answers): void {
  const most = expected.logits.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
  const moved = distance(found.probabilities, expected.probabilities);
  assert.ok(moved <= TOLERANCE, `probabilities differ by ${moved}`);
  const shifted = distance(found.logits, expected.logits);
  assert.ok(shifted <= TOLERANCE * most, `logits differ by ${shifted}, the largest is ${most}`);
}

/** Largest difference. */
function distance(a: Float32Array, b: Float32Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}
