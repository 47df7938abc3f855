/** From features to calibrated probabilities. @module */

import { type FeatureMatrix, predictProbabilities } from "../model/heads.ts";
import type { TrainedHead } from "./options.ts";

/** Probabilities of a trained head, row-major `[pictures, classes]`; calibrated where it is. */
export function probabilitiesOf(
  { head, calibration }: Pick<TrainedHead, "head" | "calibration">,
  features: FeatureMatrix,
): Float32Array {
  return predictProbabilities(head, features, { temperature: calibration?.temperature });
}
