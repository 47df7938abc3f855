/** The trunk's parameters as the inference plan wants them: batch norm folded, packed, in wasm memory. @module */

import { packDepthwise } from "../backend/ops/depthwise.ts";
import { packGemm } from "../backend/ops/gemm.ts";
import { PATCH_COLUMNS, patchColumn } from "../backend/ops/planes.ts";
import { padChannels } from "../backend/ops/value.ts";
import {
  type PointwiseKernel,
  type PointwisePacker,
  pointwisePacker,
} from "../backend/pack_pointwise.ts";
import type { WasmRuntime } from "../backend/tfjs_loader.ts";
import { foldNorm, normFactors } from "./fold.ts";
import { blockNames, HEAD, type ParameterValues, STEM } from "./parameters.ts";
import { blocks, HEAD_CHANNELS, STEM_CHANNELS } from "./stages.ts";

/** Addresses of one layer's packed weight and bias. */
export interface PackedLayer {
  /** Address of the weight. */
  readonly weight: number;
  /** Address of the bias. */
  readonly bias: number;
}

/** Packed layers by the prefix of their checkpoint entries, for instance `"features.2.0.block.0"`. */
export interface PackedWeights {
  /** The layer of a prefix. */
  layer(prefix: string): PackedLayer;
  /** Bytes in all. */
  readonly bytes: number;
  /** Gives the memory back. */
  dispose(): void;
}

/** A layer before it has an address. */
interface Draft {
  readonly prefix: string;
  readonly weightFloats: number;
  readonly biasFloats: number;
  /** Writes both to their addresses. */
  write(weight: Float32Array, bias: Float32Array, packer: PointwisePacker): void;
}

/**
 * Packs all layers of the trunk into one block of the runtime's memory.
 *
 * @param values Every trunk parameter, checked (`checkTrunkTensors`).
 * @throws {RangeError} when the heap is exhausted.
 */
export function packWeights(
  runtime: WasmRuntime,
  values: ParameterValues,
  bnEpsilon: number,
): PackedWeights {
  const drafts = draftLayers(values, bnEpsilon);
  const floats = drafts.reduce((sum, draft) => sum + draft.weightFloats + draft.biasFloats, 0);
  const block = runtime.allocate(floats * 4 + 64);
  let next = Math.ceil(block / 64) * 64;
  const layers = new Map<string, PackedLayer>();
  const most = (of: (draft: Draft) => number) => Math.max(...drafts.map(of));
  using packer = pointwisePacker(
    runtime,
    most(({ weightFloats }) => weightFloats),
    most(({ biasFloats }) => biasFloats),
  );
  for (const draft of drafts) {
    const weight = next;
    const bias = weight + draft.weightFloats * 4;
    next = bias + draft.biasFloats * 4;
    const { buffer } = runtime.memory;
    draft.write(
      new Float32Array(buffer, weight, draft.weightFloats),
      new Float32Array(buffer, bias, draft.biasFloats),
      packer,
    );
    layers.set(draft.prefix, { weight, bias });
  }
  return {
    bytes: floats * 4,
    layer(prefix) {
      const layer = layers.get(prefix);
      if (!layer) throw new Error(`There is no packed layer ${prefix}`);
      return layer;
    },
    dispose: () => runtime.free(block),
  };
}

function draftLayers(values: ParameterValues, epsilon: number): Draft[] {
  const value = (name: string) => values.get(name)!;
  const kernel = (name: string, outputs: number): PointwiseKernel => {
    const scaled = values.scaled?.(name);
    return scaled
      ? { outputs, values: scaled.codes, scales: scaled.scales }
      : { outputs, values: value(name) };
  };

  /** 1 x 1 convolution OIHW = [outputs][inputs], folded with its norm where it has one. */
  const pointwise = (prefix: string, inputs: number, outputs: number, norm: boolean): Draft => ({
    prefix,
    weightFloats: padChannels(inputs) * padChannels(outputs),
    biasFloats: padChannels(outputs),
    write({ byteOffset: to }, bias, packer) {
      bias.fill(0);
      if (norm) {
        const { factor: factors, bias: shifts } = normFactors(values, prefix, epsilon);
        packer.pack(to, { ...kernel(`${prefix}.0.weight`, outputs), factors });
        bias.set(shifts);
      } else {
        packer.pack(to, kernel(`${prefix}.weight`, outputs));
        bias.set(value(`${prefix}.bias`));
      }
    },
  });

  const stem: Draft = {
    prefix: STEM,
    weightFloats: PATCH_COLUMNS * STEM_CHANNELS,
    biasFloats: STEM_CHANNELS,
    write(weight, bias) {
      const folded = foldNorm(values, STEM, epsilon);
      // Column of the patch -> offset within the OIHW kernel of one output, or -1 for padding.
      const source = new Int32Array(PATCH_COLUMNS).fill(-1);
      for (let ky = 0; ky < 3; ky++) {
        for (let kx = 0; kx < 3; kx++) {
          for (let c = 0; c < 3; c++) source[patchColumn(ky, kx, c)] = c * 9 + ky * 3 + kx;
        }
      }
      packGemm(
        weight,
        PATCH_COLUMNS,
        STEM_CHANNELS,
        (k, n) => source[k] < 0 ? 0 : folded.weight[n * 27 + source[k]],
      );
      bias.set(folded.bias);
    },
  };

  const list = blocks();
  return [
    stem,
    ...list.flatMap((block): Draft[] => {
      const names = blockNames(block);
      const { inputChannels, expandedChannels, squeezeChannels, outputChannels } = block;
      const taps = block.kernel * block.kernel;
      return [
        ...(names.expand ? [pointwise(names.expand, inputChannels, expandedChannels, true)] : []),
        {
          prefix: names.depthwise,
          weightFloats: expandedChannels * taps,
          biasFloats: expandedChannels,
          write(weight, bias) {
            const folded = foldNorm(values, names.depthwise, epsilon);
            packDepthwise(
              weight,
              expandedChannels,
              taps,
              (c, tap) => folded.weight[c * taps + tap],
            );
            bias.set(folded.bias);
          },
        },
        pointwise(`${names.squeeze}.fc1`, expandedChannels, squeezeChannels, false),
        pointwise(`${names.squeeze}.fc2`, squeezeChannels, expandedChannels, false),
        pointwise(names.project, expandedChannels, outputChannels, true),
      ];
    }),
    pointwise(HEAD, list[list.length - 1].outputChannels, HEAD_CHANNELS, true),
  ];
}
