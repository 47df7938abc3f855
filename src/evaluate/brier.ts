/** Brier scores, and whether those of one model are lower than another's on the same images. @module */

/**
 * Brier score of each image: the squared distance of its probabilities from 1 for its class and 0 for the others, 0 to 2 (Brier 1950).
 * A proper score as the log loss is, but bounded: a single confident mistake does not outweigh a hundred other images, so that fewer
 * images tell two models apart.
 *
 * @param probabilities Row-major `[images, classes]`.
 * @param labels Class of each image.
 *
 * @example
 * ```ts
 * import { brierScores } from "./brier.ts";
 * const [sure, even] = brierScores(Float32Array.of(1, 0, 0.5, 0.5), [0, 1], { classes: 2 });
 * if (sure !== 0 || even !== 0.5) throw new Error();
 * ```
 */
export function brierScores(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  { classes }: { readonly classes: number },
): Float64Array {
  return Float64Array.from({ length: labels.length }, (_, image) => {
    let sum = 0;
    for (let k = 0; k < classes; k++) {
      sum += (probabilities[image * classes + k] - (labels[image] === k ? 1 : 0)) ** 2;
    }
    return sum;
  });
}

/** A mean difference between two models on the same images. */
export interface PairedDifference {
  /** Mean of the second model's scores less the first's. */
  readonly difference: number;
  /** Its standard error, over the images: below that of either mean, since both models find the same images hard. */
  readonly standardError: number;
}

/**
 * The difference of two models' scores on the same images, with its standard error.
 *
 * @param weights How much each image counts. @default all alike
 *
 * @example
 * ```ts
 * import { pairedDifference } from "./brier.ts";
 * const { difference, standardError } = pairedDifference([1, 2, 3, 4], [2, 3, 4, 5]);
 * if (difference !== 1 || standardError !== 0) throw new Error();
 * ```
 */
export function pairedDifference(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  weights?: ArrayLike<number>,
): PairedDifference {
  const images = first.length;
  const weightOf = (i: number) => weights?.[i] ?? 1;
  let mass = 0, sum = 0;
  for (let i = 0; i < images; i++) {
    mass += weightOf(i);
    sum += weightOf(i) * (second[i] - first[i]);
  }
  const difference = sum / mass;
  let squares = 0;
  for (let i = 0; i < images; i++) {
    squares += (weightOf(i) * (second[i] - first[i] - difference)) ** 2;
  }
  const standardError = Math.sqrt(squares * images / Math.max(1, images - 1)) / mass;
  return { difference, standardError };
}
