/** Calibrating what was trained. @module */

import type { ImageDataset } from "../data/dataset.ts";
import { calibrate, type CalibrationManifest } from "../evaluate/calibration.ts";
import { featureDistances } from "../model/feature_distance.ts";
import { type FeatureMatrix, logits } from "../model/heads.ts";
import type { Trained } from "./trained.ts";

/** What {@linkcode calibrateTrained} goes by. */
export interface CalibrationInputs {
  /** Class of each picture that was trained on. */
  readonly labels: Int32Array;
  /** Features of other pictures, by the trunk as it is now. */
  readonly extract: (pictures: ImageDataset) => Promise<FeatureMatrix>;
}

/**
 * Calibrates by pictures that the head has not learnt from: those that cross-validation held out, or those that judged fine-tuning.
 *
 * @returns `null` where there are none: after a linear head, fine-tuning without validation, and a probe without cross-validation.
 */
export async function calibrateTrained(
  { head, heldOut, validation }: Pick<Trained, "head" | "heldOut" | "validation">,
  { labels, extract }: CalibrationInputs,
): Promise<CalibrationManifest | null> {
  const { classes } = head;
  if (heldOut !== undefined && heldOut.rows.length > 0) {
    return calibrate(heldOut.logits, heldOut.rows.map((row) => labels[row]), {
      classes,
      fittedOn: "out-of-fold",
      distances: heldOut.distances,
    });
  }
  if (validation === undefined) return null;
  const judging = await extract(validation);
  return calibrate(logits(head, judging), validation.labels, {
    classes,
    fittedOn: "validation",
    distances: featureDistances(head, judging),
  });
}
