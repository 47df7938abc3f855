/** Which parts of the network learn. @module */
import { listKnown, UserError } from "../core/errors.ts";
import type { PartPolicy } from "../model/network.ts";
import { networkParts } from "../model/network_entries.ts";
import { blocks } from "../model/stages.ts";

/** How each part takes part in training: the option `policy` of a network. */
export type Policy = (part: string) => PartPolicy;

/** Options of {@linkcode freeze}, {@linkcode unfreeze} and {@linkcode freezeTo}. */
export interface FreezeOptions {
  /**
   * Whether the batch norm of frozen parts goes by the statistics of the batch and moves the running ones, as PyTorch's does
   * unless it is told `eval()`. Its scales and shifts stay as they are.
   *
   * @default {false} by the running statistics as they are: what is frozen computes the same throughout
   */
  readonly trainBn?: boolean;
  /** Batch norm of the parts that learn: `"running"` keeps the checkpoint's statistics, which small batches need. @default {"batch"} */
  readonly batchNorm?: "batch" | "running";
}

/** Only the classifier learns. */
export function freeze(options: FreezeOptions = {}): Policy {
  return learnFrom(networkParts().indexOf("classifier"), options);
}

/** Everything learns. */
export function unfreeze(options: FreezeOptions = {}): Policy {
  return learnFrom(0, options);
}

/**
 * What comes before `name` is frozen; `name` itself and all after it learn, as with fastai's `freeze_to`.
 *
 * @param name A stage (`"features.5"`: with all of its blocks), a block (`"features.5.1"`) or `"classifier"`.
 * @throws {UserError} For a name that is none of these.
 *
 * @example
 * ```ts
 * import { freezeTo } from "./freeze.ts";
 * const policy = freezeTo("features.5");
 * if (policy("features.4.2").trainable || !policy("features.5.0").trainable) throw new Error();
 * ```
 */
export function freezeTo(name: string, options: FreezeOptions = {}): Policy {
  const parts = networkParts();
  const first = parts.findIndex((part) => part === name || part.startsWith(`${name}.`));
  // "features" begins like every stage and is none.
  if (first < 0 || name === "features") {
    const stages = [...new Set(parts.map((part) => part.split(".").slice(0, 2).join(".")))];
    throw new UserError(
      `Cannot freeze to ${JSON.stringify(name)}: expected a stage, ${
        listKnown(stages)
      }, or a block, ${listKnown(blocks().map((block) => block.name))}`,
    );
  }
  return learnFrom(first, options);
}

/** The parts from `first` on learn. */
function learnFrom(
  first: number,
  { trainBn = false, batchNorm = "batch" }: FreezeOptions,
): Policy {
  if (batchNorm !== "batch" && batchNorm !== "running") {
    throw new UserError(
      `Cannot freeze: batchNorm is ${JSON.stringify(batchNorm)}, expected ${
        listKnown(["batch", "running"])
      }`,
    );
  }
  const parts = networkParts();
  return (part) => {
    const index = parts.indexOf(part);
    if (index < 0) {
      throw new UserError(
        `Cannot say whether ${JSON.stringify(part)} learns: the parts are ${listKnown(parts)}`,
      );
    }
    return index >= first
      ? { trainable: true, batchNorm }
      : { trainable: false, batchNorm: trainBn ? "batch" : "running" };
  };
}
