/** Depthwise convolution with bias and SiLU, and the means that squeeze-excite starts from. @module */

import type { Op } from "./op.ts";
import { type Border, PANEL, rowBytes, type Value } from "./value.ts";

/** Geometry of a square convolution window. */
export interface Window {
  /** Side of the kernel: 3 or 5. */
  readonly kernel: number;
  /** Step: 1 or 2. */
  readonly stride: number;
  /** Zeros before the first row and column. */
  readonly before: number;
}

/** Largest plane that is convolved without a border, visiting only the taps that fall inside. */
const SMALL_PLANE = 4;

/** Whether a plane of this side is small: then its input carries no border. */
export function isSmallPlane(height: number, width: number): boolean {
  return height <= SMALL_PLANE && width <= SMALL_PLANE;
}

/** The border that an input plane needs, or undefined for a small one. */
export function borderFor(
  height: number,
  width: number,
  outHeight: number,
  outWidth: number,
  { kernel, stride, before }: Window,
): Border | undefined {
  if (isSmallPlane(height, width)) return undefined;
  return {
    top: before,
    left: before,
    rows: Math.max((outHeight - 1) * stride + kernel, before + height),
    columns: Math.max((outWidth - 1) * stride + kernel, before + width),
  };
}

/** Options of {@linkcode depthwise}. */
export interface DepthwiseOptions extends Window {
  /** Address of the kernel, packed by {@linkcode packDepthwise}. */
  readonly weight: number;
  /** Address of the bias, one float per channel. */
  readonly bias: number;
}

/** target = silu(source * kernel + bias); means = the mean of each plane of the target. */
export function depthwise(
  source: Value,
  target: Value,
  means: Value,
  options: DepthwiseOptions,
): Op {
  return {
    ...convolution(source, target, options, true),
    extra: means,
    alsoWrites: [means],
    bias: options.bias,
  };
}

/** target = source * kernel, and nothing more: what training normalises. */
export function linearDepthwise(
  source: Value,
  target: Value,
  options: Omit<DepthwiseOptions, "bias">,
): Op {
  return convolution(source, target, options, false);
}

/** What the kernels are told of a convolution's input (with its border, unless it is small) and output. */
export function windowWords(
  input: Value,
  output: Value,
  { kernel, stride, before }: Window,
): number[] {
  return [
    output.channels / PANEL,
    kernel,
    stride,
    output.height,
    output.width,
    rowBytes(input),
    isSmallPlane(input.height, input.width) ? 1 : 0,
    before,
    before,
    input.height,
    input.width,
  ];
}

function convolution(
  source: Value,
  target: Value,
  { weight, kernel, stride, before }: Omit<DepthwiseOptions, "bias">,
  activated: boolean,
): Op {
  if ((kernel !== 3 && kernel !== 5) || (stride !== 1 && stride !== 2)) {
    throw new RangeError(
      `Cannot plan ${target.name}: kernel ${kernel} with stride ${stride}; kernels 3 and 5 with strides 1 and 2 exist`,
    );
  }
  return {
    kind: "depthwise",
    source,
    target,
    weight,
    bias: 0,
    parameters: [...windowWords(source, target, { kernel, stride, before }), activated ? 0 : 1],
    macs: target.height * target.width * target.channels * kernel * kernel,
    panels: { count: target.channels / PANEL, readsWhole: [] },
  };
}

/** Packs a kernel `[channels][kernel * kernel]` as `[channels / 8][kernel * kernel][8]`. */
export function packDepthwise(
  to: Float32Array,
  channels: number,
  taps: number,
  at: (channel: number, tap: number) => number,
): void {
  for (let c = 0; c < channels; c++) {
    const panel = (c - c % PANEL) * taps + c % PANEL;
    for (let tap = 0; tap < taps; tap++) to[panel + tap * PANEL] = at(c, tap);
  }
}
