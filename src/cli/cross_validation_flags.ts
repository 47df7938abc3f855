/** Flags of cross-validation. @module */

import { UsageError } from "../core/errors.ts";
import type { FoldScores } from "../evaluate/fold_scores.ts";
import { type FlagTable, type FlagValues, numberFlag } from "./flags.ts";

/** How many folds, and how often. */
export const CROSS_VALIDATION_FLAGS = {
  cv: numberFlag(
    "FOLDS",
    "cross-validate the training, too: a probe in seconds, fine-tuning once for each fold",
    { min: 2, whole: true, shownDefault: "no cross-validation" },
  ),
  "cv-repeats": numberFlag("N", "rounds of --cv, each with other folds", {
    min: 1,
    whole: true,
    shownDefault: "1",
  }),
} satisfies FlagTable;

/** What is asked for; undefined = nothing. @throws {UsageError} For rounds of nothing. */
export function crossValidationOptions(
  { cv, "cv-repeats": repeats }: FlagValues<typeof CROSS_VALIDATION_FLAGS>,
): { readonly folds: number; readonly repeats: number } | undefined {
  if (cv !== undefined) return { folds: cv, repeats: repeats ?? 1 };
  if (repeats === undefined) return undefined;
  throw new UsageError("--cv-repeats needs --cv FOLDS");
}

/** `0.861 (95 % interval 0.832 to 0.890; 5 folds from 0.844 to 0.878)`. */
export function foldsLine({ mean, low, high, accuracies, folds, repeats }: FoldScores): string {
  const [least, most] = [Math.min(...accuracies), Math.max(...accuracies)];
  const rounds = repeats === 1 ? "" : `${repeats} rounds of `;
  return `${mean.toFixed(3)} (95 % interval ${low.toFixed(3)} to ${
    high.toFixed(3)
  }; ${rounds}${folds} folds from ${least.toFixed(3)} to ${most.toFixed(3)})`;
}
