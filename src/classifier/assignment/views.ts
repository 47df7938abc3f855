/** Part B of the assignment: random views of pictures. @module */

import type { ImageDataset } from "../../data/dataset.ts";
import type { Image } from "../../data/image.ts";
import { randomHorizontalFlip } from "../../data/transforms/flip.ts";
import { gaussianBlur } from "../../data/transforms/gaussian_blur.ts";
import { randomRotation } from "../../data/transforms/rotation.ts";
import { compose, type Transform } from "../../data/transforms/transform.ts";
import { viewState } from "../../train/view_state.ts";

/**
 * Gaussian blur, horizontal flip and rotation as the lab asks for them, on the pictures as they are: before they are scaled for the
 * network, as in torchvision's `Compose` before a network that takes any size.
 *
 * @throws {UserError} Not here, but where it is applied to a picture of less than 3 x 3 pixels.
 */
export function assignmentViews(): Transform {
  return compose([
    gaussianBlur({ kernelSize: [5, 5], sigma: [0.1, 5] }),
    randomHorizontalFlip(),
    randomRotation([0, 180]),
  ]);
}

/** A picture and what becomes of it. */
export interface PictureViews {
  /** Its path, or its row. */
  readonly name: string;
  /** Name of its class. */
  readonly label: string;
  /** As it is. */
  readonly original: Image;
  /** As it is shown in epoch 1, 2, 3 … */
  readonly views: readonly Image[];
}

/** Options of {@linkcode sampleViews}. */
export interface SampleViewsOptions {
  /** Seed of the views: that of training. */
  readonly seed: number;
  /** Most pictures in all; of each class, the first of the data set are taken in turn. @default {4} */
  readonly pictures?: number;
  /** Views of each. @default {5} */
  readonly views?: number;
}

/** A few pictures of the training part with their views, the same that training shows. */
export async function sampleViews(
  train: ImageDataset,
  { seed, pictures = 4, views = 5 }: SampleViewsOptions,
): Promise<PictureViews[]> {
  const transform = assignmentViews();
  const chosen = firstOfEachClass(train, pictures);
  const images = await train.images(chosen);
  return chosen.map((index, i) => ({
    name: train.name(index),
    label: train.classes[train.labels[index]],
    original: images[i],
    views: Array.from(
      { length: views },
      (_, v) => transform.apply(images[i], viewState(seed, { view: v + 1, index })),
    ),
  }));
}

/** One picture of each class, then a second one of each … by class. */
function firstOfEachClass({ labels, classes }: ImageDataset, most: number): number[] {
  const each = Math.max(1, Math.floor(most / classes.length));
  return classes.slice(0, most).flatMap((_, k) =>
    [...labels.keys()].filter((index) => labels[index] === k).slice(0, each)
  );
}
