/** Training a head on features that stay as they are. @module */

import { checkOptions, type OptionKinds, PROGRESS_KINDS } from "../core/check_options.ts";
import { listKnown, UserError } from "../core/errors.ts";
import { givenKind } from "../core/given_kind.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { DEFAULT_RANDOM_STATE } from "../core/random.ts";
import type { FeatureMatrix, Head } from "../model/heads.ts";
import { type EpochReport, fitLinear, type LinearHead } from "../train/linear.ts";
import { type Method, METHODS } from "../train/method.ts";
import { fitProbe, type ProbeHead } from "../train/probe.ts";

/** How to train a head. */
export interface HeadOptions extends ProgressOptions {
  /** See {@linkcode Method}; those that leave the trunk as it is. @default {"probe"} */
  readonly method?: Extract<Method, "probe" | "linear">;
  /** Weight of each class, above 0, in order. @default all 1 */
  readonly classWeights?: ArrayLike<number>;
  /** Picture that each row shows, where several are views of one; see `ProbeOptions`. @default each row another */
  readonly groups?: Int32Array;
  /** Whether to hold rows out, see `ProbeOptions`; `"probe"` only. @default {false} */
  readonly holdOut?: boolean;
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

/** Of {@linkcode HeadOptions}. */
const KINDS: OptionKinds<HeadOptions> = {
  ...PROGRESS_KINDS,
  method: "string",
  classWeights: "any",
  groups: "any",
  holdOut: "boolean",
  randomState: "number",
  epochs: "number",
  learningRate: "number",
  batchSize: "number",
  onEpoch: "function",
};

/** Options that mean nothing to a probe. */
const LINEAR_ONLY = ["epochs", "learningRate", "batchSize", "onEpoch"] as const;

/** Refuses options that a probe would leave unused. @throws {UserError} */
export function refuseLinearOnly(
  options: { readonly [Name in typeof LINEAR_ONLY[number]]?: unknown },
): void {
  const misplaced = LINEAR_ONLY.filter((name) => options[name] !== undefined);
  if (misplaced.length === 0) return;
  throw new UserError(
    `Cannot train the probe: ${misplaced.join(" and ")} belong to method "linear"; ` +
      "a probe runs until it converges",
  );
}

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
  given: HeadOptions = {},
): Promise<Head | LinearHead | ProbeHead> {
  checkOptions(given, KINDS, { action: "train", method: "fitHead" });
  if (!Array.isArray(classes)) {
    throw new UserError(
      `Cannot train: the classes are ${
        givenKind(classes)
      }, expected the list of their names; write fitHead(features, labels, classes)`,
    );
  }
  const { method = "probe", randomState = DEFAULT_RANDOM_STATE, ...options } = given;
  const { classWeights, onProgress, signal, epochs, learningRate, batchSize, onEpoch } = options;
  const common = {
    classes: classes.length,
    classNames: classes,
    classWeights,
    randomState,
    onProgress,
    signal,
  };
  if (method === "linear") {
    return await fitLinear(features, labels, {
      ...common,
      epochs,
      learningRate,
      batchSize,
      onEpoch,
    });
  }
  if (method !== "probe") {
    throw new UserError(
      `Cannot train: method is ${JSON.stringify(method)}, expected ${listKnown(METHODS)}`,
    );
  }
  refuseLinearOnly(options);
  const { groups, holdOut } = options;
  return await fitProbe(features, labels, { ...common, groups, holdOut });
}
