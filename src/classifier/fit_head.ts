/** Training one of the heads by name. @module */

import { UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";
import type { FeatureMatrix, Head } from "../model/heads.ts";
import { type EpochReport, fitLinear } from "../train/linear.ts";
import { fitProbe } from "../train/probe.ts";

/** Seed where none is given: the lab's. */
export const DEFAULT_RANDOM_STATE = 5;

/** How to train a head. */
export interface HeadOptions extends ProgressOptions {
  /**
   * - `"probe"`: multinomial logistic regression on standardised features by L-BFGS, its strength chosen by
   *   cross-validation; nothing to tune.
   * - `"linear"`: a linear layer by steps of Adam on plain features, as in a PyTorch loop.
   *
   * @default {"probe"}
   */
  readonly head?: "probe" | "linear";
  /** Seed of folds, first weights and order. @default {5} */
  readonly randomState?: number;
  /** Passes over the rows; `"linear"` only. @default {100} */
  readonly epochs?: number;
  /** Step size; `"linear"` only. @default {0.001} */
  readonly learningRate?: number;
  /** Rows per step; `"linear"` only. @default {100} */
  readonly batchSize?: number;
  /** Called after each epoch; `"linear"` only. */
  readonly onEpoch?: (report: EpochReport) => void;
}

/** The options that mean nothing to a probe, which runs until it converges. */
const LINEAR_ONLY = ["epochs", "learningRate", "batchSize", "onEpoch"] as const;

/**
 * Trains a head on features.
 *
 * @param labels Class of each row, an index into `classes`.
 * @param classes Names of the classes, in order.
 * @throws {UserError} For options that do not belong to the head, and for data that nothing can be learnt from.
 */
export async function fitHead(
  features: FeatureMatrix,
  labels: Int32Array,
  classes: readonly string[],
  { head = "probe", randomState = DEFAULT_RANDOM_STATE, ...options }: HeadOptions = {},
): Promise<Head> {
  const { onProgress, signal, epochs, learningRate, batchSize, onEpoch } = options;
  const common = {
    classes: classes.length,
    classNames: classes,
    randomState,
    onProgress,
    signal,
  };
  if (head === "linear") {
    return await fitLinear(features, labels, {
      ...common,
      epochs,
      learningRate,
      batchSize,
      onEpoch,
    });
  }
  if (head !== "probe") {
    throw new UserError(
      `Cannot train: head is ${JSON.stringify(head)}, expected "probe" or "linear"`,
    );
  }
  const misplaced = LINEAR_ONLY.filter((name) => options[name] !== undefined);
  if (misplaced.length > 0) {
    throw new UserError(
      `Cannot train the probe: ${misplaced.join(" and ")} belong to head "linear"; ` +
        "a probe runs until it converges",
    );
  }
  return await fitProbe(features, labels, common);
}
