/** The assignment's data, as the lab asks for them. @module */

import { UserError } from "../../core/errors.ts";
import type { ImageDataset } from "../../data/dataset.ts";
import { checkTrainable } from "../check_trainable.ts";

/** Pictures in a batch. */
export const ASSIGNMENT_BATCH = 28;

/** `train_test_split(…, test_size=0.1, random_state=5)`. */
export const ASSIGNMENT_SPLIT = { testSize: 0.1, randomState: 5 } as const;

/** Least side of a picture, in pixels: the blur's kernel of 5 x 5 mirrors two pixels beyond the edge. */
const LEAST_SIDE = 3;

/** The two parts of the data. */
export interface AssignmentData {
  /** What is trained on. */
  readonly train: ImageDataset;
  /** What is kept apart; also what validation costs are measured on. */
  readonly test: ImageDataset;
}

/**
 * Splits pictures as the lab does.
 *
 * @throws {UserError} When nothing can be learnt from them, or one is too small to be blurred.
 */
export function prepareAssignment(data: ImageDataset): AssignmentData {
  checkTrainable(data);
  for (let i = 0; i < data.length; i++) {
    const { height, width } = data.size(i);
    if (Math.min(height, width) >= LEAST_SIDE) continue;
    throw new UserError(
      `Cannot do the assignment on ${data.source}: ${
        data.name(i)
      } has ${height} x ${width} pixels, expected at least ` +
        `${LEAST_SIDE} x ${LEAST_SIDE}, which a blur of 5 x 5 needs`,
    );
  }
  const { train, test } = data.split(ASSIGNMENT_SPLIT);
  const counts = train.classCounts();
  const absent = data.classes.find((_, k) => counts[k] === 0);
  if (absent !== undefined) {
    throw new UserError(
      `Cannot do the assignment on ${data.source}: all pictures of class ${
        JSON.stringify(absent)
      } ` +
        `are among the ${test.length} that the split keeps apart; add pictures of it`,
    );
  }
  return { train, test };
}
