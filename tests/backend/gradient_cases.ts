/** Convolutions whose gradients the tests compute: shapes, paddings and how to run a kernel on them. @module */
import { RandomState } from "../../src/core/random.ts";
import { tfjs as tf } from "../deps.ts";

/** One convolution. */
export interface GradientCase {
  /** For messages, for instance `"3x3 s2 same 17>5"`. */
  readonly name: string;
  /** `[batch, height, width, channels]`. */
  readonly x: readonly [number, number, number, number];
  /** `[height, width, input channels, output channels or multiplier]`. */
  readonly filter: readonly [number, number, number, number];
  /** Rows, columns. */
  readonly strides: readonly [number, number];
  /** Rows, columns. */
  readonly dilations: readonly [number, number];
  /** As tfjs takes it. */
  readonly pad: Padding;
  /** Whether it is depthwise. */
  readonly depthwise: boolean;
}

type Padding = "same" | "valid" | number | tf.backend_util.ExplicitPadding;

/** Another one in front than behind, another above than to the left. */
const UNEVEN: Padding = [[0, 0], [2, 1], [0, 3], [0, 0]];
const PADDINGS: readonly Padding[] = ["same", "valid", 1, UNEVEN];

type Size = readonly [kernel: number, stride: number];

/** All combinations that fit into small pictures, and a few shapes large enough to be shared in every way. */
export function gradientCases(): GradientCase[] {
  const cases: GradientCase[] = [];
  const add = (depthwise: boolean, options: Partial<GradientCase>) => {
    const whole = { strides: [1, 1], dilations: [1, 1], pad: "same", depthwise, ...options };
    const convolution = { name: "", ...whole } as GradientCase;
    if (outputShape(convolution).some((size) => size < 1)) return;
    cases.push({ ...convolution, name: nameOf(convolution) });
  };
  const sizes: readonly Size[] = [[1, 1], [1, 2], [2, 1], [2, 3], [3, 1], [3, 2], [5, 2], [7, 3]];
  for (const [size, stride] of sizes) {
    for (const pad of PADDINGS) {
      const strides = [stride, stride] as const;
      for (const [input, output] of [[1, 1], [3, 8], [8, 5], [17, 12]]) {
        add(false, { x: [2, 7, 6, input], filter: [size, size, input, output], strides, pad });
      }
      for (const [input, multiplier] of [[1, 1], [3, 2], [8, 1], [13, 1], [9, 2]]) {
        const filter = [size, size, input, multiplier] as const;
        for (const batch of [1, 5]) add(true, { x: [batch, 6, 9, input], filter, strides, pad });
      }
    }
  }
  for (const depthwise of [false, true]) {
    const channels = (input: number, output: number): readonly [number, number] =>
      depthwise ? [input, 1] : [input, output];
    // Maps of one pixel, of which only the middle tap of a large kernel sees anything.
    add(depthwise, { x: [1, 1, 1, 20], filter: [1, 1, ...channels(20, 36)] });
    add(depthwise, { x: [6, 1, 1, 20], filter: [5, 5, ...channels(20, 3)] });
    add(depthwise, { x: [9, 2, 2, 24], filter: [5, 5, ...channels(24, 16)], strides: [2, 2] });
    // Rows unlike columns.
    add(depthwise, { x: [3, 5, 11, 12], filter: [2, 5, ...channels(12, 7)], strides: [1, 3] });
    add(depthwise, { x: [3, 11, 5, 12], filter: [6, 1, ...channels(12, 9)], strides: [4, 2] });
    // Several blocks, slices, ranges and bands.
    add(depthwise, { x: [7, 20, 20, 40], filter: [3, 3, ...channels(40, 24)] });
    add(depthwise, { x: [1, 70, 66, 66], filter: [3, 3, ...channels(66, 3)], strides: [2, 2] });
  }
  add(false, { x: [4, 14, 14, 96], filter: [1, 1, 96, 24] });
  add(false, { x: [1, 3, 3, 70], filter: [3, 3, 70, 270] });
  // tfjs's autodiff refuses dilated convolutions; the depthwise kernels can be called all the same.
  for (const pad of PADDINGS) {
    add(true, { x: [2, 9, 8, 10], filter: [3, 3, 10, 1], dilations: [2, 3], pad });
    add(true, { x: [5, 7, 12, 3], filter: [2, 4, 3, 2], dilations: [3, 2], pad });
  }
  return cases;
}

function nameOf({ x, filter, strides, dilations, pad, depthwise }: GradientCase): string {
  const kind = depthwise ? "depthwise" : "conv";
  return `${kind} [${x}] by [${filter}], strides ${strides}, dilations ${dilations}, pad ${
    JSON.stringify(pad)
  }`;
}

