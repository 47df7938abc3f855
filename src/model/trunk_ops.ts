/** The stage table as ops of an inference plan. @module */

import { borderFor, depthwise } from "../backend/ops/depthwise.ts";
import { gemm } from "../backend/ops/gemm.ts";
import type { Op } from "../backend/ops/op.ts";
import { applyGate, meanToOutput, PATCH_COLUMNS, patches } from "../backend/ops/planes.ts";
import { panels, type Value } from "../backend/ops/value.ts";
import type { OpGroup } from "../backend/plan_layout.ts";
import type { PackedWeights } from "./packed_weights.ts";
import { blockNames, HEAD, STEM } from "./parameters.ts";
import {
  type BlockConfig,
  blocks,
  convGeometry,
  HEAD_CHANNELS,
  LAST_STAGE,
  type Padding,
  stageChannels,
  STEM_CHANNELS,
} from "./stages.ts";

/** What decides the ops of a trunk. */
export interface TrunkShape {
  /** Side of the square input, in pixels. */
  readonly size: number;
  /** Stages whose pooled outputs are concatenated, ascending. */
  readonly stages: readonly number[];
  /** The checkpoint family's padding. */
  readonly padding: Padding;
}

/** Ops from an NHWC picture to the concatenated pooled stages, one group per block. */
export function trunkOps(weights: PackedWeights, { size, stages, padding }: TrunkShape): OpGroup[] {
  const list = blocks();
  const columns = stages.reduce((sum, stage) => sum + stageChannels(stage), 0);
  const input: Value = { name: "input", kind: "input", channels: 3, height: size, width: size };
  const output: Value = {
    name: "features",
    kind: "output",
    channels: columns,
    height: 1,
    width: 1,
  };
  const deepest = stages[stages.length - 1];
  let column = 0;
  const pool = (stage: number, value: Value): Op[] => {
    if (!stages.includes(stage)) return [];
    const op = meanToOutput(value, output, column);
    column += stageChannels(stage);
    return [op];
  };

  const groups: Op[][] = [];
  const window = { kernel: 3, stride: 2, ...convGeometry(size, 3, 2, padding) };
  const patched = panels(`${STEM} patches`, PATCH_COLUMNS, window.size, window.size);
  let value = panels(
    STEM,
    STEM_CHANNELS,
    window.size,
    window.size,
    bordered(list[0], window.size, padding),
  );
  // The stem runs with the first block.
  let opening: Op[] = [
    patches(input, patched, window),
    gemm(patched, value, { ...weights.layer(STEM), epilogue: "silu" }),
  ];
  for (let i = 0; i < list.length && list[i].stage <= deepest; i++) {
    const block = blockOps(weights, list[i], value, padding);
    value = block.output;
    const lastOfStage = list[i + 1]?.stage !== list[i].stage;
    groups.push([...opening, ...block.ops, ...(lastOfStage ? pool(list[i].stage, value) : [])]);
    opening = [];
  }
  if (deepest === LAST_STAGE) {
    const head = panels(HEAD, HEAD_CHANNELS, value.height, value.width);
    groups.push([
      gemm(value, head, { ...weights.layer(HEAD), epilogue: "silu" }),
      ...pool(LAST_STAGE, head),
    ]);
  }
  return groups;
}

/** The border that a block's depthwise convolution wants around an input of `size` pixels. */
function bordered({ kernel, stride }: BlockConfig, size: number, padding: Padding) {
  const out = convGeometry(size, kernel, stride, padding);
  return borderFor(size, size, out.size, out.size, { kernel, stride, before: out.before });
}

function blockOps(
  weights: PackedWeights,
  block: BlockConfig,
  input: Value,
  padding: Padding,
): { ops: Op[]; output: Value } {
  const names = blockNames(block);
  const { name, kernel, stride, expandedChannels, squeezeChannels, outputChannels } = block;
  const size = input.height;
  const out = convGeometry(size, kernel, stride, padding);
  const ops: Op[] = [];

  let wide = input;
  if (names.expand) {
    wide = panels(`${name} expand`, expandedChannels, size, size, bordered(block, size, padding));
    ops.push(gemm(input, wide, { ...weights.layer(names.expand), epilogue: "silu" }));
  }
  const filtered = panels(`${name} depthwise`, expandedChannels, out.size, out.size);
  const means = panels(`${name} means`, expandedChannels, 1, 1);
  const squeezed = panels(`${name} squeezed`, squeezeChannels, 1, 1);
  const gate = panels(`${name} gate`, expandedChannels, 1, 1);
  const output = panels(name, outputChannels, out.size, out.size);
  ops.push(
    depthwise(wide, filtered, means, {
      ...weights.layer(names.depthwise),
      kernel,
      stride,
      before: out.before,
    }),
    gemm(means, squeezed, { ...weights.layer(`${names.squeeze}.fc1`), epilogue: "silu" }),
    gemm(squeezed, gate, { ...weights.layer(`${names.squeeze}.fc2`), epilogue: "sigmoid" }),
    applyGate(filtered, gate),
    gemm(filtered, output, {
      ...weights.layer(names.project),
      ...(block.residual ? { epilogue: "residual", residual: input } : { epilogue: "linear" }),
    }),
  );
  return { ops, output };
}
