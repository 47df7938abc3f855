/** The trunk's weights from whatever names them. @module */

import type { FileBytes } from "../core/given_bytes.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { randomWeights } from "../model/random_weights.ts";
import { type LoadedWeights, loadWeights, type LoadWeightsOptions } from "../weights/load.ts";
import type { Variant } from "../weights/variants.ts";

/**
 * A checkpoint: a name (`"imagenet"`), a path, an address, the file's bytes, or weights that are loaded already.
 * `"random"` is a trunk that has seen no picture, for demonstrations without a download only.
 */
export type WeightsSource = string | URL | FileBytes | LoadedWeights;

/** Options of {@linkcode resolveWeights}. */
export interface WeightsOptions extends ProgressOptions {
  /** Family of the checkpoint, where its content does not tell. */
  readonly variant?: Variant;
}

/** Seed of the `"random"` trunk: one and the same each time. */
const RANDOM_TRUNK_SEED = 5;

/** Loads what a source names. @throws {UserError} When it cannot be had. */
export async function resolveWeights(
  weights: WeightsSource,
  options: WeightsOptions & Pick<LoadWeightsOptions, "assumedVariant"> = {},
): Promise<LoadedWeights> {
  if (weights === "random") return await randomWeights(RANDOM_TRUNK_SEED);
  if (
    typeof weights === "object" && weights !== null && "tensors" in weights &&
    weights.tensors instanceof Map
  ) return weights;
  return await loadWeights(weights as Exclude<WeightsSource, LoadedWeights>, options); // which refuses what is neither
}
