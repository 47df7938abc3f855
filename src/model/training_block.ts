/** One MBConv block of a training plan, forward. @module */

import { borderFor, linearDepthwise } from "../backend/ops/depthwise.ts";
import { gemm } from "../backend/ops/gemm.ts";
import { silu } from "../backend/ops/gradients.ts";
import type { Op } from "../backend/ops/op.ts";
import { applyGate, meanToChannels } from "../backend/ops/planes.ts";
import { panels, type Value } from "../backend/ops/value.ts";
import { blockNames } from "./parameters.ts";
import { type BlockConfig, convGeometry, type Padding } from "./stages.ts";
import { normForward, shareOf, type TrainingPlan } from "./training_layers.ts";

/** What squeeze-excite leaves; small, so that it is always kept. */
export interface SqueezeTape {
  /** Mean of each plane. */
  readonly means: Value;
  /** Result of fc1. */
  readonly squeezed: Value;
  /** SiLU of it. */
  readonly activated: Value;
  /** Sigmoid of fc2's result. */
  readonly gate: Value;
}

/** What a block leaves; may be made anew from its input and {@linkcode SqueezeTape}. */
export interface WideTape {
  /** Result of the expansion; absent where there is none. */
  readonly wide?: Value;
  /** Input of the depthwise convolution, with its border. */
  readonly expanded: Value;
  /** Result of the depthwise convolution. */
  readonly filtered: Value;
  /** SiLU of its norm. */
  readonly activated: Value;
  /** Result of the projection. */
  readonly projected: Value;
}

/** What the backward pass starts from. */
export interface BlockTape {
  /** The row of the table. */
  readonly block: BlockConfig;
  /** The block's input. */
  readonly input: Value;
  /** The block's output. */
  readonly output: Value;
  /** Large values. */
  readonly wide: WideTape;
  /** Small ones. */
  readonly squeeze: SqueezeTape;
}

/** The border that a block's depthwise convolution wants around an input of `size` pixels. */
export function depthwiseBorder(
  { kernel, stride }: BlockConfig,
  size: number,
  padding: Padding,
): ReturnType<typeof borderFor> {
  const out = convGeometry(size, kernel, stride, padding);
  return borderFor(size, size, out.size, out.size, { kernel, stride, before: out.before });
}

/** The block's forward pass. */
export function blockForward(
  plan: TrainingPlan,
  block: BlockConfig,
  input: Value,
): { ops: Op[]; tape: BlockTape } {
  const { name, expandedChannels, squeezeChannels, outputChannels, residual } = block;
  if (residual && blockNames(block).expand === undefined) {
    // Its input would have to be there with a border and without.
    throw new RangeError(
      `Cannot plan ${name}: a block that does not expand has a residual; change its channels`,
    );
  }
  const squeeze: SqueezeTape = {
    means: panels(`${name} means`, expandedChannels, 1, 1),
    squeezed: panels(`${name} squeezed`, squeezeChannels, 1, 1),
    activated: panels(`${name} squeezed activated`, squeezeChannels, 1, 1),
    gate: panels(`${name} gate`, expandedChannels, 1, 1),
  };
  const wide = wideValues(plan, block, input);
  const { height, width } = wide.projected;
  const output = panels(name, outputChannels, height, width);
  const names = blockNames(block);
  const fc = (layer: string) => ({
    weight: plan.weight(`${names.squeeze}.${layer}.weight`),
    bias: plan.weight(`${names.squeeze}.${layer}.bias`),
  });
  const ops = [
    ...expandOps(plan, block, input, wide, false),
    meanToChannels(wide.activated, squeeze.means),
    gemm(squeeze.means, squeeze.squeezed, { ...fc("fc1"), epilogue: "linear" }),
    silu(squeeze.squeezed, squeeze.activated),
    gemm(squeeze.activated, squeeze.gate, { ...fc("fc2"), epilogue: "sigmoid" }),
    ...projectOps(plan, block, wide, squeeze.gate),
    normForward(plan, name, names.project, wide.projected, output, {
      silu: false,
      residual: residual ? input : undefined,
      factors: residual ? plan.factors(name) : undefined,
    }),
  ];
  return { ops, tape: { block, input, output, wide, squeeze } };
}

/** The large values of a block, made for the first time or anew. */
export function wideValues(plan: TrainingPlan, block: BlockConfig, input: Value): WideTape {
  const { name, kernel, stride, expandedChannels, outputChannels } = block;
  const size = input.height;
  const out = convGeometry(size, kernel, stride, plan.padding).size;
  const expands = blockNames(block).expand !== undefined;
  return {
    wide: expands ? panels(`${name} expand sums`, expandedChannels, size, size) : undefined,
    expanded: expands
      ? panels(
        `${name} expand`,
        expandedChannels,
        size,
        size,
        depthwiseBorder(block, size, plan.padding),
      )
      : input,
    filtered: panels(`${name} depthwise sums`, expandedChannels, out, out),
    activated: panels(`${name} depthwise`, expandedChannels, out, out),
    projected: panels(`${name} project sums`, outputChannels, out, out),
  };
}

/** From the block's input to the activated result of its depthwise convolution. */
export function expandOps(
  plan: TrainingPlan,
  block: BlockConfig,
  input: Value,
  { wide, expanded, filtered, activated }: WideTape,
  known: boolean,
): Op[] {
  const { name, kernel, stride } = block;
  const { expand, depthwise } = blockNames(block);
  const { before } = convGeometry(input.height, kernel, stride, plan.padding);
  const weight = plan.weight(`${depthwise}.0.weight`);
  return [
    ...(expand && wide
      ? [
        gemm(input, wide, { weight: plan.weight(`${expand}.0.weight`), epilogue: "linear" }),
        normForward(plan, name, expand, wide, expanded, { known }),
      ]
      : []),
    linearDepthwise(expanded, filtered, { weight, kernel, stride, before }),
    normForward(plan, name, depthwise, filtered, activated, { known }),
  ];
}

/** The gated product with the projection; its norm comes after. */
export function projectOps(
  plan: TrainingPlan,
  block: BlockConfig,
  { activated, projected }: WideTape,
  gate: Value,
): Op[] {
  const gated = gatedValue(block, activated);
  return [
    applyGate(activated, gate, gated),
    gemm(gated, projected, {
      weight: plan.weight(`${blockNames(block).project}.0.weight`),
      epilogue: "linear",
      share: shareOf(plan, gated, projected),
    }),
  ];
}

/** What the projection is applied to: the depthwise convolution's result, gated. */
export function gatedValue({ name }: BlockConfig, { channels, height, width }: Value): Value {
  return panels(`${name} gated`, channels, height, width);
}
