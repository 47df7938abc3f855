/** Batch norm in training, with or without SiLU behind it, and its gradients. @module */

import { floatBits, type Op } from "./op.ts";
import { borderWords, PANEL, type Value } from "./value.ts";

/** Where statistics come from: the batch, the running averages, or coefficients that are there already. */
export const STATISTICS = { batch: 0, running: 1, known: 2 } as const;

/** Bytes of the coefficients of eight channels: scale, shift, mean and 1 / standard deviation, eight floats each. */
const COEFFICIENT_BYTES = 4 * PANEL * 4;

/** Bytes that {@linkcode NormAddresses.coefficients} needs. */
export function coefficientBytes(channels: number): number {
  return Math.ceil(channels / PANEL) * COEFFICIENT_BYTES;
}

/** Addresses of a norm's numbers, one float per channel, in whole panels. */
export interface NormAddresses {
  /** Scale, `weight` in PyTorch. */
  readonly gamma: number;
  /** Shift, `bias` in PyTorch. */
  readonly beta: number;
  /** Running mean; moved by `"batch"`. */
  readonly runningMean: number;
  /** Running variance, unbiased; moved by `"batch"`. */
  readonly runningVariance: number;
  /** {@linkcode coefficientBytes}, written by the forward pass and read by the backward one. */
  readonly coefficients: number;
}

/** Options of {@linkcode norm}. */
export interface NormOptions extends NormAddresses {
  /** Where the statistics come from. */
  readonly statistics: keyof typeof STATISTICS;
  /** Whether SiLU follows. */
  readonly silu: boolean;
  /** Share of the batch in the running averages. */
  readonly momentum: number;
  /** Added to the variance. */
  readonly epsilon: number;
  /** Added to the result; without SiLU only. */
  readonly residual?: Value;
  /** Address of one factor per image, for the norm's result before the residual is added; without SiLU only. */
  readonly factors?: number;
}

/** target = norm(source), then SiLU, or times a factor and plus a residual. The target of SiLU may carry a border. */
export function norm(source: Value, target: Value, options: NormOptions): Op {
  const { statistics, silu, residual, factors = 0, momentum, epsilon } = options;
  if (silu ? residual || factors : target.border) {
    throw new TypeError(
      `Cannot plan ${target.name}: residual and factors go without SiLU, a border goes with it`,
    );
  }
  return {
    kind: "norm",
    source,
    target,
    extra: residual,
    weight: 0,
    bias: 0,
    parameters: [
      source.channels / PANEL,
      source.height,
      source.width,
      ...borderWords(target),
      STATISTICS[statistics],
      silu ? 1 : 0,
      options.gamma,
      options.beta,
      options.runningMean,
      options.runningVariance,
      options.coefficients,
      floatBits(momentum),
      floatBits(epsilon),
      factors,
      residual ? 1 : 0,
    ],
    macs: 0,
    panels: { count: source.channels / PANEL, readsWhole: [] },
  };
}

/** What a gradient passed on its way, one number per image and channel: dy * gate + share / pixels. */
export interface GateOfGradient {
  /** The gate of squeeze-excite. */
  readonly gate: Value;
  /** Gradient of the plane's mean. */
  readonly share: Value;
}

/** Options of {@linkcode normGradient}. */
export interface NormGradientOptions {
  /** What the norm was applied to. */
  readonly input: Value;
  /** Whether the statistics were those of the batch, so that they have a gradient themselves. */
  readonly byBatch: boolean;
  /** Whether SiLU followed. */
  readonly silu: boolean;
  /** What the forward pass left. */
  readonly coefficients: number;
  /** Addresses of the gradients of gamma and beta. @default they are not wanted */
  readonly gradients?: { readonly gamma: number; readonly beta: number };
  /** Factors of the forward pass. */
  readonly factors?: number;
  /** Squeeze-excite between this norm and the gradient; with SiLU only. */
  readonly gated?: GateOfGradient;
}

/**
 * target = gradient of the norm's input, from `source`, the gradient of its result. With SiLU the source is changed:
 * it holds the gradient before SiLU then. The target may carry a border.
 */
export function normGradient(source: Value, target: Value, options: NormGradientOptions): Op {
  const { input, byBatch, silu, coefficients, gradients, factors = 0, gated } = options;
  if (silu ? factors : gated) {
    throw new TypeError(`Cannot plan ${target.name}: a gate goes with SiLU, factors without it`);
  }
  return {
    kind: "normGradient",
    source,
    target,
    extra: input,
    others: gated && [gated.gate, gated.share],
    alsoWrites: silu ? [source] : [],
    weight: 0,
    bias: 0,
    parameters: [
      input.channels / PANEL,
      input.height,
      input.width,
      ...borderWords(target),
      byBatch ? 1 : 0,
      silu ? 1 : 0,
      gradients?.gamma ?? 0,
      gradients?.beta ?? 0,
      coefficients,
      factors,
      gated ? 1 : 0,
    ],
    macs: 0,
    panels: { count: input.channels / PANEL, readsWhole: [] },
  };
}
