/** The report that `graft train` writes of what it made. @module */

import type { Classifier } from "../classifier/classifier.ts";
import type { SaveOptions } from "../classifier/options.ts";
import { writeAtomically } from "../core/atomic_write.ts";
import type { ProgressOptions } from "../core/progress.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { describeReported, fileName, gatherReport } from "../insight/report/gather_report.ts";
import type { FeatureMatrix } from "../model/heads.ts";
import { formatOf, reportText } from "./report_formats.ts";

/** What is reported. */
export interface TrainingReport extends ProgressOptions {
  /** All pictures. */
  readonly data: ImageDataset;
  /** Those that were trained on. */
  readonly train: ImageDataset;
  /** Those that were kept apart; there may be none. */
  readonly test: ImageDataset;
  /** Features of both, unless the trunk has learnt since. */
  readonly features?: { readonly train: FeatureMatrix; readonly test: FeatureMatrix };
  /** Path of the model; `undefined` where it is not kept. */
  readonly out: string | undefined;
  /** What its file tells. */
  readonly told: SaveOptions;
}

/**
 * Writes the report of a training, in the form that the file's name asks for. Features are not computed again where they still hold.
 *
 * @param path Checked to be writable.
 */
export async function writeTrainingReport(
  path: string,
  model: Classifier,
  report: TrainingReport,
): Promise<void> {
  const { data, train, test, features, out, told, ...progress } = report;
  const source = fileName(data.source);
  const name = out === undefined ? `the model of ${source}` : fileName(out);
  const content = test.length === 0
    ? { name, model: describeReported(model, told), notes: ["No pictures were kept apart."] }
    : await gatherReport(model, test, {
      ...{ name, told, train },
      ...features && { features: features.test, trainFeatures: features.train },
      about: {
        name: source,
        pictures: data.length,
        sha256: told.split?.dataSha256,
      },
      ...progress,
    });
  await writeAtomically(path, new TextEncoder().encode(reportText(content, formatOf(path))));
}
