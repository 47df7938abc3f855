/** Cross-entropy of logits, with its gradient. @module */

import { UserError } from "../core/errors.ts";

/** Options of {@linkcode crossEntropy}; names and meaning of `torch.nn.CrossEntropyLoss`. */
export interface LossOptions {
  /** Number of classes. */
  readonly classes: number;
  /** Share of the target that is spread evenly over all classes (Szegedy et al. 2016), 0 to 1. @default {0} */
  readonly labelSmoothing?: number;
  /** Weight of each class, `[classes]`, 0 or more; the mean over rows then is weighted by that of their class. @default all 1 */
  readonly classWeights?: ArrayLike<number>;
  /**
   * Takes the softmax of the logits for the logits, as a network that ends in `Softmax` does under
   * `torch.nn.CrossEntropyLoss`: the lab's way. The loss then cannot fall below `log(1 + (classes - 1) / e)`.
   *
   * @default {false}
   */
  readonly softmaxFirst?: boolean;
}

/** What a batch came to. */
export interface BatchLoss {
  /** Mean loss over the rows, in nats. */
  readonly loss: number;
  /** Rows whose highest logit is that of their class; of equal ones the first counts. */
  readonly correct: number;
  /** Gradient of `loss` by the logits, row-major `[n, classes]`. */
  readonly gradient: Float32Array;
}

/**
 * Mean cross-entropy of a batch and its gradient, as `torch.nn.CrossEntropyLoss` and autograd give them; computed in double
 * precision. Logits that are not finite give a loss that is not.
 *
 * @param logits Row-major `[n, classes]`.
 * @param labels Class of each row, 0 to `classes - 1`.
 * @throws {UserError} For sizes or labels that do not fit, and when all rows weigh nothing.
 *
 * @example
 * ```ts
 * import { crossEntropy } from "./loss.ts";
 * const { loss, correct, gradient } = crossEntropy(Float32Array.of(0, 0), [1], { classes: 2 });
 * if (Math.abs(loss - Math.LN2) > 1e-12 || correct !== 0 || gradient.join() !== "0.5,-0.5") throw new Error();
 * ```
 */
export function crossEntropy(
  logits: Float32Array,
  labels: ArrayLike<number>,
  { classes, labelSmoothing = 0, classWeights, softmaxFirst = false }: LossOptions,
): BatchLoss {
  const rows = labels.length;
  checkSizes(logits, labels, classes, classWeights);
  const weightOf = (k: number) => classWeights?.[k] ?? 1;
  let total = 0; // what the mean divides by: PyTorch weighs smoothed targets by the weight of the label, too
  for (let row = 0; row < rows; row++) total += weightOf(labels[row]);
  if (!(total > 0)) {
    throw new UserError(
      "Cannot compute the loss: the classes of all rows of the batch have weight 0, expected one above 0",
    );
  }
  return lossOfTargets(logits, { rows, classes, total, softmaxFirst }, (row, target) => {
    const label = labels[row];
    for (let k = 0; k < classes; k++) target[k] = labelSmoothing / classes * weightOf(k);
    target[label] += (1 - labelSmoothing) * weightOf(label);
    return label;
  });
}

/**
 * {@linkcode crossEntropy} of pictures that belong to several classes, as `torch.nn.CrossEntropyLoss` computes it of probabilities:
 * class weights weigh the shares, and the mean is over rows, whatever they weigh.
 *
 * @param logits Row-major `[n, classes]`.
 * @param shares Share of each class in each row, `[n, classes]`; a row's largest one is the class that `correct` goes by.
 * @throws {UserError} For sizes that do not fit.
 *
 * @example
 * ```ts
 * import { softCrossEntropy } from "./loss.ts";
 * const { loss, gradient } = softCrossEntropy(Float32Array.of(0, 0), Float32Array.of(0.75, 0.25), { classes: 2 });
 * if (Math.abs(loss - Math.LN2) > 1e-12 || gradient.join() !== "-0.25,0.25") throw new Error();
 * ```
 */
