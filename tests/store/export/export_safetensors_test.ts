import assert from "node:assert/strict";
import { UserError } from "../../../src/core/errors.ts";
import { encodeModel, loadModel, type SavedModel } from "../../../src/store/bundle.ts";
import { exportOnnx } from "../../../src/store/export/export_onnx.ts";
import { exportSafetensors } from "../../../src/store/export/export_safetensors.ts";
import { description, head, model, trunk } from "../models.ts";

const load = async (change: Partial<typeof model> = {}): Promise<SavedModel> =>
  await loadModel(await encodeModel({ ...model, ...change }));

const refuses = async (
  model: SavedModel,
  options: Parameters<typeof exportSafetensors>[1],
  pattern: RegExp,
) =>
  await assert.rejects(
    exportSafetensors(model, options),
    (error) => error instanceof UserError && pattern.test(error.message),
  );

/** The checkpoint of the model. */
const weights = {
  tensors: trunk,
  variant: "google",
  sha256: description.weightsSha256,
  source: "w",
  notes: [],
} as const;

Deno.test("an export is what would have been saved, and tells the same of its training", async () => {
  for (const dtype of ["f32", "f16", "int8"] as const) {
    const bytes = await exportSafetensors(await load(), { dtype });
    assert.deepEqual(await loadModel(bytes), await load({ dtype }));
    // Without being asked, a model keeps its type.
    assert.deepEqual(await exportSafetensors(await loadModel(bytes)), bytes);
  }
});

Deno.test("a head alone stays bound to the checkpoint, which makes it whole again", async () => {
  const alone = await loadModel(await exportSafetensors(await load(), { headOnly: true }));
  assert.equal(alone.trunk, undefined);
  assert.equal(alone.manifest.weightsSha256, description.weightsSha256);
  assert.deepEqual(alone.head, head);
  await refuses(
    alone,
    {},
    /it holds the head only; give the weights .--weights. that it was trained on/,
  );
  assert.deepEqual(await loadModel(await exportSafetensors(alone, { weights })), await load());
  const rounded = await loadModel(
    await exportSafetensors(alone, { headOnly: true, dtype: "int8" }),
  );
  assert.deepEqual([rounded.manifest.dtype, rounded.manifest.trunk], ["int8", "absent"]);
});

Deno.test("a head cannot leave a trunk that is no checkpoint's", async () => {
  const { mean: _, scale: __, ...plain } = head;
  const fineTuned = await load({ head: { ...plain, kind: "finetuned" } });
  await refuses(
    fineTuned,
    { headOnly: true },
    /Cannot export the head only: the trunk was fine-tuned/,
  );
  const rounded = await load({ dtype: "int8" });
  await refuses(
    rounded,
    { headOnly: true },
    /the trunk was rounded to int8, so that no checkpoint is it/,
  );
});

Deno.test("what was rounded is not rounded to another type", async () => {
  const rounded = await load({ dtype: "int8" });
  for (const dtype of ["f32", "f16"] as const) {
    await refuses(rounded, { dtype }, /as f(32|16): its weights were rounded to int8 before/);
    assert.throws(() => exportOnnx(rounded, { dtype }), /were rounded to int8 before/);
  }
});
