/** Passes over whole planes: the stem's patches, the gate of squeeze-excite, and averages. @module */

import type { Window } from "./depthwise.ts";
import type { Op } from "./op.ts";
import { PANEL, type Value } from "./value.ts";

/** Columns of a 3 x 3 patch of three channels: 27, padded to whole panels. */
export const PATCH_COLUMNS = 32;

/**
 * Where value `channel` of tap (`ky`, `kx`) stands among the columns of a patch: the first eight of a kernel
 * row's nine floats fill panel `ky`, the ninth goes to the last panel.
 */
export function patchColumn(ky: number, kx: number, channel: number): number {
  const inRow = kx * 3 + channel;
  return inRow < PANEL ? ky * PANEL + inRow : 3 * PANEL + ky;
}

/** Cuts the 3 x 3 stride-2 patches of an NHWC picture: the stem's convolution is a GEMM over them. */
export function patches(source: Value, target: Value, { kernel, stride, before }: Window): Op {
  if (kernel !== 3 || stride !== 2 || source.channels !== 3 || target.channels !== PATCH_COLUMNS) {
    throw new RangeError(
      `Cannot plan ${target.name}: only 3 x 3 stride-2 patches of 3 channels exist`,
    );
  }
  return {
    kind: "patches",
    source,
    target,
    weight: 0,
    bias: 0,
    parameters: [source.height, source.width, target.height, target.width, before, before],
    macs: 0,
  };
}

/** target = value * gate, one factor per image and channel; in place unless another target is given. */
export function applyGate(value: Value, gate: Value, target: Value = value): Op {
  return {
    kind: "gate",
    source: value,
    target,
    extra: gate,
    weight: 0,
    bias: 0,
    parameters: [value.channels / PANEL, value.height * value.width],
    macs: value.channels * value.height * value.width,
    panels: { count: value.channels / PANEL, readsWhole: [] },
  };
}

/** Columns [column, column + channels) of the output = the mean of each plane. */
export function meanToOutput(source: Value, output: Value, column: number): Op {
  return {
    kind: "mean",
    source,
    target: output,
    weight: 0,
    bias: 0,
    column,
    parameters: [source.channels / PANEL, source.height * source.width, 0],
    macs: 0,
  };
}

/** Channels [channel, channel + channels) of the target = the mean of each plane. */
export function meanToChannels(source: Value, target: Value, channel = 0): Op {
  return {
    kind: "mean",
    source,
    target,
    weight: 0,
    bias: 0,
    parameters: [source.channels / PANEL, source.height * source.width, channel / PANEL],
    macs: 0,
    panels: { count: source.channels / PANEL, readsWhole: [] },
  };
}