export function softCrossEntropy(
  logits: Float32Array,
  shares: Float32Array,
  { classes, labelSmoothing = 0, classWeights, softmaxFirst = false }: LossOptions,
): BatchLoss {
  const rows = shares.length / classes;
  if (!Number.isInteger(rows)) {
    throw new UserError(
      `Cannot compute the loss: ${shares.length} shares, expected a multiple of ${classes} classes`,
    );
  }
  const labels = Array.from({ length: rows }, (_, row) => {
    return highest(shares.subarray(row * classes, (row + 1) * classes));
  });
  checkSizes(logits, labels, classes, classWeights);
  return lossOfTargets(logits, { rows, classes, total: rows, softmaxFirst }, (row, target) => {
    for (let k = 0; k < classes; k++) {
      const share = (1 - labelSmoothing) * shares[row * classes + k] + labelSmoothing / classes;
      target[k] = share * (classWeights?.[k] ?? 1);
    }
    return labels[row];
  });
}

/** Sizes, what the mean divides by, and whether a softmax comes first. */
interface TargetLoss {
  readonly rows: number;
  readonly classes: number;
  readonly total: number;
  readonly softmaxFirst: boolean;
}

/** @param targetOf Writes what each class's log-probability is multiplied by in a row. Returns the row's class. */
function lossOfTargets(
  logits: Float32Array,
  { rows, classes, total, softmaxFirst }: TargetLoss,
  targetOf: (row: number, target: Float64Array) => number,
): BatchLoss {
  const gradient = new Float32Array(rows * classes);
  const target = new Float64Array(classes);
  const first = new Float64Array(classes); // the softmax in front, where there is one
  const slopes = new Float64Array(classes);
  let loss = 0, correct = 0;
  for (let row = 0; row < rows; row++) {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    if (highest(scores) === targetOf(row, target)) correct++;
    let mass = 0;
    for (let k = 0; k < classes; k++) mass += target[k];
    if (softmaxFirst) softmax(scores, first);
    const input = softmaxFirst ? first : scores;
    const logSum = softmax(input, slopes);
    for (let k = 0; k < classes; k++) {
      if (target[k] !== 0) loss += target[k] * (logSum - input[k]);
      slopes[k] = (mass * slopes[k] - target[k]) / total;
    }
    if (softmaxFirst) throughSoftmax(slopes, first);
    gradient.set(slopes, row * classes);
  }
  return { loss: loss / total, correct, gradient };
}

/** Writes the softmax of `scores` into `out`. Returns the logarithm of the sum of their exponentials. */
function softmax(scores: ArrayLike<number>, out: Float64Array): number {
  const top = scores[highest(scores)];
  let sum = 0;
  for (let k = 0; k < out.length; k++) sum += out[k] = Math.exp(scores[k] - top);
  for (let k = 0; k < out.length; k++) out[k] /= sum;
  return top + Math.log(sum);
}

/** Turns slopes by a softmax's output, `probabilities`, into slopes by its input, in place. */
function throughSoftmax(slopes: Float64Array, probabilities: Float64Array): void {
  let mean = 0;
  for (let k = 0; k < slopes.length; k++) mean += slopes[k] * probabilities[k];
  for (let k = 0; k < slopes.length; k++) slopes[k] = probabilities[k] * (slopes[k] - mean);
}

function highest(scores: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < scores.length; k++) if (scores[k] > scores[best]) best = k;
  return best;
}

function checkSizes(
  logits: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
  classWeights: ArrayLike<number> | undefined,
): void {
  const rows = labels.length;
  if (rows === 0 || logits.length !== rows * classes) {
    throw new UserError(
      `Cannot compute the loss: ${logits.length} logits for ${rows} labels, expected ${classes} for each of 1 or more`,
    );
  }
  if (classWeights && classWeights.length !== classes) {
    throw new UserError(
      `Cannot compute the loss: ${classWeights.length} class weights, expected ${classes}`,
    );
  }
  for (let row = 0; row < rows; row++) {
    const label = labels[row];
    if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
      throw new UserError(
        `Cannot compute the loss: label ${label} at row ${row}, expected 0 to ${classes - 1}`,
      );
    }
  }
}
