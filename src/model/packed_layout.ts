/** How parameters lie in memory while the network learns: each array in the order that the kernels want. @module */

import { PATCH_COLUMNS, patchColumn } from "../backend/ops/planes.ts";
import { padChannels, PANEL } from "../backend/ops/value.ts";
import { type ParameterSpec, STEM } from "./parameters.ts";

/** An array of numbers: how long it is packed, and where each number goes. */
export interface PackedLayout {
  /** Floats, padding included. */
  readonly floats: number;
  /** Place of number `index` of PyTorch's array. */
  position(index: number): number;
}

/** The layout of one parameter: matrices `[N / 8][K][8]`, depthwise kernels `[C / 8][taps][8]`, vectors in whole panels. */
export function packedLayout({ name, shape, kind }: ParameterSpec): PackedLayout {
  if (shape.length === 1) return { floats: padChannels(shape[0]), position: (index) => index };
  if (kind === "depthwise") return depthwiseLayout(shape[0], shape[2] * shape[3]);
  if (name === `${STEM}.0.weight`) return stemLayout(shape[0]);
  return matrixLayout(shape[0], shape[1]);
}

/** Rows of the array are outputs, as PyTorch has them. */
function matrixLayout(outputs: number, inputs: number): PackedLayout {
  const rows = padChannels(inputs);
  return {
    floats: rows * padChannels(outputs),
    position: (index) => inMatrix(Math.floor(index / inputs), index % inputs, rows),
  };
}

/** A 3 x 3 convolution of three channels, whose inputs are the columns of a patch. */
function stemLayout(outputs: number): PackedLayout {
  const columns = Int32Array.from({ length: 27 }, (_, at) => {
    const channel = Math.floor(at / 9), tap = at % 9;
    return patchColumn(Math.floor(tap / 3), tap % 3, channel);
  });
  return {
    floats: PATCH_COLUMNS * padChannels(outputs),
    position: (index) => inMatrix(Math.floor(index / 27), columns[index % 27], PATCH_COLUMNS),
  };
}

function inMatrix(output: number, input: number, rows: number): number {
  return (output - output % PANEL) * rows + input * PANEL + output % PANEL;
}

function depthwiseLayout(channels: number, taps: number): PackedLayout {
  return {
    floats: padChannels(channels) * taps,
    position(index) {
      const channel = Math.floor(index / taps), tap = index % taps;
      return (channel - channel % PANEL) * taps + tap * PANEL + channel % PANEL;
    },
  };
}
