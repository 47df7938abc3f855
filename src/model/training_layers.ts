/** Layers of a training plan: what is asked of the plan's numbers, batch norm, and a pointwise convolution's gradients. @module */

import type { ScaleOptions } from "../backend/ops/columns.ts";
import { gemm } from "../backend/ops/gemm.ts";
import { turnWeights, weightGradient } from "../backend/ops/gradients.ts";
import { norm, type NormAddresses, normGradient, type NormOptions } from "../backend/ops/norm.ts";
import type { NormGradientOptions } from "../backend/ops/norm.ts";
import type { Op } from "../backend/ops/op.ts";
import { PANEL, panels, turnedWeights, type Value } from "../backend/ops/value.ts";
import type { PartPolicy } from "./network.ts";
import type { Architecture, Padding } from "./stages.ts";

/** What the ops of a training plan are made from. */
export interface TrainingPlan {
  /** Widths and depths. */
  readonly architecture: Architecture;
  /** Side of the square input, in pixels. */
  readonly size: number;
  /** Most pictures of one step. */
  readonly batch: number;
  /** Stages whose pooled outputs are concatenated, ascending. */
  readonly stages: readonly number[];
  /** Length of the feature vector. */
  readonly features: number;
  /** Number of classes; 0 ends the network with its features. */
  readonly classes: number;
  /** The checkpoint family's padding. */
  readonly padding: Padding;
  /** Added to variances. */
  readonly epsilon: number;
  /** Share of a batch in the running statistics. */
  readonly momentum: number;
  /** Whether what a block's gradient needs is computed anew instead of kept. */
  readonly recompute: boolean;
  /** Standardisation and dropout of features; absent where there is neither. */
  readonly adapt?: ScaleOptions;
  /** Stages whose output and its gradient are looked at after a run, ascending. */
  readonly watch: readonly number[];
  /** How a part learns. */
  policy(part: string): PartPolicy;
  /** Whether a part's parameters get gradients. */
  learns(part: string): boolean;
  /** Whether gradients have to come as far as this part's output: it learns or is watched, or one below is. */
  reaches(part: string): boolean;
  /** Address of a parameter. */
  weight(name: string): number;
  /** Address of its gradient. */
  gradient(name: string): number;
  /** Addresses of a batch norm. */
  norm(prefix: string): NormAddresses;
  /** Address of the block's factors, one per picture, for stochastic depth; undefined where it is never skipped. */
  factors(block: string): number | undefined;
}

/** SiLU follows unless a residual, factors or `silu: false` say otherwise. */
export type NormForwardOptions = Partial<Pick<NormOptions, "silu" | "residual" | "factors">> & {
  /** Coefficients are there from an earlier pass over the same batch. */
  readonly known?: boolean;
};

/** The batch norm `prefix` of `part`. */
export function normForward(
  plan: TrainingPlan,
  part: string,
  prefix: string,
  source: Value,
  target: Value,
  { known = false, silu = true, residual, factors }: NormForwardOptions = {},
): Op {
  return norm(source, target, {
    ...plan.norm(prefix),
    statistics: known ? "known" : plan.policy(part).batchNorm,
    silu,
    residual,
    factors,
    momentum: plan.momentum,
    epsilon: plan.epsilon,
  });
}

/** Its gradients: `target` = that of its input, which was `input`. */
export function normBackward(
  plan: TrainingPlan,
  part: string,
  prefix: string,
  source: Value,
  target: Value,
  input: Value,
  { silu = true, factors, gated }: Partial<
    Pick<NormGradientOptions, "silu" | "factors" | "gated">
  > = {},
): Op {
  return normGradient(source, target, {
    input,
    byBatch: plan.policy(part).batchNorm === "batch",
    silu,
    coefficients: plan.norm(prefix).coefficients,
    gradients: plan.learns(part)
      ? { gamma: plan.gradient(`${prefix}.1.weight`), beta: plan.gradient(`${prefix}.1.bias`) }
      : undefined,
    factors,
    gated,
  });
}

/** Fewer panels of a product than this are not worth sharing out among threads. */
const FEW_PANELS = 8;
/** A source larger than this falls out of the cache between two panels of the product. */
const LARGE_SOURCE = 2 << 20;

/** How a product of this size is best shared: see `GemmOptions.share`. */
export function shareOf(plan: TrainingPlan, source: Value, target: Value): "rows" | "panels" {
  const bytes = plan.batch * source.height * source.width * source.channels * 4;
  return target.channels / PANEL < FEW_PANELS || bytes > LARGE_SOURCE ? "rows" : "panels";
}

/** What {@linkcode convBackward} needs. */
export interface ConvBackwardOptions {
  /** Part that the convolution belongs to. */
  readonly part: string;
  /** Its prefix; the weights are `prefix.0.weight`. */
  readonly prefix: string;
  /** Its input. */
  readonly input: Value;
  /** Gradient of its output. */
  readonly outputGradient: Value;
  /** Whether the gradient of the input is wanted. */
  readonly wantsInput: boolean;
  /** Added to the gradient of the input: what a residual connection brings. */
  readonly residual?: Value;
}

/** Gradients of a pointwise convolution whose output is wide: both are made while a panel of the output's gradient is at hand. */
export function convBackward(
  plan: TrainingPlan,
  { part, prefix, input, outputGradient, wantsInput, residual }: ConvBackwardOptions,
): { ops: Op[]; inputGradient?: Value } {
  const name = `${prefix}.0.weight`;
  const ops: Op[] = [];
  if (plan.learns(part)) {
    ops.push(
      weightGradient(input, outputGradient, { gradient: plan.gradient(name), share: "outputs" }),
    );
  }
  if (!wantsInput) return { ops };
  const { channels, height, width } = input;
  const inputGradient = panels(`gradient of ${input.name}`, channels, height, width);
  const turned = turnedWeights(`${prefix} turned`, channels, outputGradient.channels);
  ops.push(
    turnWeights(plan.weight(name), turned, "outputs"),
    gemm(outputGradient, inputGradient, {
      weight: turned,
      share: shareOf(plan, outputGradient, inputGradient),
      ...(residual ? { epilogue: "residual", residual } : { epilogue: "linear" }),
    }),
  );
  return { ops, inputGradient };
}
