/** Classes whose scores say little, or say something bad. @module */

import { clip } from "../core/quoted.ts";
import type { Evaluation } from "../evaluate/metrics.ts";

/** A class that is worth a line. */
export interface WeakClass {
  /** Name of the class. */
  readonly name: string;
  /** Test images of it that are classified correctly. */
  readonly correct: number;
  /** Test images of it. */
  readonly images: number;
  /** Why it is told. */
  readonly why: "few test images" | "low recall";
}

/** Fewer test images give an interval of the recall wider than 0.5: Wilson's at 5 of 10 is 0.24 to 0.76. */
const FEW_IMAGES = 10;

/** A recall this far below the accuracy is low. */
const LOW_BY = 0.2;

/** Classes that a line of text names. */
const NAMED = 6;

/** Classes that have few test images or a recall far below the accuracy, the lowest recall first. */
export function weakClasses(
  { perClass, confusion, accuracy }: Pick<Evaluation, "perClass" | "confusion" | "accuracy">,
): WeakClass[] {
  const recall = ({ correct, images }: WeakClass) => images === 0 ? 0 : correct / images;
  return perClass.flatMap(({ name, support }, k): WeakClass[] => {
    const correct = confusion[k][k];
    const isLow = support > 0 && (correct / support < accuracy.value - LOW_BY ||
      2 * correct < support);
    if (support >= FEW_IMAGES && !isLow) return [];
    return [{
      ...{ name, correct, images: support },
      why: support < FEW_IMAGES ? "few test images" : "low recall",
    }];
  }).sort((a, b) => recall(a) - recall(b) || a.images - b.images);
}

/** `low recall in daisy (1 of 12 correct)`, a line for each reason. */
export function weakClassLines(classes: readonly WeakClass[]): string[] {
  return (["low recall", "few test images"] as const).flatMap((why) => {
    const some = classes.filter((one) => one.why === why);
    if (some.length === 0) return [];
    const named = some.slice(0, NAMED).map(({ name, correct, images }) =>
      images === 0
        ? `${clip(name, 40)} (none)`
        : `${clip(name, 40)} (${correct} of ${images} correct)`
    );
    const more = some.length - named.length;
    return [
      `${why}: ${named.join(", ")}${more > 0 ? ` and ${more} more classes: --json has all` : ""}`,
    ];
  });
}
