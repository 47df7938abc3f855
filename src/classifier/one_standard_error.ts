/** When fine-tuning is worth it. @module */

import { inWords } from "./in_words.ts";
import type { Race } from "./race.ts";

/** Fewer pictures than these tell of no lead: among four, two that happen to be right are more than a standard error. */
const FEWEST_PICTURES = 20;

/**
 * Keeps the probe unless fine-tuning won by more than one standard error, on pictures enough to tell, and can be trained in the
 * time that is left.
 *
 * @param left Seconds.
 * @returns What to train, and why, in a sentence.
 */
export function oneStandardError(
  { lead, standardError, pictures, seconds }: Omit<Race, "probe" | "fineTuned" | "folds">,
  left: number,
): [method: "probe" | "lpft", reason: string] {
  const told = `${points(Math.abs(lead))} points (standard error ${
    points(standardError)
  }) on ${pictures} pictures held out`;
  if (lead < 0) return ["probe", `the probe is kept: fine-tuning is behind by ${told}`];
  if (lead === 0) {
    return ["probe", `the probe is kept: fine-tuning is level, with a lead of ${told}`];
  }
  if (!(lead > standardError)) {
    return [
      "probe",
      `the probe is kept: fine-tuning is ahead by ${told}, not by more than one standard error`,
    ];
  }
  if (pictures < FEWEST_PICTURES) {
    return [
      "probe",
      `the probe is kept: fine-tuning is ahead by ${told}, which are too few to tell`,
    ];
  }
  if (seconds > left) {
    return [
      "probe",
      `the probe is kept: fine-tuning is ahead by ${told}, but takes another ${
        inWords(seconds)
      }, of which ${inWords(Math.max(0, left))} are left`,
    ];
  }
  return ["lpft", `fine-tuning it is: ahead of the probe by ${told}`];
}

function points(share: number): string {
  return (100 * share).toFixed(1);
}