/** `[batch, height, width, channels]` of the convolution's output. */
export function outputShape(
  { x, filter, strides, dilations, pad, depthwise }: GradientCase,
): [number, number, number, number] {
  return tf.backend_util.computeConv2DInfo(
    [...x],
    [...filter],
    [...strides],
    [...dilations],
    pad,
    undefined,
    depthwise,
  ).outShape as [number, number, number, number];
}

/** Both gradients. */
export interface Gradients {
  /** With respect to the input. */
  readonly dx: Float32Array;
  /** With respect to the filter. */
  readonly dw: Float32Array;
}

/** The numbers of a case, in -1 to 1; the same at each call. */
export function numbersOf(convolution: GradientCase): Record<"x" | "filter" | "dy", Float32Array> {
  const random = new RandomState(7);
  const draw = (shape: readonly number[]) =>
    Float32Array.from(
      { length: shape.reduce((a, b) => a * b) },
      () => 2 * random.randomDouble() - 1,
    );
  const { x, filter } = convolution;
  return { x: draw(x), filter: draw(filter), dy: draw(outputShape(convolution)) };
}

/** Runs tfjs's kernels by their names on the current backend. */
export function computeGradients(convolution: GradientCase): Gradients {
  const { strides, dilations, pad, depthwise } = convolution;
  const numbers = numbersOf(convolution);
  const [input, weights] = depthwise
    ? [tf.DepthwiseConv2dNativeBackpropInput, tf.DepthwiseConv2dNativeBackpropFilter]
    : [tf.Conv2DBackpropInput, tf.Conv2DBackpropFilter];
  return tf.tidy(() => {
    const x = tf.tensor4d(numbers.x, [...convolution.x]);
    const filter = tf.tensor4d(numbers.filter, [...convolution.filter]);
    const dy = tf.tensor4d(numbers.dy, outputShape(convolution));
    const common = { strides: [...strides], pad, dataFormat: "NHWC" };
    const attributes = depthwise ? { ...common, dilations: [...dilations] } : common;
    const run = (kernel: string, inputs: tf.NamedTensorMap, own: Record<string, unknown>) =>
      (tf.engine().runKernel(
        kernel,
        inputs,
        { ...attributes, ...own } as unknown as tf.NamedAttrMap,
      ) as tf.Tensor).dataSync<"float32">().slice();
    return {
      dx: run(input, { dy, filter }, { inputShape: x.shape }),
      dw: run(weights, { x, dy }, { filterShape: filter.shape }),
    };
  });
}

/** The definition, tap by tap in float64: the output's gradient goes back to whatever made the output. */
export function referenceGradients(convolution: GradientCase): Gradients {
  const { depthwise, filter: [kernelHeight, kernelWidth, , filterChannels] } = convolution;
  const [batch, height, width, inChannels] = convolution.x;
  const [, outHeight, outWidth, outChannels] = outputShape(convolution);
  const { top, left } = tf.backend_util.computeConv2DInfo(
    [...convolution.x],
    [...convolution.filter],
    [...convolution.strides],
    [...convolution.dilations],
    convolution.pad,
    undefined,
    depthwise,
  ).padInfo;
  const { x, filter, dy } = numbersOf(convolution);
  const dx = new Float64Array(x.length), dw = new Float64Array(filter.length);
  for (let output = 0; output < dy.length; output++) {
    const co = output % outChannels, pixel = (output - co) / outChannels;
    const ox = pixel % outWidth, line = (pixel - ox) / outWidth;
    const oy = line % outHeight, image = (line - oy) / outHeight;
    for (let ky = 0; ky < kernelHeight; ky++) {
      const iy = oy * convolution.strides[0] - top + ky * convolution.dilations[0];
      for (let kx = 0; kx < kernelWidth; kx++) {
        const ix = ox * convolution.strides[1] - left + kx * convolution.dilations[1];
        if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
        const at = ((image * height + iy) * width + ix) * inChannels;
        const tap = (ky * kernelWidth + kx) * inChannels;
        const first = depthwise ? Math.floor(co / filterChannels) : 0;
        for (let ci = first; ci < (depthwise ? first + 1 : inChannels); ci++) {
          const weight = (tap + ci) * filterChannels + (depthwise ? co % filterChannels : co);
          dx[at + ci] += dy[output] * filter[weight];
          dw[weight] += dy[output] * x[at + ci];
        }
      }
    }
  }
  if (batch * height * width * inChannels !== dx.length) throw new Error("not NHWC");
  return { dx: Float32Array.from(dx), dw: Float32Array.from(dw) };
}
