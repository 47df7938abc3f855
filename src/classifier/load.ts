/** A classifier from the file that keeps it. @module */

import { UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { loadModel, trunkWeights } from "../store/bundle.ts";
import { buildClassifier } from "./build.ts";
import type { Classifier } from "./classifier.ts";
import { resolveWeights, type WeightsSource } from "./resolve_weights.ts";

/** Options of {@linkcode loadClassifier}. */
export interface LoadClassifierOptions extends ProgressOptions {
  /** The checkpoint that the model was trained on, for a file that was saved without it. */
  readonly weights?: WeightsSource;
  /** Threads to compute with. @default GRAFT_THREADS, else the number of cores */
  readonly threads?: number;
}

/**
 * Opens a model that {@linkcode Classifier.save} wrote, ready to predict.
 *
 * @param source Path, `file:` or `http(s):` URL, or the file's bytes.
 * @throws {UserError} When it cannot be read, is no model, is damaged, was made by a newer version, or needs other weights.
 *
 * @example
 * ```ts ignore
 * import { loadClassifier } from "./load.ts";
 * import { ImageDataset } from "../data/dataset.ts";
 * using model = await loadClassifier("clothes.safetensors");
 * const data = await ImageDataset.open("new.csv", { requireLabels: false });
 * for (const { label, probability } of await model.predict(data)) console.log(label, probability);
 * ```
 */
export async function loadClassifier(
  source: string | URL | Uint8Array,
  { weights, threads, ...progress }: LoadClassifierOptions = {},
): Promise<Classifier> {
  const saved = await loadModel(source, progress);
  const { manifest, head } = saved;
  if (saved.trunk !== undefined && weights !== undefined) {
    throw new UserError(
      "Cannot use other weights: the model was kept with those it was trained on; leave out the weights",
    );
  }
  const variant = manifest.variant;
  const given = weights === undefined
    ? undefined
    : await resolveWeights(weights, { variant, ...progress });
  const own = trunkWeights(saved, given);
  const { classes, imageSize, stages, preprocessing, fit } = manifest;
  const { split, metrics, training, calibration, seed } = manifest;
  return await buildClassifier(own, threads, {
    classes,
    imageSize,
    stages,
    preprocessing,
    fit,
    trained: { head, split, metrics, training, calibration, seed },
  });
}
