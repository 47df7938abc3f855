/** Weights between those that fine-tuning started from and those that it ended with. @module */

import { UserError } from "../core/errors.ts";
import type { Head } from "../model/heads.ts";
import { hashTensors } from "../store/hash_tensors.ts";
import type { LoadedWeights } from "../weights/load.ts";

/** Refuses a share that is out of range. @throws {UserError} */
export function checkKeepShare(keepShare: number): void {
  if (keepShare > 0 && keepShare <= 1) return;
  throw new UserError(
    `Cannot fine-tune: keepShare is ${keepShare}, expected a number above 0, up to 1`,
  );
}

/** A backbone with its head. */
export interface WeightsAndHead {
  /** The backbone. */
  readonly weights: LoadedWeights;
  /** Its head; as a start it may be absent: a head of zeros. */
  readonly head?: Pick<Head, "weight" | "bias">;
}

/**
 * Weights at a share of the way from the start (0) to the end (1) of fine-tuning. They are often better than either on images that
 * were not trained on (WiSE-FT, Wortsman et al. 2022).
 *
 * @param to Its tensors are those of `from`, or the ones among them that a network uses.
 */
export async function wiseFt(
  from: WeightsAndHead,
  to: { readonly weights: LoadedWeights; readonly head: Head },
  share: number,
): Promise<{ readonly weights: LoadedWeights; readonly head: Head }> {
  if (share === 1) return to;
  const between = (start: ArrayLike<number> | undefined, end: Float32Array) =>
    end.map((value, i) => {
      const first = start?.[i] ?? 0;
      return first + share * (value - first);
    });
  const tensors = new Map(
    [...to.weights.tensors].map(([name, tensor]) => {
      const { data } = tensor;
      if (!(data instanceof Float32Array)) return [name, tensor] as const;
      const start = from.weights.tensors.get(name)!.data;
      if (start === data) return [name, tensor] as const;
      return [name, { ...tensor, data: between(start as ArrayLike<number>, data) }] as const;
    }),
  );
  return {
    weights: { ...to.weights, tensors, sha256: await hashTensors(tensors) },
    head: {
      ...to.head,
      weight: between(from.head?.weight, to.head.weight),
      bias: between(from.head?.bias, to.head.bias),
    },
  };
}
