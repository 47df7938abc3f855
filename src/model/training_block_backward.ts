/** One MBConv block of a training plan, backward. @module */

import {
  filterGradient,
  gradientBorder,
  inputGradient as depthwiseInputGradient,
} from "../backend/ops/depthwise_gradient.ts";
import { gemm } from "../backend/ops/gemm.ts";
import {
  columnSums,
  gateGradient,
  siluGradient,
  turnWeights,
  weightGradient,
} from "../backend/ops/gradients.ts";
import type { Op } from "../backend/ops/op.ts";
import { applyGate } from "../backend/ops/planes.ts";
import { panels, turnedWeights, type Value } from "../backend/ops/value.ts";
import { blockNames } from "./parameters.ts";
import { convGeometry } from "./stages.ts";
import {
  type BlockTape,
  expandOps,
  gatedValue,
  projectOps,
  type WideTape,
  wideValues,
} from "./training_block.ts";
import { convBackward, normBackward, type TrainingPlan } from "./training_layers.ts";

/** A value for the gradient of another. */
function gradientOf({ name, channels, height, width }: Value): Value {
  return panels(`gradient of ${name}`, channels, height, width);
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
  const wide = plan.recompute ? wideValues(plan, block, input) : tape.wide;
  const again = plan.recompute
    ? [
      ...expandOps(plan, block, input, wide, true),
      ...projectOps(plan, block, wide, squeeze.gate),
    ]
    : [];
  const ofGated = gradientOf(gatedValue(block, wide.activated));
  const ofMeans = gradientOf(squeeze.means);
  const rest = depthwiseBackward(plan, { tape, wide, ofGated, ofMeans }, gradient, wantsInput);
  return {
    ops: [
      ...again,
      ...projectBackward(plan, tape, wide, gradient, ofGated),
      ...squeezeBackward(plan, tape, wide, ofGated, ofMeans),
      ...rest.ops,
    ],
    inputGradient: rest.inputGradient,
  };
}

/** The projection: its norm, then both gradients of the product, panel by panel of its inputs. */
function projectBackward(
  plan: TrainingPlan,
  { block, squeeze }: BlockTape,
  wide: WideTape,
  gradient: Value,
  ofGated: Value,
): Op[] {
  const { project } = blockNames(block);
  const { name, residual } = block;
  const weight = `${project}.0.weight`;
  const projected = gradientOf(wide.projected);
  const turned = turnedWeights(`${project} turned`, ofGated.channels, projected.channels);
  const ops = [
    normBackward(plan, name, project, gradient, projected, wide.projected, {
      silu: false,
      factors: residual ? plan.factors(name) : undefined,
    }),
    turnWeights(plan.weight(weight), turned, "inputs"),
    gemm(projected, ofGated, { weight: turned, epilogue: "linear" }),
  ];
  if (!plan.learns(name)) return ops;
  // Gated anew: cheaper than to keep it.
  const gated = gatedValue(block, wide.activated);
  return [
    ...ops,
    applyGate(wide.activated, squeeze.gate, gated),
    weightGradient(gated, projected, { gradient: plan.gradient(weight), share: "inputs" }),
  ];
}

/** Squeeze-excite, from the gated value through the gate to the means. */
function squeezeBackward(
  plan: TrainingPlan,
  { block, squeeze }: BlockTape,
  wide: WideTape,
  ofGated: Value,
  ofMeans: Value,
): Op[] {
  const names = blockNames(block);
  const learns = plan.learns(block.name);
  const fc1 = `${names.squeeze}.fc1`, fc2 = `${names.squeeze}.fc2`;
  const ofGate = gradientOf(squeeze.gate), ofSqueezed = gradientOf(squeeze.squeezed);
  const turned2 = turnedWeights(`${fc2} turned`, ofSqueezed.channels, ofGate.channels);
  const turned1 = turnedWeights(`${fc1} turned`, ofMeans.channels, ofSqueezed.channels);
  const wanted = (ops: () => Op[]) => learns ? ops() : [];
  return [
    gateGradient(ofGated, ofGate, wide.activated, squeeze.gate),
    ...wanted(() => [
      weightGradient(squeeze.activated, ofGate, {
        gradient: plan.gradient(`${fc2}.weight`),
        share: "outputs",
      }),
      columnSums(ofGate, plan.gradient(`${fc2}.bias`)),
    ]),
    turnWeights(plan.weight(`${fc2}.weight`), turned2, "outputs"),
    gemm(ofGate, ofSqueezed, { weight: turned2, epilogue: "linear", share: "rows" }),
    siluGradient(ofSqueezed, squeeze.squeezed),
    ...wanted(() => [columnSums(ofSqueezed, plan.gradient(`${fc1}.bias`))]),
    turnWeights(plan.weight(`${fc1}.weight`), turned1, "inputs"),
    gemm(ofSqueezed, ofMeans, { weight: turned1, epilogue: "linear" }),
    ...wanted(() => [
      weightGradient(squeeze.means, ofSqueezed, {
        gradient: plan.gradient(`${fc1}.weight`),
        share: "inputs",
      }),
    ]),
  ];
}

/** What the depthwise convolution's backward pass starts from. */
interface DepthwiseStart {
  readonly tape: BlockTape;
  readonly wide: WideTape;
  readonly ofGated: Value;
  readonly ofMeans: Value;
}

/** The depthwise convolution and the expansion. */
function depthwiseBackward(
  plan: TrainingPlan,
  { tape: { block, input, squeeze }, wide, ofGated, ofMeans }: DepthwiseStart,
  gradient: Value,
  wantsInput: boolean,
): { ops: Op[]; inputGradient?: Value } {
  const { name, kernel, stride, residual } = block;
  const { expand, depthwise } = blockNames(block);
  const learns = plan.learns(name);
  const size = input.height, out = wide.filtered.height;
  const { before } = convGeometry(size, kernel, stride, plan.padding);
  const window = { kernel, stride, before };
  const ofFiltered = panels(
    `gradient of ${wide.filtered.name}`,
    wide.filtered.channels,
    out,
    out,
    gradientBorder(size, size, out, out, window),
  );
  const weight = `${depthwise}.0.weight`;
  const ops = [
    normBackward(plan, name, depthwise, ofGated, ofFiltered, wide.filtered, {
      gated: { gate: squeeze.gate, share: ofMeans },
    }),
    ...(learns
      ? [filterGradient(wide.expanded, ofFiltered, { weight: plan.gradient(weight), ...window })]
      : []),
  ];
  const expansion = expand !== undefined && wide.wide ? { expand, sums: wide.wide } : undefined;
  if (!wantsInput && !(learns && expansion)) return { ops };
  const ofExpanded = gradientOf(wide.expanded);
  ops.push(
    depthwiseInputGradient(ofFiltered, ofExpanded, { weight: plan.weight(weight), ...window }),
  );
  if (!expansion) return { ops, inputGradient: ofExpanded };
  ops.push(
    normBackward(plan, name, expansion.expand, ofExpanded, ofExpanded, expansion.sums),
  );
  const { ops: last, inputGradient } = convBackward(plan, {
    part: name,
    prefix: expansion.expand,
    input,
    outputGradient: ofExpanded,
    wantsInput,
    residual: residual ? gradient : undefined,
  });
  return { ops: [...ops, ...last], inputGradient };
}
