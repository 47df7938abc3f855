/**
 * The network's operations written out plainly, for tests of the fast kernels: no tiles, no SIMD, one
 * loop per axis, every sum in float64. Inputs are NHWC; results stay float64 so that a comparison
 * measures the kernel's rounding only.
 *
 * @module
 */

/** What happens to a value after bias (and before a residual is added). */
export type Activation = "none" | "silu" | "sigmoid";

/** Numbers in row-major order. */
export type Numbers = ArrayLike<number>;

/** A picture batch's size: images, height, width, channels. */
export type Nhwc = readonly [number, number, number, number];

/** Where a window lies on its input: one stride and explicit padding at the top and on the left. */
export interface Window {
  /** Step of the window in both directions. */
  readonly stride: number;
  /** Rows of zeros above the picture; those below follow from `outH`. */
  readonly padTop: number;
  /** Columns of zeros left of the picture; those on the right follow from `outW`. */
  readonly padLeft: number;
  /** Height of the result. */
  readonly outH: number;
  /** Width of the result. */
  readonly outW: number;
}

/** What ends every product: bias, then activation, then residual. */
export interface Epilogue {
  /** One number per output channel, 0 where absent. */
  readonly bias?: Numbers;
  /** Default `"none"`. */
  readonly activation?: Activation;
  /** Of the result's shape, added last. */
  readonly residual?: Numbers;
}

/** `x * sigmoid(x)`, `sigmoid(x)` or `x`. */
export function activate(x: number, activation: Activation = "none"): number {
  if (activation === "none") return x;
  const sigmoid = 1 / (1 + Math.exp(-x));
  return activation === "silu" ? x * sigmoid : sigmoid;
}

/**
 * TensorFlow's SAME padding of one axis: the result has `ceil(input / stride)` places and the odd zero
 * of an uneven pad lies behind.
 */
export function samePadding(
  input: number,
  kernel: number,
  stride: number,
): { before: number; after: number; out: number } {
  const out = Math.ceil(input / stride);
  const total = Math.max((out - 1) * stride + kernel - input, 0);
  const before = Math.floor(total / 2);
  return { before, after: total - before, out };
}

/** PyTorch's symmetric padding of one axis by `(kernel - 1) / 2` zeros on both sides. */
export function symmetricPadding(
  input: number,
  kernel: number,
  stride: number,
): { before: number; after: number; out: number } {
  const pad = (kernel - 1) / 2;
  return { before: pad, after: pad, out: Math.floor((input + 2 * pad - kernel) / stride) + 1 };
}

/** Options of {@linkcode referenceConv2d}. */
export interface Conv2dCase extends Window, Epilogue {
  /** Pixels, `shape` in row-major order. */
  readonly x: Numbers;
  /** Shape of `x`. */
  readonly shape: Nhwc;
  /** Weights, `[kernelH, kernelW, in, out]`. */
  readonly kernelHwio: Numbers;
  /** Shape of `kernelHwio`. */
  readonly kernelShape: readonly [number, number, number, number];
}

/** Dense convolution: `[n, outH, outW, out]`. */
export function referenceConv2d(options: Conv2dCase): Float64Array {
  const { x, kernelHwio, stride, padTop, padLeft, outH, outW } = options;
  const [n, h, w, c] = options.shape;
  const [kernelH, kernelW, inputs, outputs] = options.kernelShape;
  if (inputs !== c) throw new RangeError(`Cannot convolve: ${c} channels meet ${inputs} inputs`);
  const result = new Float64Array(n * outH * outW * outputs);
  let place = 0;
  for (let image = 0; image < n; image++) {
    for (let row = 0; row < outH; row++) {
      for (let column = 0; column < outW; column++) {
        for (let output = 0; output < outputs; output++) {
          let sum = 0;
          for (let ky = 0; ky < kernelH; ky++) {
            const y = row * stride - padTop + ky;
            if (y < 0 || y >= h) continue;
            for (let kx = 0; kx < kernelW; kx++) {
              const xx = column * stride - padLeft + kx;
              if (xx < 0 || xx >= w) continue;
              const from = ((image * h + y) * w + xx) * c;
              const weights = (ky * kernelW + kx) * c;
              for (let i = 0; i < c; i++) {
                sum += x[from + i] * kernelHwio[(weights + i) * outputs + output];
              }
            }
          }
          result[place] = finish(sum, output, place, options);
          place++;
        }
      }
    }
  }
  return result;
}

/** Options of {@linkcode referenceDepthwise}. */
export interface DepthwiseCase extends Window, Epilogue {
  /** Pixels, `shape` in row-major order. */
  readonly x: Numbers;
  /** Shape of `x`. */
  readonly shape: Nhwc;
  /** Weights, `[kernelSize, kernelSize, channels]`. */
  readonly kernel: Numbers;
  /** 3 or 5 in EfficientNet-B0. */
  readonly kernelSize: number;
}

