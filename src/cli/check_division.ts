/** Whether what is trained on has all classes that the data have. @module */

import { UserError } from "../core/errors.ts";
import { quoted } from "../core/quoted.ts";
import type { ImageDataset } from "../data/dataset.ts";
import type { TrainTestIndices } from "../data/split.ts";

/**
 * Refuses data of which a class would not be learnt, in words of the data as they were given rather than of the part that is left.
 *
 * @param asItCame Whether the parts are those that the data came in.
 * @throws {UserError} When there is a single class, a class has no picture at all, or none that is trained on.
 */
export function checkDivision(
  data: ImageDataset,
  { train }: TrainTestIndices,
  { asItCame }: { readonly asItCame: boolean },
): void {
  if (data.labels.includes(-1)) return; // which checkTrainable tells
  const fail = (detail: string) => new UserError(`Cannot train on ${data.source}: ${detail}`);
  const [counts, learnt] = [data.classCounts(), data.subset(train).classCounts()];
  const named = (label: number) => `class ${quoted(data.classes[label])}`;
  const only = counts.findIndex((count) => count === data.length);
  if (only >= 0) {
    throw fail(
      `${data.length === 1 ? "its only picture is" : `all ${data.length} pictures are`} of ${
        named(only)
      }, expected at least 2 classes; add pictures of another class`,
    );
  }
  const empty = counts.indexOf(0);
  if (empty >= 0) {
    throw fail(`${named(empty)} has no pictures; add some, or leave the class out`);
  }
  const lost = learnt.indexOf(0);
  if (lost < 0) return;
  const count = counts[lost];
  const went = count === 1
    ? `its only picture is in the test part`
    : `its ${count} pictures are all in the test part`;
  const advice = asItCame
    ? "add some to the training part, or divide the data anew with --test-size"
    : count === 1
    ? "add more, leave the class out, or use another --random-state"
    : "use --stratify, which divides each class";
  throw fail(`${named(lost)} has nothing to learn from, since ${went}; ${advice}`);
}
