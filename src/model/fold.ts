/** Folding batch norm into the convolution before it. @module */

/** A convolution that includes its batch norm in eval mode. */
export interface FoldedConvolution {
  /** Kernel in the order of the original, output channels first. */
  readonly weight: Float32Array;
  /** One value per output channel. */
  readonly bias: Float32Array;
}

/**
 * The convolution `prefix.0` with the batch norm `prefix.1` in eval mode folded in:
 * `y = (conv(x) - mean) * scale / sqrt(variance + epsilon) + shift`. Factors are computed in float64 and rounded
 * once.
 *
 * @param values Trunk parameters by name.
 * @param epsilon The checkpoint family's own: 1e-5 in torchvision, 1e-3 in Google's.
 */
export function foldNorm(
  values: ReadonlyMap<string, Float32Array>,
  prefix: string,
  epsilon: number,
): FoldedConvolution {
  const kernel = values.get(`${prefix}.0.weight`)!;
  const scale = values.get(`${prefix}.1.weight`)!;
  const shift = values.get(`${prefix}.1.bias`)!;
  const mean = values.get(`${prefix}.1.running_mean`)!;
  const variance = values.get(`${prefix}.1.running_var`)!;
  const channels = scale.length;
  const perChannel = kernel.length / channels;
  const weight = new Float32Array(kernel.length);
  const bias = new Float32Array(channels);
  for (let c = 0; c < channels; c++) {
    const factor = scale[c] / Math.sqrt(variance[c] + epsilon);
    bias[c] = shift[c] - mean[c] * factor;
    for (let i = c * perChannel; i < (c + 1) * perChannel; i++) weight[i] = kernel[i] * factor;
  }
  return { weight, bias };
}
