/** Folding batch norm into the convolution before it. @module */

import type { ParameterValues } from "./parameters.ts";

/** A convolution that includes its batch norm in eval mode. */
export interface FoldedConvolution {
  /** Kernel in the order of the original, output channels first. */
  readonly weight: Float32Array;
  /** One value per output channel. */
  readonly bias: Float32Array;
}

/** A batch norm in eval mode as one multiplication and one addition per output channel. */
export interface NormFactors {
  /** What each output of the convolution before is multiplied by. */
  readonly factor: Float64Array;
  /** What is added then. */
  readonly bias: Float32Array;
}

/**
 * The batch norm `prefix.1` in eval mode: `y = (x - mean) * scale / sqrt(variance + epsilon) + shift`. Factors are computed in
 * float64.
 *
 * @param values Trunk parameters by name.
 * @param epsilon The checkpoint family's own: 1e-5 in torchvision, 1e-3 in Google's.
 */
export function normFactors(
  values: ParameterValues,
  prefix: string,
  epsilon: number,
): NormFactors {
  const scale = values.get(`${prefix}.1.weight`)!;
  const shift = values.get(`${prefix}.1.bias`)!;
  const mean = values.get(`${prefix}.1.running_mean`)!;
  const variance = values.get(`${prefix}.1.running_var`)!;
  const factor = new Float64Array(scale.length);
  const bias = new Float32Array(scale.length);
  for (let c = 0; c < factor.length; c++) {
    factor[c] = scale[c] / Math.sqrt(variance[c] + epsilon);
    bias[c] = shift[c] - mean[c] * factor[c];
  }
  return { factor, bias };
}

/**
 * The convolution `prefix.0` with the batch norm `prefix.1` in eval mode folded in, see {@linkcode normFactors}. Each weight
 * is rounded once.
 *
 * @param values Trunk parameters by name.
 * @param epsilon See {@linkcode normFactors}.
 */
export function foldNorm(
  values: ParameterValues,
  prefix: string,
  epsilon: number,
): FoldedConvolution {
  const kernel = values.get(`${prefix}.0.weight`)!;
  const { factor, bias } = normFactors(values, prefix, epsilon);
  return { weight: timesFactors(kernel, factor), bias };
}

/**
 * A kernel or matrix, outputs first, times one factor per output; each product is rounded once.
 *
 * @returns A new array.
 */
export function timesFactors(
  kernel: Float32Array,
  factor: Float32Array | Float64Array,
): Float32Array {
  const perOutput = kernel.length / factor.length;
  const out = new Float32Array(kernel.length);
  for (let o = 0, i = 0; o < factor.length; o++) {
    for (const end = i + perOutput; i < end; i++) out[i] = kernel[i] * factor[o];
  }
  return out;
}