/** One filter per channel: `[n, outH, outW, channels]`. */
export function referenceDepthwise(options: DepthwiseCase): Float64Array {
  const { x, kernel, kernelSize, stride, padTop, padLeft, outH, outW } = options;
  const [n, h, w, c] = options.shape;
  const result = new Float64Array(n * outH * outW * c);
  let place = 0;
  for (let image = 0; image < n; image++) {
    for (let row = 0; row < outH; row++) {
      for (let column = 0; column < outW; column++) {
        for (let channel = 0; channel < c; channel++) {
          let sum = 0;
          for (let ky = 0; ky < kernelSize; ky++) {
            const y = row * stride - padTop + ky;
            if (y < 0 || y >= h) continue;
            for (let kx = 0; kx < kernelSize; kx++) {
              const xx = column * stride - padLeft + kx;
              if (xx < 0 || xx >= w) continue;
              sum += x[((image * h + y) * w + xx) * c + channel] *
                kernel[(ky * kernelSize + kx) * c + channel];
            }
          }
          result[place] = finish(sum, channel, place, options);
          place++;
        }
      }
    }
  }
  return result;
}

/** Options of {@linkcode referencePointwise}. */
export interface PointwiseCase extends Epilogue {
  /** `[rows, inputs]`; rows are pixels of all images, image by image. */
  readonly x: Numbers;
  /** Number of pixels in all. */
  readonly rows: number;
  /** Input channels. */
  readonly inputs: number;
  /** `[inputs, outputs]`. */
  readonly weight: Numbers;
  /** Output channels. */
  readonly outputs: number;
  /** Squeeze-excite's scales of the inputs, `[rows / rowsPerGate, inputs]`: one line per image. */
  readonly gate?: Numbers;
  /** Pixels per image, needed with `gate`. */
  readonly rowsPerGate?: number;
}

/** A 1 x 1 convolution, that is a matrix product: `[rows, outputs]`. */
export function referencePointwise(options: PointwiseCase): Float64Array {
  const { x, rows, inputs, weight, outputs, gate, rowsPerGate = rows } = options;
  const result = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    const gateLine = Math.floor(row / rowsPerGate) * inputs;
    for (let output = 0; output < outputs; output++) {
      let sum = 0;
      for (let i = 0; i < inputs; i++) {
        const scale = gate === undefined ? 1 : gate[gateLine + i];
        sum += x[row * inputs + i] * scale * weight[i * outputs + output];
      }
      const place = row * outputs + output;
      result[place] = finish(sum, output, place, options);
    }
  }
  return result;
}

/** Mean over height and width: `[n, channels]`. */
export function referencePool(x: Numbers, shape: Nhwc): Float64Array {
  const [n, h, w, c] = shape;
  const result = new Float64Array(n * c);
  for (let image = 0; image < n; image++) {
    for (let pixel = 0; pixel < h * w; pixel++) {
      const from = (image * h * w + pixel) * c;
      for (let channel = 0; channel < c; channel++) {
        result[image * c + channel] += x[from + channel] / (h * w);
      }
    }
  }
  return result;
}

/** Options of {@linkcode referenceSqueezeExcite}. */
export interface SqueezeExciteCase {
  /** Pixels, `shape` in row-major order. */
  readonly x: Numbers;
  /** Shape of `x`. */
  readonly shape: Nhwc;
  /** `[channels, squeezed]`. */
  readonly reduceWeight: Numbers;
  /** `[squeezed]`. */
  readonly reduceBias: Numbers;
  /** `[squeezed, channels]`. */
  readonly expandWeight: Numbers;
  /** `[channels]`. */
  readonly expandBias: Numbers;
}

/** Squeeze-excite's scales, `[n, channels]`: pool, reduce, SiLU, expand, sigmoid. */
export function referenceSqueezeExcite(options: SqueezeExciteCase): Float64Array {
  const [rows, , , channels] = options.shape;
  const squeezed = options.reduceBias.length;
  const reduced = referencePointwise({
    x: referencePool(options.x, options.shape),
    rows,
    inputs: channels,
    weight: options.reduceWeight,
    outputs: squeezed,
    bias: options.reduceBias,
    activation: "silu",
  });
  return referencePointwise({
    x: reduced,
    rows,
    inputs: squeezed,
    weight: options.expandWeight,
    outputs: channels,
    bias: options.expandBias,
    activation: "sigmoid",
  });
}

/**
 * `max |actual - expected| / max |expected|`; `Infinity` where lengths differ or a number is not
 * finite, so that a NaN can never pass a `<=`.
 */
export function maxRelativeError(actual: Numbers, expected: Numbers): number {
  if (actual.length !== expected.length || expected.length === 0) return Infinity;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    if (!Number.isFinite(actual[i]) || !Number.isFinite(expected[i])) return Infinity;
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    size = Math.max(size, Math.abs(expected[i]));
  }
  if (size === 0) return difference === 0 ? 0 : Infinity;
  return difference / size;
}

function finish(sum: number, channel: number, place: number, epilogue: Epilogue): number {
  const biased = sum + (epilogue.bias === undefined ? 0 : epilogue.bias[channel]);
  const residual = epilogue.residual === undefined ? 0 : epilogue.residual[place];
  return activate(biased, epilogue.activation) + residual;
}
