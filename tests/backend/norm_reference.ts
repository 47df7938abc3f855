/** Batch norm in training and its gradient, written out plainly in float64; NHWC throughout. @module */
import { activate, type Numbers } from "./reference.ts";

/** What a norm is applied to. */
export interface NormInput {
  /** Pixels, `[images, pixels, channels]`. */
  readonly x: Numbers;
  /** Number of images. */
  readonly images: number;
  /** Number of channels. */
  readonly channels: number;
  /** Scale, `[channels]`. */
  readonly gamma: Numbers;
  /** Shift, `[channels]`. */
  readonly beta: Numbers;
}

/** Options of {@linkcode referenceNorm}. */
export interface NormCase extends NormInput {
  /** Where mean and variance come from. */
  readonly statistics: "batch" | "running";
  /** Running mean, `[channels]`. */
  readonly runningMean: Numbers;
  /** Running variance, `[channels]`. */
  readonly runningVariance: Numbers;
  /** Share of the batch in the running averages. */
  readonly momentum: number;
  /** Added to the variance. */
  readonly epsilon: number;
  /** Whether SiLU follows. */
  readonly silu: boolean;
  /** One factor per image. */
  readonly factors?: Numbers;
  /** Of the shape of `x`, added last. */
  readonly residual?: Numbers;
}

/** What a norm makes and what it keeps. */
export interface NormResult {
  /** Of the shape of `x`. */
  readonly y: Float64Array;
  /** Mean that was subtracted, `[channels]`. */
  readonly mean: Float64Array;
  /** 1 / sqrt(variance + epsilon), `[channels]`. */
  readonly inverse: Float64Array;
  /** As it is afterwards. */
  readonly runningMean: Float64Array;
  /** As it is afterwards; moved by the unbiased variance, as PyTorch does. */
  readonly runningVariance: Float64Array;
}

/** `silu(gamma * (x - mean) / sqrt(variance + epsilon) + beta)`, or without SiLU times a factor, plus a residual. */
export function referenceNorm(options: NormCase): NormResult {
  const { x, images, channels, gamma, beta, statistics, epsilon, momentum } = options;
  const rows = x.length / channels;
  const batch = momentsOf(x, channels);
  const byBatch = statistics === "batch";
  const mean = Float64Array.from(byBatch ? batch.mean : options.runningMean);
  const inverse = Float64Array.from(
    byBatch ? batch.variance : options.runningVariance,
    (variance) => 1 / Math.sqrt(variance + epsilon),
  );
  const y = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const c = i % channels, image = Math.floor(i / (x.length / images));
    const z = gamma[c] * (x[i] - mean[c]) * inverse[c] + beta[c];
    const factor = options.factors ? options.factors[image] : 1;
    y[i] = activate(z, options.silu ? "silu" : "none") * factor + (options.residual?.[i] ?? 0);
  }
  const moved = (old: Numbers, now: (c: number) => number) =>
    Float64Array.from(old, (was, c) => byBatch ? (1 - momentum) * was + momentum * now(c) : was);
  return {
    y,
    mean,
    inverse,
    runningMean: moved(options.runningMean, (c) => batch.mean[c]),
    runningVariance: moved(
      options.runningVariance,
      (c) => batch.variance[c] * (rows > 1 ? rows / (rows - 1) : 1),
    ),
  };
}

/** Mean and biased variance of each channel, in two passes. */
function momentsOf(
  x: Numbers,
  channels: number,
): { mean: Float64Array; variance: Float64Array } {
  const rows = x.length / channels;
  const mean = new Float64Array(channels), variance = new Float64Array(channels);
  for (let i = 0; i < x.length; i++) mean[i % channels] += x[i] / rows;
  for (let i = 0; i < x.length; i++) {
    variance[i % channels] += (x[i] - mean[i % channels]) ** 2 / rows;
  }
  return { mean, variance };
}

/** Options of {@linkcode referenceNormGradient}. */
export interface NormGradientCase extends NormInput {
  /** Gradient of the result, of the shape of `x`. */
  readonly dy: Numbers;
  /** Mean that was subtracted. */
  readonly mean: Numbers;
  /** 1 / standard deviation. */
  readonly inverse: Numbers;
  /** Whether mean and deviation were those of `x`. */
  readonly byBatch: boolean;
  /** Whether SiLU followed. */
  readonly silu: boolean;
  /** One factor per image. */
  readonly factors?: Numbers;
  /** What the result was multiplied by, `[images, channels]`, and the gradient of its planes' means. */
  readonly gated?: { readonly gate: Numbers; readonly share: Numbers };
}

/** Gradients of a norm. */
export interface NormGradientResult {
  /** Before SiLU, of the shape of `x`. */
  readonly dz: Float64Array;
  /** Of the input. */
  readonly dx: Float64Array;
  /** Of the scale. */
  readonly gamma: Float64Array;
  /** Of the shift. */
  readonly beta: Float64Array;
}

/** Gradients of {@linkcode referenceNorm}; statistics of the batch have gradients of their own. */
export function referenceNormGradient(options: NormGradientCase): NormGradientResult {
  const { x, dy, images, channels, mean, inverse, byBatch, gated, factors } = options;
  const rows = x.length / channels, pixels = rows / images;
  const dz = new Float64Array(x.length), dx = new Float64Array(x.length);
  const gamma = new Float64Array(channels), beta = new Float64Array(channels);
  const normed = (i: number) => (x[i] - mean[i % channels]) * inverse[i % channels];
  for (let i = 0; i < x.length; i++) {
    const c = i % channels, image = Math.floor(i / (pixels * channels));
    const place = image * channels + c;
    const u = gated ? dy[i] * gated.gate[place] + gated.share[place] / pixels : dy[i];
    const slope = options.silu ? siluSlope(options.gamma[c] * normed(i) + options.beta[c]) : 1;
    dz[i] = u * slope * (factors ? factors[image] : 1);
    beta[c] += dz[i];
    gamma[c] += dz[i] * normed(i);
  }
  for (let i = 0; i < x.length; i++) {
    const c = i % channels;
    const shared = byBatch ? (beta[c] + normed(i) * gamma[c]) / rows : 0;
    dx[i] = options.gamma[c] * inverse[c] * (dz[i] - shared);
  }
  return { dz, dx, gamma, beta };
}

/** Derivative of SiLU. */
export function siluSlope(z: number): number {
  const sigmoid = 1 / (1 + Math.exp(-z));
  return sigmoid * (1 + z * (1 - sigmoid));
}
