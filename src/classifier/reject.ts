/** Turning away pictures of something else. @module */

import { UserError } from "../core/errors.ts";
import { energies, rejectionThreshold, strangeness } from "../evaluate/rejection.ts";
import { featureDistances } from "../model/feature_distance.ts";
import { type FeatureMatrix, logits } from "../model/heads.ts";
import type { TrainedHead } from "./options.ts";
import { type Prediction, UNKNOWN } from "./prediction.ts";

/**
 * What marks answers to strange pictures as {@linkcode UNKNOWN}.
 *
 * @param rate Share of pictures like those trained on that is turned away with the others; above 0, up to 0.5.
 * @returns Takes answers, and the features that they were given for.
 * @throws {UserError} For a model that was not calibrated, and a rate that it cannot tell.
 */
export function rejecter(
  { head, calibration }: Pick<TrainedHead, "head" | "calibration">,
  rate: number,
): (predictions: readonly Prediction[], features: FeatureMatrix) => Prediction[] {
  const rejection = calibration?.rejection ?? undefined;
  if (calibration === null || rejection === undefined) {
    throw new UserError(
      "Cannot turn pictures away: the model was not calibrated; train it by probe, or fine-tune it with validation",
    );
  }
  const threshold = rejectionThreshold(rejection, rate, calibration.rows);
  return (predictions, features) => {
    const scores = strangeness(rejection, {
      energy: energies(logits(head, features), head.classes),
      distance: featureDistances(head, features),
    });
    return predictions.map((prediction, row) => {
      const unknown = scores[row] > threshold;
      return {
        ...prediction,
        ...unknown && { label: UNKNOWN },
        unknown,
        strangeness: scores[row],
      };
    });
  };
}
