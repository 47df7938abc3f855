/** The lab's data, as it prepares them. @module */

import { UserError } from "../../core/errors.ts";
import { DataLoader } from "../../data/data_loader.ts";
import type { ImageDataset } from "../../data/dataset.ts";
import type { Image } from "../../data/image.ts";
import { checkTrainable } from "../check_trainable.ts";

/** Pictures in a batch: `DataLoader(…, batch_size=100)`. */
export const LAB_BATCH = 100;

/** Side of the lab's pictures, in pixels; they stay as small as they are. */
export const LAB_SIZE = 28;

/** `train_test_split(fash_mnist, test_size=0.1, random_state=5)`. */
export const LAB_SPLIT = { testSize: 0.1, randomState: 5 } as const;

/** The two parts of the lab's data, in batches, never shuffled. */
export interface LabData {
  /** What is trained on. */
  readonly train: ImageDataset;
  /** What is kept apart; for the lab also its validation set. */
  readonly test: ImageDataset;
  /** Batches of `train`. */
  readonly trainBatches: DataLoader;
  /** Batches of `test`. */
  readonly testBatches: DataLoader;
}

/**
 * Splits and batches pictures as the lab does.
 *
 * @throws {UserError} When they are not grey and 28 x 28, nothing can be learnt from them, or a batch would be of one picture, for
 * which batch norm has no statistics.
 */
export function prepareLabData(data: ImageDataset): LabData {
  checkTrainable(data);
  for (let i = 0; i < data.length; i++) {
    if (isLabPicture(data, i)) continue;
    const { height, width } = data.size(i);
    const channels = data.channels(i);
    throw new UserError(
      `Cannot run the lab on ${data.source}: picture ${i + 1} is ${height} x ${width} with ${
        channels === 1 ? "1 channel" : `${channels} channels`
      }, expected grey pictures of 28 x 28 as in Fashion-MNIST`,
    );
  }
  const { train, test } = data.split(LAB_SPLIT);
  checkTrainable(train);
  for (const [name, { length }] of Object.entries({ train, test })) {
    if (length % LAB_BATCH !== 1) continue;
    throw new UserError(
      `Cannot run the lab on ${data.source}: of its ${length} ${name} pictures the last batch of ${LAB_BATCH} would ` +
        "have one, and batch norm in train mode needs two; leave a few rows out",
    );
  }
  const options = { batchSize: LAB_BATCH };
  return {
    train,
    test,
    trainBatches: new DataLoader(train, options),
    testBatches: new DataLoader(test, options),
  };
}

/** Whether data are for the first part of the lab, whose pictures are grey and 28 x 28; all others are for its assignment. */
export function isLabData(data: ImageDataset): boolean {
  return data.length > 0 && data.labels.every((_, i) => isLabPicture(data, i));
}

function isLabPicture(data: ImageDataset, index: number): boolean {
  const { height, width } = data.size(index);
  return height === LAB_SIZE && width === LAB_SIZE && data.channels(index) === 1;
}

/**
 * Grey pictures as the lab feeds them: 0 to 255 as they are, not normalised, the one channel repeated to three.
 *
 * @returns `[n, 28, 28, 3]`.
 */
export function rawPixels(images: readonly Image[]): Float32Array<ArrayBuffer> {
  const pixels = LAB_SIZE * LAB_SIZE;
  const values = new Float32Array(images.length * pixels * 3);
  images.forEach(({ data }, image) => {
    for (let i = 0, at = image * pixels * 3; i < pixels; i++, at += 3) {
      values[at] = values[at + 1] = values[at + 2] = data[i];
    }
  });
  return values;
}
