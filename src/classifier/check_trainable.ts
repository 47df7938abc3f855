/** Whether data can be learnt from. @module */

import { UserError } from "../core/errors.ts";
import type { ImageDataset } from "../data/dataset.ts";

/**
 * Refuses data that no head can be trained on, before minutes go into their features.
 *
 * @throws {UserError} When a picture has no label, there is a single class, or a class has no picture.
 */
export function checkTrainable(data: ImageDataset): void {
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
      `all ${data.length} pictures are of class ${JSON.stringify(present[0])}, expected at least ` +
        "2 classes; add pictures of another class",
    );
  }
  const absent = data.classes.find((_, index) => counts[index] === 0);
  if (absent !== undefined) {
    throw fail(
      `class ${JSON.stringify(absent)} has no picture to learn from; add some, leave the class ` +
        "out, or split with stratify",
    );
  }
}
