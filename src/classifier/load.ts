/** A classifier from the file that keeps it. @module */

import { checkThreads } from "../backend/check_threads.ts";
import { startRuntime } from "../backend/start.ts";
import { checkOptions, type OptionKinds, PROGRESS_KINDS } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";
import type { FileBytes } from "../core/given_bytes.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { loadModel, trunkWeights } from "../store/bundle.ts";
import { checkpointOfHash } from "../weights/checkpoints.ts";
import { buildClassifier } from "./build.ts";
import type { Classifier } from "./classifier.ts";
import type { WeightsSource } from "./resolve_weights.ts";

/** Options of {@linkcode loadClassifier}. */
export interface LoadClassifierOptions extends ProgressOptions {
  /**
   * The checkpoint that the model was trained on, for a file that was saved without it.
   *
   * @default the one inside graft, where the model was trained on that
   */
  readonly weights?: WeightsSource;
  /** Threads to compute with. @default GRAFT_THREADS, else the number of cores */
  readonly threads?: number;
}

/** Of {@linkcode LoadClassifierOptions}. */
const KINDS: OptionKinds<LoadClassifierOptions> = {
  ...PROGRESS_KINDS,
  weights: "any",
  threads: "number",
};

/**
 * Opens a model that {@linkcode Classifier.save} wrote, ready to predict.
 *
 * @param file Path, `file:` or `http(s):` URL, or the file's bytes, as a `Blob` or `File`, too.
 * @throws {UserError} When it cannot be read, is no model, is damaged, was made by a newer version, or needs other weights.
 *
 * @example
 * ```ts
 * import { createClassifier } from "./create.ts";
 * import { loadClassifier } from "./load.ts";
 * import { drawSample } from "../data/sample.ts";
 * const data = drawSample({ rows: 60 });
 * using trained = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
 * await trained.fit(data);
 * using model = await loadClassifier(await trained.toBytes()); // or: "clothes.safetensors"
 * const [{ label }] = await model.predict([await data.image(0)]);
 * if (!model.classes.includes(label)) throw new Error(label);
 * ```
 */
export async function loadClassifier(
  file: string | URL | FileBytes,
  options: LoadClassifierOptions = {},
): Promise<Classifier> {
  const action = "load a model";
  checkOptions(options, KINDS, { action, method: "loadClassifier" });
  const { weights, threads, ...progress } = options;
  checkThreads(threads, action);
  // While the file is read and checked; what is wrong with the options is thrown below.
  startRuntime({ threads }).catch(() => {});
  const saved = await loadModel(file, progress);
  const { manifest, head } = saved;
  if (saved.trunk !== undefined && weights !== undefined) {
    throw new UserError(
      "Cannot use other weights: the model was kept with those it was trained on; leave out the weights",
    );
  }
  const { variant, weightsSha256 } = manifest;
  const checkpoint = checkpointOfHash(weightsSha256);
  const inside = saved.trunk === undefined && checkpoint?.embedded ? checkpoint.name : undefined;
  const source = weights ?? inside;
  // Of another family they are other weights, which trunkWeights tells with those that are wanted.
  const given = source === undefined ? undefined : await (await import("./resolve_weights.ts"))
    .resolveWeights(source, { assumedVariant: variant, ...progress });
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
