/** Cases of the depthwise convolution as training runs it, and of both of its gradients. @module */
import {
  borderFor,
  linearDepthwise,
  packDepthwise,
  type Window,
} from "../../src/backend/ops/depthwise.ts";
import {
  filterGradient,
  gradientBorder,
  inputGradient,
} from "../../src/backend/ops/depthwise_gradient.ts";
import { panels } from "../../src/backend/ops/value.ts";
import type { PlaneShape } from "./norm_numbers.ts";
import { referenceDepthwise, samePadding, symmetricPadding } from "./reference.ts";
import { draw, once, randomFor, type TrainingCase } from "./training_case.ts";
import { referenceFilterGradient, referenceInputGradient } from "./training_reference.ts";

/** Small planes of every size, which carry no border, and larger ones of odd and even sides. */
export const WINDOWED_SHAPES: readonly PlaneShape[] = [
  { height: 1, width: 1, channels: 20, images: 17 },
  { height: 1, width: 1, channels: 8, images: 1 },
  { height: 2, width: 2, channels: 24, images: 5, capacity: 6 },
  { height: 3, width: 3, channels: 8, images: 3 },
  { height: 4, width: 4, channels: 40, images: 5, capacity: 17 },
  { height: 3, width: 1, channels: 8, images: 2 },
  { height: 2, width: 4, channels: 8, images: 4 },
  { height: 5, width: 5, channels: 20, images: 3 },
  { height: 4, width: 6, channels: 8, images: 1 },
  { height: 6, width: 2, channels: 8, images: 3 },
  { height: 7, width: 7, channels: 40, images: 5, capacity: 6 },
  { height: 8, width: 8, channels: 8, images: 9 },
  { height: 9, width: 15, channels: 12, images: 2 },
  { height: 14, width: 14, channels: 24, images: 3, capacity: 5 },
  { height: 33, width: 31, channels: 8, images: 1 },
];

/** A window on planes of one shape. */
export interface Windowed extends Window {
  /** Height of the result. */
  readonly outH: number;
  /** Width of the result. */
  readonly outW: number;
}

/** Every window that exists on a shape: kernels 3 and 5, strides 1 and 2, both paddings where they differ. */
export function windowsOf({ height, width }: PlaneShape): Windowed[] {
  return [3, 5].flatMap((kernel) =>
    ([[1, symmetricPadding], [2, symmetricPadding], [2, samePadding]] as const)
      .map(([stride, padding]) => {
        const rows = padding(height, kernel, stride), columns = padding(width, kernel, stride);
        return { kernel, stride, rows, columns };
      })
      // Windows are square: one `before` for both sides.
      .filter(({ rows, columns }) => rows.before === columns.before)
      .map(({ kernel, stride, rows, columns }) => ({
        kernel,
        stride,
        before: rows.before,
        outH: rows.out,
        outW: columns.out,
      }))
  );
}

/** All of them. */
export function depthwiseGradientCases(): TrainingCase[] {
  return WINDOWED_SHAPES.flatMap((shape) =>
    windowsOf(shape).flatMap((window) => convolutionCases(shape, window))
  );
}

/** The convolution and its two gradients. */
function convolutionCases(shape: PlaneShape, window: Windowed): TrainingCase[] {
  const { height, width, images, capacity } = shape;
  const { kernel, stride, before, outH, outW } = window;
  const name = JSON.stringify({ ...shape, ...window });
  const random = randomFor(name);
  const border = borderFor(height, width, outH, outW, window);
  const input = panels("input", shape.channels, height, width, border);
  const { channels } = input;
  const output = panels("output", channels, outH, outW);
  const outputGradient = panels(
    "gradient of output",
    channels,
    outH,
    outW,
    gradientBorder(height, width, outH, outW, window),
  );
  const target = panels("gradient of input", channels, height, width);
  const taps = kernel * kernel;
  const x = draw(random, images * height * width * channels);
  const dy = draw(random, images * outH * outW * channels);
  const filters = draw(random, taps * channels, 2 / kernel);
  const packed = new Float32Array(taps * channels);
  packDepthwise(packed, channels, taps, (c, tap) => filters[tap * channels + c]);
  const common = { images, capacity };
  const geometry = {
    shape: [images, height, width, channels] as const,
    kernelSize: kernel,
    stride,
    padTop: before,
    padLeft: before,
    outH,
    outW,
  };
  return [
    {
      ...common,
      name: `depthwise ${name}`,
      given: new Map([[input, x]]),
      parameters: { packed },
      ops: (at) => [linearDepthwise(input, output, { weight: at.packed, ...window })],
      expected: once(() => [{
        of: output,
        numbers: referenceDepthwise({ x, kernel: filters, ...geometry }),
      }]),
    },
    {
      ...common,
      name: `depthwise input's gradient ${name}`,
      given: new Map([[outputGradient, dy]]),
      parameters: { packed },
      ops: (at) => [inputGradient(outputGradient, target, { weight: at.packed, ...window })],
      expected: once(() => [{
        of: target,
        numbers: referenceInputGradient({ dy, kernel: filters, ...geometry }),
      }]),
    },
    {
      ...common,
      name: `depthwise kernel's gradient ${name}`,
      given: new Map([[input, x], [outputGradient, dy]]),
      parameters: { gradient: taps * channels },
      writes: ["gradient"],
      ops: (at) => [filterGradient(input, outputGradient, { weight: at.gradient, ...window })],
      expected: once(() => {
        const gradient = referenceFilterGradient({ dy, x, ...geometry });
        const numbers = new Float64Array(gradient.length);
        // `[channels / 8][taps][8]`
        gradient.forEach((value, i) => {
          const tap = Math.floor(i / channels), c = i % channels;
          numbers[(c - c % 8) * taps + tap * 8 + c % 8] = value;
        });
        return [{ of: "gradient", numbers }];
      }),
    },
  ];
}
