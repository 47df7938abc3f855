/**
 * The gradients of convolutions, squeeze-excite and pooled features, written out plainly in float64; NHWC throughout,
 * as in reference.ts. Batch norm's are in norm_reference.ts, the optimizers in update_reference.ts.
 *
 * @module
 */
import { siluSlope } from "./norm_reference.ts";
import type { Nhwc, Numbers, Window } from "./reference.ts";

/** A matrix product `[rows, inputs] x [inputs, outputs]` seen from behind. */
export interface ProductCase {
  /** `[rows, inputs]`. */
  readonly x: Numbers;
  /** Gradient of the product, `[rows, outputs]`. */
  readonly dy: Numbers;
  /** Input channels. */
  readonly inputs: number;
  /** Output channels. */
  readonly outputs: number;
}

/** Gradient of the weights, `[inputs, outputs]`. */
export function referenceWeightGradient({ x, dy, inputs, outputs }: ProductCase): Float64Array {
  const result = new Float64Array(inputs * outputs);
  for (let row = 0; row < x.length / inputs; row++) {
    for (let k = 0; k < inputs; k++) {
      for (let n = 0; n < outputs; n++) {
        result[k * outputs + n] += x[row * inputs + k] * dy[row * outputs + n];
      }
    }
  }
  return result;
}

/** Gradient of the product's input, `[rows, inputs]`; `weight` is `[inputs, outputs]`. */
export function referenceProductGradient(
  { dy, weight, inputs, outputs }: Omit<ProductCase, "x"> & { readonly weight: Numbers },
): Float64Array {
  const result = new Float64Array(dy.length / outputs * inputs);
  for (let place = 0; place < result.length; place++) {
    const row = Math.floor(place / inputs), k = place % inputs;
    for (let n = 0; n < outputs; n++) {
      result[place] += dy[row * outputs + n] * weight[k * outputs + n];
    }
  }
  return result;
}

/** Sums of the columns: the gradient of a bias. */
export function referenceColumnSums(dy: Numbers, channels: number): Float64Array {
  const result = new Float64Array(channels);
  for (let i = 0; i < dy.length; i++) result[i % channels] += dy[i];
  return result;
}

/** Gradient before the gate's sigmoid, `[images, channels]`, from that of `x` times the gate. */
export function referenceGateGradient(
  dy: Numbers,
  x: Numbers,
  gate: Numbers,
  channels: number,
): Float64Array {
  const result = new Float64Array(gate.length);
  const perImage = x.length / (gate.length / channels);
  for (let i = 0; i < x.length; i++) {
    const place = Math.floor(i / perImage) * channels + i % channels;
    result[place] += dy[i] * x[i] * gate[place] * (1 - gate[place]);
  }
  return result;
}

/** `dy * silu'(x)`. */
export function referenceSiluGradient(dy: Numbers, x: Numbers): Float64Array {
  return Float64Array.from(x, (z, i) => dy[i] * siluSlope(z));
}

/** A depthwise convolution seen from behind. */
export interface DepthwiseGradientCase extends Window {
  /** Shape of the convolution's input. */
  readonly shape: Nhwc;
  /** Gradient of its output, `[n, outH, outW, channels]`. */
  readonly dy: Numbers;
  /** 3 or 5 in EfficientNet-B0. */
  readonly kernelSize: number;
}

/** Gradient of the convolution's input, of shape `shape`; `kernel` is `[kernelSize, kernelSize, channels]`. */
export function referenceInputGradient(
  options: DepthwiseGradientCase & { readonly kernel: Numbers },
): Float64Array {
  const { dy, kernel } = options;
  const [n, h, w, c] = options.shape;
  const result = new Float64Array(n * h * w * c);
  eachTap(options, (input, output, tap) => result[input] += dy[output] * kernel[tap]);
  return result;
}

/** Gradient of the kernel, `[kernelSize, kernelSize, channels]`; `x` is of shape `shape`. */
export function referenceFilterGradient(
  options: DepthwiseGradientCase & { readonly x: Numbers },
): Float64Array {
  const { dy, x, kernelSize } = options;
  const result = new Float64Array(kernelSize * kernelSize * options.shape[3]);
  eachTap(options, (input, output, tap) => result[tap] += dy[output] * x[input]);
  return result;
}

/** Every product of the convolution: places in its input, its output and its kernel. */
function eachTap(
  { shape, kernelSize, stride, padTop, padLeft, outH, outW }: DepthwiseGradientCase,
  visit: (input: number, output: number, tap: number) => void,
): void {
  const [n, h, w, c] = shape;
  for (let place = 0; place < n * outH * outW; place++) {
    const image = Math.floor(place / (outH * outW));
    const row = Math.floor(place / outW) % outH, column = place % outW;
    for (let tap = 0; tap < kernelSize * kernelSize; tap++) {
      const y = row * stride - padTop + Math.floor(tap / kernelSize);
      const x = column * stride - padLeft + tap % kernelSize;
      if (y < 0 || y >= h || x < 0 || x >= w) continue;
      const from = ((image * h + y) * w + x) * c;
      for (let channel = 0; channel < c; channel++) {
        visit(from + channel, place * c + channel, tap * c + channel);
      }
    }
  }
}

/** Gradient of a plane's mean spread over its pixels, `[images, pixels, channels]`. */
export function referenceSpread(
  share: Numbers,
  pixels: number,
  channels: number,
): Float64Array {
  const result = new Float64Array(share.length * pixels);
  for (let i = 0; i < result.length; i++) {
    const image = Math.floor(i / (pixels * channels));
    result[i] = share[image * channels + i % channels] / pixels;
  }
  return result;
}

/** Options of {@linkcode referenceScale}. */
export interface ScaleCase {
  /** `[rows, columns]`. */
  readonly x: Numbers;
  /** Columns of a row. */
  readonly columns: number;
  /** One per column. */
  readonly factors?: Numbers;
  /** One per column, added after the factor. */
  readonly offsets?: Numbers;
  /** One per number. */
  readonly mask?: Numbers;
}

/** `(x * factor + offset) * mask`. */
export function referenceScale({ x, columns, ...by }: ScaleCase): Float64Array {
  return Float64Array.from(x, (value, i) => {
    const factor = by.factors ? by.factors[i % columns] : 1;
    return (value * factor + (by.offsets?.[i % columns] ?? 0)) * (by.mask ? by.mask[i] : 1);
  });
}
