/** What the assignment's figures say, in sentences. @module */

import { count } from "../../core/count.ts";
import type { Proportion } from "../../core/intervals.ts";
import type { AssignmentPhase, AssignmentReport } from "./assignment_report.ts";

/** Part F: how fine-tuning did beside feature extraction, with the figures of this run. */
export function compareTrainings({ extraction, fineTuning }: AssignmentReport): string {
  const before = extraction.test.accuracy, after = fineTuning.test.accuracy;
  const more = hits(after) - hits(before);
  const pictures = (number: number) => count(number, "test picture");
  const outcome = more === 0
    ? `names as many of the ${pictures(after.n)} rightly as feature extraction (${share(after)})`
    : `names ${pictures(Math.abs(more))} of ${after.n} ${
      more > 0 ? "more" : "fewer"
    } rightly than feature ` +
      `extraction (${share(after)} against ${share(before)})`;
  const apart = after.low > before.high || before.low > after.high;
  const weight = apart
    ? "more than chance alone explains"
    : `which says little: with ${after.n} pictures, the 95 % intervals ${interval(after)} and ${
      interval(before)
    } overlap`;
  const cost = fineTuning.test.cost < extraction.test.cost ? "lower" : "higher";
  return `Fine-tuning ${outcome}, ${weight}. Its cost on them is ${cost} (${
    fineTuning.test.cost.toFixed(3)
  } against ${extraction.test.cost.toFixed(3)}). On the training pictures it reaches ${
    share(fineTuning.train.accuracy)
  } against ${share(extraction.train.accuracy)}, with ${
    times(fineTuning.parameters / extraction.parameters)
  } as many numbers learning and ${
    times(secondsByEpoch(fineTuning) / secondsByEpoch(extraction))
  } the time for an epoch.`;
}

/** Part G: what a curve of validation costs says about when to stop. */
export function readValidation(
  what: string,
  { costs, validationCosts, test }: Pick<AssignmentPhase, "costs" | "validationCosts" | "test">,
): string {
  const epochs = validationCosts.length;
  const least = validationCosts.indexOf(Math.min(...validationCosts));
  const last = validationCosts[epochs - 1];
  const at = `${validationCosts[least].toFixed(3)} after epoch ${least + 1} of ${epochs}`;
  const training = `training cost ends at ${costs[epochs - 1].toFixed(3)}`;
  if (least >= epochs - 1 - epochs * LATE) {
    return `${what}: validation cost is least at the end or close to it (${at}; ${training}): more epochs might still help.`;
  }
  const risen = last > validationCosts[least] * (1 + NOTICEABLE);
  return risen
    ? `${what}: validation cost is least early (${at}) and has risen to ${
      last.toFixed(3)
    } since, while ${training}: by this curve one would stop there, uncertain a guide as ${test.accuracy.n} pictures are.`
    : `${what}: validation cost is least at ${at} and stays about there, at ${
      last.toFixed(3)
    } in the end (${training}): more epochs gain nothing.`;
}

/** Share of the epochs that count as the end. */
const LATE = 0.1;
/** Rise of a cost, as a share of it, that is more than its usual ups and downs. */
const NOTICEABLE = 0.1;

function hits({ value, n }: Proportion): number {
  return Math.round(value * n);
}

function share({ value }: Proportion): string {
  return value.toFixed(3);
}

function interval({ low, high }: Proportion): string {
  return `${low.toFixed(2)} to ${high.toFixed(2)}`;
}

function times(factor: number): string {
  return `${factor < 10 ? factor.toFixed(1) : Math.round(factor)} times`;
}

function secondsByEpoch({ seconds, costs }: AssignmentPhase): number {
  return seconds.training / costs.length;
}
