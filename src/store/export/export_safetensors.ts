/** A kept model as a smaller file of the same kind. @module */
import { checkOptions, type OptionKinds } from "../../core/check_options.ts";
import { checkSaved } from "./check_saved.ts";
import { UserError } from "../../core/errors.ts";
import { encodeModel, type ModelDescription, type SavedModel, trunkWeights } from "../bundle.ts";
import type { Manifest } from "../manifest.ts";
import { chooseDType, networkDType } from "./choose_dtype.ts";
import { EXPORT_KINDS, type GraphExportOptions } from "./model_graph.ts";

/** Options of {@linkcode exportSafetensors}. */
export interface SafetensorsExportOptions extends GraphExportOptions {
  /**
   * Leaves the trunk out: some ten kilobytes, which work with the very checkpoint that the model was trained on, known by its hash.
   *
   * @default {false}
   */
  readonly headOnly?: boolean;
}

/** Of {@linkcode SafetensorsExportOptions}. */
const KINDS: OptionKinds<SafetensorsExportOptions> = { ...EXPORT_KINDS, headOnly: "boolean" };

/**
 * A model as `Classifier.save` writes it and `loadClassifier` opens it, with its weights in fewer bytes or without its trunk. What
 * the manifest tells of its training stays.
 *
 * @returns The file's bytes; the same model gives the same bytes.
 * @throws {UserError} (rejects) When the model's checkpoint is needed and missing, or is another one; the model was rounded to
 * another type before; or its trunk is no checkpoint's, so that the head cannot be without it.
 *
 * @example
 * ```ts
 * import { createClassifier, drawSample, exportSafetensors, loadModel } from "../../../mod.ts";
 * using model = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
 * await model.fit(drawSample({ rows: 60 }));
 * const kept = await loadModel(await model.toBytes()); // or: a path, an address
 * const small = await exportSafetensors(kept, { dtype: "int8" });
 * if (small.length > 5e6) throw new Error(`${small.length} bytes`);
 * ```
 */
export async function exportSafetensors(
  model: SavedModel,
  options: SafetensorsExportOptions = {},
): Promise<Uint8Array> {
  checkSaved(model);
  checkOptions(options, KINDS, { action: "export the model", method: "exportSafetensors" });
  const { dtype: wanted, weights, headOnly = false } = options;
  const { manifest, head } = model;
  const description = describe(manifest);
  if (!headOnly) {
    const dtype = chooseDType(networkDType(manifest), wanted);
    const { tensors: trunk } = trunkWeights(model, weights);
    return await encodeModel({ description, head, trunk, dtype });
  }
  const fail = (detail: string) => new UserError(`Cannot export the head only: ${detail}`);
  if (head.kind === "finetuned") {
    throw fail("the trunk was fine-tuned with it; export the whole model");
  }
  if (manifest.trunk === "included" && manifest.dtype !== "f32") {
    throw fail(
      `the trunk was rounded to ${manifest.dtype}, so that no checkpoint is it; export the head of the model that it was made from`,
    );
  }
  const dtype = chooseDType(manifest.dtype, wanted);
  return await encodeModel({ description, head, dtype });
}

/** What a manifest says that does not follow from the tensors. */
function describe(manifest: Manifest): ModelDescription {
  const { format: _f, head: _h, trunk: _t, dtype: _d, tensorsSha256: _s, ...description } =
    manifest;
  return description;
}
