/** How a linear layer begins. @module */

import { type RandomState, torchUniform } from "../core/random.ts";

/** Weights and bias of a linear layer. */
export interface LinearLayer {
  /** `[classes, columns]`, as PyTorch has it. */
  readonly weight: Float32Array;
  /** `[classes]`. */
  readonly bias: Float32Array;
}

/**
 * `torch.nn.Linear.reset_parameters`: `kaiming_uniform_(a=sqrt(5))`, which comes to U(-1/sqrt(columns), 1/sqrt(columns)), for the
 * weight, then the same for the bias. Bit for bit those of PyTorch's CPU after `torch.manual_seed`.
 *
 * @param random `new RandomState(seed)` is `torch.manual_seed(seed)`; it moves on by the numbers drawn.
 *
 * @example
 * ```ts
 * import { RandomState } from "../core/random.ts";
 * import { linearStart } from "./linear_start.ts";
 * // torch.manual_seed(0); torch.nn.Linear(1, 1).weight
 * const { weight } = linearStart(new RandomState(0), { columns: 1, classes: 1 });
 * if (weight[0].toFixed(4) !== "-0.0075") throw new Error(`${weight[0]}`);
 * ```
 */
export function linearStart(
  random: RandomState,
  { columns, classes }: { readonly columns: number; readonly classes: number },
): LinearLayer {
  const high = 1 / Math.sqrt(columns);
  return {
    weight: torchUniform(random, classes * columns, { low: -high, high }),
    bias: torchUniform(random, classes, { low: -high, high }),
  };
}
