/** One MBConv block of a training plan, forward and backward. @module */

import { borderFor, linearDepthwise } from "../backend/ops/depthwise.ts";
import {
  filterGradient,
  gradientBorder,
  inputGradient as depthwiseInputGradient,
} from "../backend/ops/depthwise_gradient.ts";
import { gemm } from "../backend/ops/gemm.ts";
import {
  columnSums,
  gateGradient,
  silu,
  siluGradient,
  turnWeights,
  weightGradient,
} from "../backend/ops/gradients.ts";
import type { Op } from "../backend/ops/op.ts";
import { applyGate, meanToChannels } from "../backend/ops/planes.ts";
import { panels, turnedWeights, type Value } from "../backend/ops/value.ts";
import { blockNames } from "./parameters.ts";
import { type BlockConfig, convGeometry, type Padding } from "./stages.ts";
import {
  convBackward,
  normBackward,
  normForward,
  shareOf,
  type TrainingPlan,
} from "./training_layers.ts";

/** What squeeze-excite leaves; small, so that it is always kept. */
interface SqueezeTape {
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
interface WideTape {
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

function wideValues(plan: TrainingPlan, block: BlockConfig, input: Value): WideTape {
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
function expandOps(
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
function projectOps(
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

function gatedValue({ name }: BlockConfig, { channels, height, width }: Value): Value {
  return panels(`${name} gated`, channels, height, width);
}

/**
 * The block's backward pass.
 *
 * @param gradient Gradient of its output; left as it is.
 * @param wantsInput Whether the gradient of its input is wanted.
 */
export function blockBackward(
  plan: TrainingPlan,
  tape: BlockTape,
  gradient: Value,
  wantsInput: boolean,
): { ops: Op[]; inputGradient?: Value } {
  const { block, input, squeeze } = tape;
  const { name, kernel, stride, residual } = block;
  const names = blockNames(block);
  const learns = plan.learns(name);
  const ops: Op[] = [];
  let { wide } = tape;
  if (plan.recompute) {
    wide = wideValues(plan, block, input);
    ops.push(
      ...expandOps(plan, block, input, wide, true),
      ...projectOps(plan, block, wide, squeeze.gate),
    );
  }
  const like = (value: Value) =>
    panels(`gradient of ${value.name}`, value.channels, value.height, value.width);

  // The projection: its norm, then both gradients of the product, panel by panel of its inputs.
  const projected = like(wide.projected);
  const gated = gatedValue(block, wide.activated);
  const ofGated = like(gated);
  const turnedProject = turnedWeights(
    `${names.project} turned`,
    gated.channels,
    projected.channels,
  );
  const project = `${names.project}.0.weight`;
  ops.push(
    normBackward(plan, name, names.project, gradient, projected, wide.projected, {
      silu: false,
      factors: residual ? plan.factors(name) : undefined,
    }),
    turnWeights(plan.weight(project), turnedProject, "inputs"),
    gemm(projected, ofGated, { weight: turnedProject, epilogue: "linear" }),
  );
  if (learns) {
    ops.push(
      applyGate(wide.activated, squeeze.gate, gated),
      weightGradient(gated, projected, { gradient: plan.gradient(project), share: "inputs" }),
    );
  }

  // Squeeze-excite: through the gate to the means.
  const fc1 = `${names.squeeze}.fc1`, fc2 = `${names.squeeze}.fc2`;
  const ofGate = like(squeeze.gate), ofSqueezed = like(squeeze.squeezed);
  const ofMeans = like(squeeze.means);
  const turned2 = turnedWeights(`${fc2} turned`, ofSqueezed.channels, ofGate.channels);
  const turned1 = turnedWeights(`${fc1} turned`, ofMeans.channels, ofSqueezed.channels);
  ops.push(gateGradient(ofGated, ofGate, wide.activated, squeeze.gate));
  if (learns) {
    const gradient2 = plan.gradient(`${fc2}.weight`);
    ops.push(
      weightGradient(squeeze.activated, ofGate, { gradient: gradient2, share: "outputs" }),
      columnSums(ofGate, plan.gradient(`${fc2}.bias`)),
    );
  }
  ops.push(
    turnWeights(plan.weight(`${fc2}.weight`), turned2, "outputs"),
    gemm(ofGate, ofSqueezed, { weight: turned2, epilogue: "linear", share: "rows" }),
    siluGradient(ofSqueezed, squeeze.squeezed),
  );
  if (learns) ops.push(columnSums(ofSqueezed, plan.gradient(`${fc1}.bias`)));
  ops.push(
    turnWeights(plan.weight(`${fc1}.weight`), turned1, "inputs"),
    gemm(ofSqueezed, ofMeans, { weight: turned1, epilogue: "linear" }),
  );
  if (learns) {
    const gradient1 = plan.gradient(`${fc1}.weight`);
    ops.push(
      weightGradient(squeeze.means, ofSqueezed, { gradient: gradient1, share: "inputs" }),
    );
  }

  // The depthwise convolution and the expansion.
  const size = input.height;
  const out = wide.filtered.height;
  const window = {
    kernel,
    stride,
    before: convGeometry(size, kernel, stride, plan.padding).before,
  };
  const ofFiltered = panels(
    `gradient of ${wide.filtered.name}`,
    wide.filtered.channels,
    out,
    out,
    gradientBorder(size, size, out, out, window),
  );
  ops.push(
    normBackward(plan, name, names.depthwise, ofGated, ofFiltered, wide.filtered, {
      gated: { gate: squeeze.gate, share: ofMeans },
    }),
  );
  const depthwise = `${names.depthwise}.0.weight`;
  if (learns) {
    ops.push(
      filterGradient(wide.expanded, ofFiltered, { weight: plan.gradient(depthwise), ...window }),
    );
  }
  if (!learns && !wantsInput) return { ops };
  const expands = names.expand !== undefined && wide.wide !== undefined;
  if (!expands && !wantsInput) return { ops };
  const ofExpanded = like(wide.expanded);
  ops.push(
    depthwiseInputGradient(ofFiltered, ofExpanded, { weight: plan.weight(depthwise), ...window }),
  );
  if (!expands) return { ops, inputGradient: ofExpanded };
  ops.push(normBackward(plan, name, names.expand!, ofExpanded, ofExpanded, wide.wide!));
  const { ops: last, inputGradient } = convBackward(plan, {
    part: name,
    prefix: names.expand!,
    input,
    outputGradient: ofExpanded,
    wantsInput,
    residual: residual ? gradient : undefined,
  });
  return { ops: [...ops, ...last], inputGradient };
}
