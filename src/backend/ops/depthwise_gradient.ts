/** Both gradients of a depthwise convolution. @module */

import { isSmallPlane, type Window, windowWords } from "./depthwise.ts";
import type { Op } from "./op.ts";
import { type Border, innerOffset, PANEL, rowBytes, type Value } from "./value.ts";

/** What both gradients are told. */
export interface DepthwiseGradientOptions extends Window {
  /** Address of the kernel, or of its gradient; packed by `packDepthwise`. */
  readonly weight: number;
}

/** The border that the gradient of the output needs, so that the gradient of an input of this size meets no edge. */
export function gradientBorder(
  height: number,
  width: number,
  outHeight: number,
  outWidth: number,
  { kernel, stride, before }: Window,
): Border | undefined {
  if (isSmallPlane(height, width)) return undefined;
  if (stride === 1) {
    const lead = kernel - 1 - before;
    return {
      top: lead,
      left: lead,
      rows: Math.max(height - 1 + kernel, lead + outHeight),
      columns: Math.max(width - 1 + kernel, lead + outWidth),
    };
  }
  // Input row y meets output rows (y + before - tap) / 2.
  const lead = (kernel - 1) / 2;
  const reach = (size: number, out: number) =>
    lead + Math.max(out, Math.floor((size - 1 + before) / 2) + 1);
  return { top: lead, left: lead, rows: reach(height, outHeight), columns: reach(width, outWidth) };
}

/** target = gradient of the convolution's input; `source`, that of its output, carries {@linkcode gradientBorder}. */
export function inputGradient(
  source: Value,
  target: Value,
  { weight, kernel, stride, before }: DepthwiseGradientOptions,
): Op {
  const small = isSmallPlane(target.height, target.width);
  return {
    kind: "inputGradient",
    source,
    target,
    weight,
    bias: 0,
    parameters: [
      target.channels / PANEL,
      kernel,
      stride,
      target.height,
      target.width,
      rowBytes(source),
      small ? 1 : 0,
      before,
      before,
      source.height,
      source.width,
      innerOffset(source),
    ],
    macs: source.height * source.width * source.channels * kernel * kernel,
    panels: { count: target.channels / PANEL, readsWhole: [] },
  };
}

/** Gradient of the kernel, from the convolution's `input` (with its border) and the gradient of its output. */
export function filterGradient(
  input: Value,
  outputGradient: Value,
  { weight, kernel, stride, before }: DepthwiseGradientOptions,
): Op {
  const { height, width, channels } = outputGradient;
  return {
    kind: "filterGradient",
    source: input,
    extra: outputGradient,
    weight,
    bias: 0,
    parameters: [
      ...windowWords(input, outputGradient, { kernel, stride, before }),
      rowBytes(outputGradient),
      innerOffset(outputGradient),
    ],
    macs: height * width * channels * kernel * kernel,
    panels: { count: channels / PANEL, readsWhole: [] },
  };
}
