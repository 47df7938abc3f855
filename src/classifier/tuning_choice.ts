/** Whether fine-tuning was worth it, and the reason in words. @module */

import { count } from "../core/count.ts";
import type { TuningChoice, TuningTrial } from "../store/training_manifest.ts";

/** Fewer validation images than these estimate their own standard error badly: two of them are asked for. */
const FEW_IMAGES = 50;

/** From so many on the more likely one is taken where fine-tuning was asked for: the standard error is about what is gained or lost. */
const MANY_IMAGES = 150;

/**
 * By how many standard errors of the paired difference fine-tuning has to be better than the probe: two on fewer than 50 images, one on
 * fewer than 150, else none, but for the automatic choice one.
 */
export function standardErrors(
  images: number,
  { isAutomatic }: { readonly isAutomatic: boolean },
): number {
  if (images < FEW_IMAGES) return 2;
  return images < MANY_IMAGES || isAutomatic ? 1 : 0;
}

/** Whether fine-tuning was better than the probe that it started from, by more than so many standard errors. */
export function isBetter(
  { difference, standardError }: Pick<TuningTrial, "difference" | "standardError">,
  errors: number,
): boolean {
  return -difference > errors * standardError;
}

/**
 * The choice with its reason, such as `the probe is saved: fine-tuning is not better by more than one standard error: learning rate 0.001
 * lost 8 of 60 validation images, Brier score 0.210 worse (standard error 0.062)`.
 *
 * @param images Validation images; 0 = there were none to spare.
 * @param errors Standard errors that were asked for.
 */
export function chosenBy(
  trials: readonly TuningTrial[],
  images: number,
  { kept, errors }: Pick<TuningChoice, "kept"> & { readonly errors: number },
): TuningChoice {
  if (images === 0) {
    const reason = "the probe is saved: there are too few images to compare it with fine-tuning";
    return { images, trials, kept, reason };
  }
  const words = trials.toReversed().map((trial) => trialInWords(trial, images)).join("; ");
  if (kept === "lpft") {
    return { images, trials, kept, reason: `fine-tuning is better than the probe: ${words}` };
  }
  const bar = ["", " by more than one standard error", " by more than two standard errors"][errors];
  const reason = `the probe is saved: fine-tuning is not better${bar}: ${words}`;
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
