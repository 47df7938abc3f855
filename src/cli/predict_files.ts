/** Answers for picture files that were named one by one. @module */

import type { Classifier } from "../classifier/classifier.ts";
import type { PredictOptions } from "../classifier/options.ts";
import type { Prediction } from "../classifier/prediction.ts";
import { ImageDataset } from "../data/dataset.ts";
import { readPictureBatches } from "../data/read_image.ts";
import { shownSource } from "../core/shown_source.ts";
import { reasonOf } from "../data/sources/check_files.ts";
import type { SkippedFile } from "../data/sources/picture_files.ts";

/** What became of the files. */
export interface PredictedFiles {
  /** Those that were answered, in order. */
  readonly answers: readonly { readonly file: string; readonly prediction: Prediction }[];
  /** Those that cannot be used. */
  readonly skipped: readonly SkippedFile[];
}

/**
 * Predicts as `Classifier.predict` does on the same files, but that those that cannot be used are left out and told.
 *
 * @throws {UserError} Only for want of a permission, and what lies with the model.
 */
export async function predictFiles(
  model: Classifier,
  files: readonly string[],
  { onProgress, signal, ...options }: Omit<PredictOptions, "features">,
): Promise<PredictedFiles> {
  const names = files.map(shownSource);
  const reasons = new Map<number, string>();
  const answers: { file: string; prediction: Prediction }[] = [];
  const told = (index: number, reason: string) => void reasons.set(index, reason);
  for await (
    const { pictures, indices } of readPictureBatches(files, { signal, onUnreadable: told })
  ) {
    const at = indices[0];
    const data = ImageDataset.fromImages(pictures);
    const features = await model.features(data, {
      signal,
      onProgress: ({ done, ...progress }) =>
        onProgress?.({ ...progress, done: at + done, total: files.length }),
      onUnreadable: (i, error) => told(indices[i], reasonOf(error, names[indices[i]])),
    });
    const predictions = await model.predict(data, { ...options, features, signal });
    indices.forEach((index, i) => {
      if (!reasons.has(index)) answers.push({ file: names[index], prediction: predictions[i] });
    });
  }
  const skipped = [...reasons].sort(([a], [b]) => a - b)
    .map(([index, reason]) => ({ name: names[index], reason }));
  return { answers, skipped };
}
