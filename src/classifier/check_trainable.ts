/** Whether data can be learnt from. @module */

import { UserError } from "../core/errors.ts";
import { quoted } from "../core/quoted.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { type ClassWeights, resolveClassWeights } from "../train/class_weights.ts";

/**
 * Refuses data that no head can be trained on, and class weights that are not theirs, before minutes go into their features.
 *
 * @returns The weight of each class, where there are any.
 * @throws {UserError} When a picture has no label, there is a single class, or a class has no picture; for class weights that do
 * not fit.
 */
export function checkTrainable(
  data: ImageDataset,
  classWeights?: ClassWeights,
): Float64Array | undefined {
  const fail = (detail: string) => new UserError(`Cannot train on ${data.source}: ${detail}`);
  if (data.length === 0) throw fail("it has no pictures");
  const unlabelled = data.labels.indexOf(-1);
  if (unlabelled >= 0) {
    throw fail(`picture ${unlabelled + 1} of ${data.length} has no label`);
  }
  const counts = data.classCounts();
  const present = data.classes.filter((_, index) => counts[index] > 0);
  if (present.length === 1) {
    throw fail(
      `${data.length === 1 ? "its only picture is" : `all ${data.length} pictures are`} of class ${
        quoted(present[0])
      }, expected at least ` +
        "2 classes; add pictures of another class",
    );
  }
  const absent = data.classes.find((_, index) => counts[index] === 0);
  if (absent !== undefined) {
    throw fail(
      `class ${quoted(absent)} has no picture to learn from; add some, leave the class ` +
        "out, or split with stratify",
    );
  }
  return resolveClassWeights(classWeights, { classes: data.classes, counts });
}
