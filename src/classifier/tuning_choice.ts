/** Whether fine-tuning was worth it, and the reason in words. @module */

import { count } from "../core/count.ts";
import type { TuningChoice, TuningTrial } from "../store/training_manifest.ts";

/** Fewer validation images than these must show more than one standard error, which they estimate badly themselves. */
const FEW_IMAGES = 50;

/**
 * Whether fine-tuning was better than the probe that it started from: by more than one standard error of the paired difference, with
 * fewer than 50 images by more than two.
 */
export function isBetter(
  { difference, standardError }: Pick<TuningTrial, "difference" | "standardError">,
  images: number,
): boolean {
  return -difference > (images < FEW_IMAGES ? 2 : 1) * standardError;
}

/**
 * The choice with its reason, such as `the probe is saved: fine-tuning is not better by more than one standard error: learning rate 0.001
 * lost 8 of 60 validation images, Brier score 0.210 worse (standard error 0.062)`.
 *
 * @param images Validation images; 0 = there were none to spare.
 */
export function chosenBy(
  trials: readonly TuningTrial[],
  images: number,
  kept: TuningChoice["kept"],
): TuningChoice {
  if (images === 0) {
    const reason = "the probe is saved: there are too few images to compare it with fine-tuning";
    return { images, trials, kept, reason };
  }
  const words = trials.toReversed().map((trial) => trialInWords(trial, images)).join("; ");
  if (kept === "lpft") {
    return { images, trials, kept, reason: `fine-tuning is better than the probe: ${words}` };
  }
  const bar = images < FEW_IMAGES ? "two standard errors" : "one standard error";
  const reason = `the probe is saved: fine-tuning is not better by more than ${bar}: ${words}`;
  return { images, trials, kept, reason };
}

/** `learning rate 0.001 lost 8 of 60 validation images, Brier score 0.210 worse (standard error 0.062)`. */
function trialInWords(
  { learningRate, epochs, probeCorrect, tunedCorrect, difference, standardError }: TuningTrial,
  images: number,
): string {
  if (epochs === 0) return `learning rate ${learningRate} broke down`;
  const gain = tunedCorrect - probeCorrect;
  const what = gain === 0
    ? `has as many of ${count(images, "validation image")} right`
    : `${gain > 0 ? "gained" : "lost"} ${Math.abs(gain)} of ${count(images, "validation image")}`;
  return `learning rate ${learningRate} ${what}, Brier score ${Math.abs(difference).toFixed(3)} ${
    difference < 0 ? "better" : "worse"
  } (standard error ${standardError.toFixed(3)})`;
}
