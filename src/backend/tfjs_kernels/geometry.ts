/** The geometry of a convolution as its gradient kernels want it, checked. @module */

import type { tf } from "../../deps.ts";
import { tfjs } from "../tfjs.ts";

/** What a gradient kernel of tfjs is told about its convolution; all layouts are NHWC. */
export interface Convolution {
  /** For messages. */
  readonly kernelName: string;
  /** `[batch, height, width, channels]` of the convolution's input. */
  readonly inputShape: readonly number[];
  /** `[height, width, input channels, output channels (depthwise: multiplier)]`. */
  readonly filterShape: readonly number[];
  /** Shape of the gradient that comes in. */
  readonly dyShape: readonly number[];
  /** As tfjs takes it. */
  readonly strides: [number, number] | number;
  /** As tfjs takes it. */
  readonly dilations: [number, number] | number;
  /** As tfjs takes it. */
  readonly pad: "same" | "valid" | number | tf.backend_util.ExplicitPadding;
  /** As tfjs takes it. */
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  /** Whether it is a depthwise convolution. */
  readonly depthwise: boolean;
}

/** Sizes of a convolution, as tfjs computes them. */
export interface Geometry {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly top: number;
  readonly left: number;
}

/**
 * The sizes that follow from what a kernel was given.
 *
 * @throws {Error} when the shapes do not belong together, or stride and dilation both exceed one: what tfjs's own
 *   kernels would read beyond their tensors for.
 */
export function convolutionGeometry(convolution: Convolution): Geometry {
  const { kernelName, inputShape, filterShape, dyShape, strides, dilations, pad } = convolution;
  const { dimRoundingMode, depthwise } = convolution;
  const fail = (what: string): never => {
    throw new Error(`Cannot compute ${kernelName} on the wasm backend: ${what}`);
  };
  for (const [name, shape] of Object.entries({ inputShape, filterShape, dyShape })) {
    if (shape.length !== 4) fail(`${name} is [${shape}], expected four dimensions`);
  }
  if (filterShape[2] !== inputShape[3]) {
    fail(`the input has ${inputShape[3]} channels, the filter is for ${filterShape[2]}`);
  }
  const info = tfjs().backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations,
    pad,
    dimRoundingMode,
    depthwise,
    "channelsLast",
  );
  if (info.outShape.some((size, i) => size !== dyShape[i])) {
    fail(`dy has the shape [${dyShape}], the convolution's output has [${info.outShape}]`);
  }
  const { batchSize: batch, padInfo: { top, left }, ...rest } = info;
  for (const axis of ["Height", "Width"] as const) {
    if (rest[`stride${axis}`] > 1 && rest[`dilation${axis}`] > 1) {
      fail("strides or dilations must be 1");
    }
  }
  const geometry = { batch, top, left, ...rest };
  const numbers = geometryWords(geometry);
  if (!numbers.every((size) => Number.isInteger(size) && size >= 0)) {
    fail("strides, dilations and paddings must be whole numbers that are not negative");
  }
  return geometry;
}

/** The geometry as the 16 words that `_wasm/assembly/nhwc_geometry.ts` names. */
export function geometryWords(geometry: Geometry): number[] {
  const { batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = geometry;
  const { filterHeight, filterWidth, strideHeight, strideWidth } = geometry;
  const { dilationHeight, dilationWidth, top, left } = geometry;
  // deno-fmt-ignore
  return [
    batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth,
    strideHeight, strideWidth, dilationHeight, dilationWidth, top, left, 0,
  ];
}
