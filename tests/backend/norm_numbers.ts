/** Shapes and numbers that batch norm and its gradient are tried on. @module */
import { coefficientBytes } from "../../src/backend/ops/norm.ts";
import { type Border, PANEL } from "../../src/backend/ops/value.ts";
import type { RandomState } from "../../src/core/random.ts";
import type { Numbers } from "./reference.ts";
import { draw } from "./training_case.ts";

/** A batch of planes. */
export interface PlaneShape {
  /** Rows of pixels. */
  readonly height: number;
  /** Columns of pixels. */
  readonly width: number;
  /** Channels; not all are whole panels. */
  readonly channels: number;
  /** Images of the run. */
  readonly images: number;
  /** More than `images` where a plan runs on fewer than it holds. */
  readonly capacity?: number;
}

/** Planes below, at and above the 512 pixels of a span, and images that fill no span evenly. */
export const NORM_SHAPES: readonly PlaneShape[] = [
  { height: 1, width: 1, channels: 8, images: 1 },
  { height: 1, width: 1, channels: 20, images: 17 },
  { height: 2, width: 2, channels: 24, images: 5, capacity: 7 },
  { height: 3, width: 5, channels: 12, images: 1 },
  { height: 7, width: 7, channels: 40, images: 11, capacity: 16 },
  { height: 16, width: 32, channels: 8, images: 3 },
  { height: 23, width: 23, channels: 16, images: 2 },
];

/** Share of the batch in the running averages: PyTorch's. */
export const MOMENTUM = 0.1;

/** PyTorch's; of a single number, whose variance is 0, one that does not leave the result to cancellation. */
export function epsilonFor({ height, width, images }: PlaneShape): number {
  return height * width * images === 1 ? 0.1 : 1e-5;
}

/** Parameters of a norm that differ from channel to channel. */
export function parametersOf(random: RandomState, channels: number) {
  return {
    gamma: draw(random, channels, 1.5),
    beta: draw(random, channels),
    runningMean: draw(random, channels),
    runningVariance: draw(random, channels, 0.9).map((value) => value + 1),
  };
}

/** Numbers whose mean and deviation differ from channel to channel. */
export function drawSpread(
  random: RandomState,
  size: number,
  channels: number,
): Float32Array {
  return draw(random, size).map((value, i) => value * (1 + i % channels / 8) + i % channels / 4);
}

/** Place of channel `c`'s factor in the table of coefficients. */
function aOf(c: number): number {
  return Math.floor(c / PANEL) * 4 * PANEL + c % PANEL;
}

/** Floats of the table of coefficients. */
export function tableFloats(channels: number): number {
  return coefficientBytes(channels) / 4;
}

/** a, b, mean and 1 / deviation, panel by panel. */
export function tableOf(
  { gamma, beta }: { gamma: Numbers; beta: Numbers },
  { mean, inverse }: { mean: Float64Array; inverse: Float64Array },
): Float64Array {
  const table = new Float64Array(tableFloats(mean.length));
  mean.forEach((value, c) => {
    const a = gamma[c] * inverse[c];
    [a, beta[c] - value * a, value, inverse[c]].forEach((number, row) =>
      table[aOf(c) + row * PANEL] = number
    );
  });
  return table;
}

/** An uneven border, where the mode asks for one. */
export function borderOf(
  { height, width }: PlaneShape,
  { border }: { readonly border?: boolean },
): Border | undefined {
  return border ? { top: 2, left: 1, rows: height + 3, columns: width + 4 } : undefined;
}
