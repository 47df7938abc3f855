/** Answers for picture files that were named one by one. @module */

import type { Classifier } from "../classifier/classifier.ts";
import type { PredictOptions } from "../classifier/options.ts";
import type { Prediction } from "../classifier/prediction.ts";
import type { Progress } from "../core/progress.ts";
import { ImageDataset } from "../data/dataset.ts";
import { enoughFor } from "../data/preprocess.ts";
import { readImageBatches } from "../data/read_image.ts";
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
  const skipped: SkippedFile[] = [];
  const bad = new Set<number>();
  const onUnreadable = (index: number, reason: string) => {
    bad.add(index);
    skipped.push({ name: files[index], reason });
  };
  const predictions: Prediction[] = [];
  const atLeast = model.recipe && enoughFor(model.recipe); // as the classifier decodes files
  for await (const images of readImageBatches(files, { signal, atLeast, onUnreadable })) {
    if (images.length === 0) continue;
    const at = predictions.length;
    const ofAll = ({ done, ...progress }: Progress) =>
      onProgress?.({ ...progress, done: at + done, total: files.length - bad.size });
    const data = ImageDataset.fromImages(images);
    predictions.push(
      ...await model.predict(data, { ...options, signal, onProgress: ofAll }),
    );
  }
  const read = files.filter((_, index) => !bad.has(index));
  return { answers: read.map((file, i) => ({ file, prediction: predictions[i] })), skipped };
}
