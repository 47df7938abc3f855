/** How the assignment was done where the lab leaves it open, or where its listings do what they should not. @module */

import type { AssignmentReport } from "./assignment_report.ts";

/** One decision. */
export interface Decision {
  /** In a few words. */
  readonly name: string;
  /** In a sentence or two. */
  readonly text: string;
}

/** All decisions, with the figures of this run. */
export function decisions(report: AssignmentReport): readonly Decision[] {
  const { imageSize, pictureSizes, preprocessing, batchSize, extraction, fineTuning } = report;
  const side = Math.max(pictureSizes.height[1], pictureSizes.width[1]);
  const cells = (pixels: number) => {
    const left = Math.ceil(pixels / 32); // five strides of 2
    return `${left} x ${left}`;
  };
  return [
    {
      name: "picture size",
      text:
        `The network halves a picture five times: of ${side} pixels ${
          cells(side)
        } cells would be left. ` +
        `Pictures are scaled to ${imageSize} x ${imageSize}, which leaves ${cells(imageSize)}.`,
    },
    {
      name: "normalisation",
      text: `Pixels are brought to the scale that the checkpoint was trained on (mean ${
        preprocessing.mean.join(", ")
      }, deviation ${preprocessing.std.join(", ")}); the lab's example feeds them as they are.`,
    },
    {
      name: "cost",
      text:
        "Cross-entropy of the scores themselves, as a mean over pictures; the lab's example puts a softmax before a cost " +
        "that has one already, and sums over batches.",
    },
    {
      name: "views",
      text: "Blur, flip and rotation are applied to the pictures as they are, before they are " +
        "scaled, and drawn anew for each picture in each epoch; what rotation leaves empty is black, as in torchvision. The " +
        "test pictures are never changed, and accuracies on the training pictures are those of the pictures as they are.",
    },
    {
      name: "eval mode",
      text:
        "Accuracies and validation costs are those of eval mode: no block is skipped, and batch norm goes by its running " +
        `statistics. These are the checkpoint's throughout: batches of ${batchSize} would be a poor estimate of them.`,
    },
    {
      name: "learning rates",
      text:
        "Adam with a constant rate, as in the lab. Smith's range test raises the rate from 1e-7 to 10 over mini-batches of " +
        "the very training that follows, and smooths by how much the cost of each has changed; a tenth of the rate at which " +
        "that is least is taken.",
    },
    {
      name: "where fine-tuning starts",
      text:
        "From the layer that feature extraction ended with, the second of the two ways that the lab names: the trunk is " +
        "then not led astray by a layer that knows nothing.",
    },
    {
      name: "how long",
      text:
        `${extraction.costs.length} epochs with the features frozen, ${fineTuning.costs.length} with everything learning. ` +
        "The last weights are kept. Validation costs are measured on the test pictures, as in the lab; nothing is chosen by " +
        "them, so that the accuracies on the test pictures stay fair.",
    },
  ];
}
