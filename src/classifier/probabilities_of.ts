/** From features to calibrated probabilities. @module */

import { UserError } from "../core/errors.ts";
import { type FeatureMatrix, predictProbabilities } from "../model/heads.ts";
import type { TrainedHead } from "./options.ts";

/**
 * Probabilities of a trained head, row-major `[pictures, classes]`; calibrated where it is.
 *
 * @throws {UserError} When they are not numbers, as of weights that are finite but no network's.
 */
export function probabilitiesOf(
  { head, calibration }: Pick<TrainedHead, "head" | "calibration">,
  features: FeatureMatrix,
): Float32Array {
  const temperature = calibration?.temperature;
  const probabilities = predictProbabilities(head, features, { temperature });
  if (probabilities.includes(NaN)) {
    throw new UserError(
      "Cannot predict: the model's scores are not finite numbers; its weights are damaged, train it again",
    );
  }
  return probabilities;
}
