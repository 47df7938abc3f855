/** Optimizers, step for step those of PyTorch. @module */

/** Turns gradients into steps; keeps state for the parameters it was first stepped with. */
export interface Optimizer {
  /**
   * Changes each of `parameters` in place by its gradient.
   *
   * @param parameters The same arrays in the same order at every call.
   * @param gradients Gradient of each parameter, of the same length; not changed.
   */
  step(parameters: readonly Float32Array[], gradients: readonly Float32Array[]): void;
}

/** Options of {@linkcode adam}; names and defaults of `torch.optim.Adam`. */
export interface AdamOptions {
  /** Step size. @default {0.001} */
  readonly learningRate?: number;
  /** Decay of the running mean of gradients. @default {0.9} */
  readonly beta1?: number;
  /** Decay of the running mean of squared gradients. @default {0.999} */
  readonly beta2?: number;
  /** Added to the denominator. @default {1e-8} */
  readonly epsilon?: number;
  /** L2 penalty, added to the gradient (not AdamW). @default {0} */
  readonly weightDecay?: number;
}

/**
 * Adam (Kingma and Ba 2015) as `torch.optim.Adam` computes it: the bias corrections applied to the step size and to
 * the root, epsilon added after.
 *
 * @example
 * ```ts
 * import { adam } from "./optimizer.ts";
 * const weights = Float32Array.of(1);
 * adam({ learningRate: 0.5 }).step([weights], [Float32Array.of(3)]);
 * if (Math.abs(weights[0] - 0.5) > 1e-6) throw new Error(`${weights[0]}`); // the first step is the learning rate
 * ```
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } =
    options;
  let steps = 0;
  let means: Float32Array[] = [];
  let squares: Float32Array[] = [];
  return {
    step(parameters, gradients) {
      if (steps++ === 0) {
        means = parameters.map((values) => new Float32Array(values.length));
        squares = parameters.map((values) => new Float32Array(values.length));
      }
      const size = learningRate / (1 - beta1 ** steps);
      const root = Math.sqrt(1 - beta2 ** steps);
      parameters.forEach((values, p) => {
        const mean = means[p], square = squares[p], gradient = gradients[p];
        for (let i = 0; i < values.length; i++) {
          const slope = gradient[i] + weightDecay * values[i];
          mean[i] = beta1 * mean[i] + (1 - beta1) * slope;
          square[i] = beta2 * square[i] + (1 - beta2) * slope * slope;
          values[i] -= size * mean[i] / (Math.sqrt(square[i]) / root + epsilon);
        }
      });
    },
  };
}

/** Options of {@linkcode sgd}; names and meaning of `torch.optim.SGD`. */
export interface SgdOptions {
  /** Step size. @default {0.01} */
  readonly learningRate?: number;
  /** Share of the last step's direction that is kept. @default {0} */
  readonly momentum?: number;
  /** Share of the gradient that momentum leaves out. @default {0} */
  readonly dampening?: number;
  /** Looks ahead along the momentum. @default {false} */
  readonly nesterov?: boolean;
  /** L2 penalty, added to the gradient. @default {0} */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent as `torch.optim.SGD` computes it: the learning rate multiplies the momentum buffer,
 * and the first step fills the buffer undampened.
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { learningRate = 0.01, momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 } =
    options;
  let buffers: Float32Array[] | undefined;
  return {
    step(parameters, gradients) {
      const first = buffers === undefined;
      buffers ??= parameters.map((values) => new Float32Array(values.length));
      const kept = buffers;
      parameters.forEach((values, p) => {
        const buffer = kept[p], gradient = gradients[p];
        for (let i = 0; i < values.length; i++) {
          const slope = gradient[i] + weightDecay * values[i];
          buffer[i] = first ? slope : momentum * buffer[i] + (1 - dampening) * slope;
          values[i] -= learningRate * (nesterov ? slope + momentum * buffer[i] : buffer[i]);
        }
      });
    },
  };
}
