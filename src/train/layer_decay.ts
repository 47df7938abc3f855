/** What differs between entries in a step: their learning rate and whether they decay. @module */
import { UserError } from "../core/errors.ts";
import type { NetworkEntry } from "../model/network.ts";

/** What is asked of an entry. */
export type LayerEntry = Pick<NetworkEntry, "name" | "part" | "kind">;

/**
 * Factors of the learning rate that fall with the distance from the output (ULMFiT, Howard and Ruder 2018; BEiT, Bao et al.
 * 2022): 1 for the last part of the network, `decay` for the one before, then `decay` squared …
 *
 * A part is a block, not a stage: EfficientNet-B0 has 19, so that 0.8 leaves the stem 0.018 of the rate and 0.9 leaves 0.15.
 *
 * @param entries The network's, in its order; frozen parts are counted, too.
 * @param decay Above 0, up to 1.
 * @returns The factor of an entry: the option `rateOf` of an update.
 * @throws {UserError} For a decay out of range.
 *
 * @example
 * ```ts
 * import { layerDecay } from "./layer_decay.ts";
 * const entries = ["features.8", "classifier"].map((part) => ({ name: part, part, kind: "bias" }) as const);
 * const rateOf = layerDecay(entries, 0.8);
 * if (rateOf(entries[0]) !== 0.8 || rateOf(entries[1]) !== 1) throw new Error();
 * ```
 */
export function layerDecay(
  entries: readonly LayerEntry[],
  decay: number,
): (entry: LayerEntry) => number {
  if (!(decay > 0 && decay <= 1)) {
    throw new UserError(
      `Cannot train: layerDecay is ${decay}, expected a number above 0, up to 1`,
    );
  }
  const parts = [...new Set(entries.map(({ part }) => part))];
  const factors = new Map(parts.map((part, i) => [part, decay ** (parts.length - 1 - i)]));
  return ({ name, part }) => {
    const factor = factors.get(part);
    if (factor !== undefined) return factor;
    throw new UserError(`Cannot tell the learning rate of ${name}: no part is named ${part}`);
  };
}

/**
 * Whether weight decay applies: to the weights of convolutions and of the classifier, not to batch norm's scales and shifts nor to
 * biases. Those are few, and drawing them to zero does not simplify what the network computes (He et al. 2019, section 3.1).
 */
export function decaysWeights({ kind, name }: LayerEntry): boolean {
  if (kind === "scale" || kind === "shift" || kind === "bias") return false;
  if (kind === "runningMean" || kind === "runningVariance") return false;
  return !name.endsWith(".bias");
}
