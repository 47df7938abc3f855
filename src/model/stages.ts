/**
 * EfficientNet-B0 as a table (Tan and Le 2019, table 1; torchvision `efficientnet_b0`). The plan, the names of
 * checkpoint entries, `summary()` and freezing are all read off it.
 *
 * @module
 */

import { UserError } from "../core/errors.ts";

/** Where a convolution's zeros go: on both sides alike (PyTorch), or the odd one after (TensorFlow's SAME). */
export type Padding = "symmetric" | "same";

/** One row of the table: `layers` MBConv blocks, the first with the stage's stride. */
export interface StageConfig {
  /** Width of the expanded layer over the block's input. */
  readonly expandRatio: number;
  /** Side of the depthwise kernel. */
  readonly kernel: number;
  /** Stride of the first block. */
  readonly stride: number;
  /** Channels that come in. */
  readonly inputChannels: number;
  /** Channels that go out. */
  readonly outputChannels: number;
  /** Blocks in the stage. */
  readonly layers: number;
}

/** Channels of the stem's 3 x 3 stride-2 convolution, `features.0`. */
export const STEM_CHANNELS = 32;

/** Channels of the last pointwise convolution, `features.8`: the pooled features. */
export const HEAD_CHANNELS = 1280;

/** `features.1` to `features.7`. */
export const STAGES: readonly StageConfig[] = [
  { expandRatio: 1, kernel: 3, stride: 1, inputChannels: 32, outputChannels: 16, layers: 1 },
  { expandRatio: 6, kernel: 3, stride: 2, inputChannels: 16, outputChannels: 24, layers: 2 },
  { expandRatio: 6, kernel: 5, stride: 2, inputChannels: 24, outputChannels: 40, layers: 2 },
  { expandRatio: 6, kernel: 3, stride: 2, inputChannels: 40, outputChannels: 80, layers: 3 },
  { expandRatio: 6, kernel: 5, stride: 1, inputChannels: 80, outputChannels: 112, layers: 3 },
  { expandRatio: 6, kernel: 5, stride: 2, inputChannels: 112, outputChannels: 192, layers: 4 },
  { expandRatio: 6, kernel: 3, stride: 1, inputChannels: 192, outputChannels: 320, layers: 1 },
];

/** Widths and depths of a network of this family; seven stages, channels in whole panels of eight. */
export interface Architecture {
  /** Channels of the stem, `features.0`. */
  readonly stemChannels: number;
  /** `features.1` to `features.7`. */
  readonly stages: readonly StageConfig[];
  /** Channels of `features.8`. */
  readonly headChannels: number;
}

/** EfficientNet-B0. */
export const EFFICIENTNET_B0: Architecture = {
  stemChannels: STEM_CHANNELS,
  stages: STAGES,
  headChannels: HEAD_CHANNELS,
};

/** Squeeze-excite keeps this share of the block's input channels. */
const SQUEEZE_RATIO = 0.25;

/** Probability that the deepest residual block is skipped in training; shallower ones in proportion. */
export const STOCHASTIC_DEPTH = 0.2;

/** Dropout before the classifier in training. */
export const DROPOUT = 0.2;

/** Smallest picture, in pixels a side. */
export const MIN_INPUT_SIZE = 28;

/** Largest picture, in pixels a side: more than four times what the network was trained at. */
export const MAX_INPUT_SIZE = 1024;

/** One MBConv block. */
export interface BlockConfig {
  /** Prefix of its entries in a checkpoint, for instance `"features.2.0"`. */
  readonly name: string;
  /** Index of the stage, 1 to 7. */
  readonly stage: number;
  /** Channels that come in. */
  readonly inputChannels: number;
  /** Channels of the depthwise convolution. */
  readonly expandedChannels: number;
  /** Channels of the squeezed layer. */
  readonly squeezeChannels: number;
  /** Channels that go out. */
  readonly outputChannels: number;
  /** Side of the depthwise kernel. */
  readonly kernel: number;
  /** Stride of the depthwise convolution. */
  readonly stride: number;
  /** Whether the block's input is added to its output. */
  readonly residual: boolean;
  /** Probability that the block is skipped in training. */
  readonly dropProbability: number;
}

/** All MBConv blocks, in order. */
export function blocks({ stages }: Architecture = EFFICIENTNET_B0): BlockConfig[] {
  const total = stages.reduce((sum, stage) => sum + stage.layers, 0);
  const list: BlockConfig[] = [];
  stages.forEach((stage, s) => {
    for (let layer = 0; layer < stage.layers; layer++) {
      const inputChannels = layer === 0 ? stage.inputChannels : stage.outputChannels;
      const stride = layer === 0 ? stage.stride : 1;
      list.push({
        name: `features.${s + 1}.${layer}`,
        stage: s + 1,
        inputChannels,
        expandedChannels: inputChannels * stage.expandRatio,
        squeezeChannels: Math.max(1, Math.floor(inputChannels * SQUEEZE_RATIO)),
        outputChannels: stage.outputChannels,
        kernel: stage.kernel,
        stride,
        residual: stride === 1 && inputChannels === stage.outputChannels,
        dropProbability: STOCHASTIC_DEPTH * list.length / total,
      });
    }
  });
  return list;
}

/** Index of the last stage, `features.8`. */
export const LAST_STAGE = 8;

/**
 * Pooled features of one stage.
 *
 * @param stage 1 to 8, as in `features.N`.
 */
export function stageChannels(
  stage: number,
  { stages, headChannels }: Architecture = EFFICIENTNET_B0,
): number {
  if (stage === LAST_STAGE) return headChannels;
  const config = stages[stage - 1];
  if (!config) {
    throw new UserError(`Cannot take stage ${stage}: stages are whole numbers from 1 to 8`);
  }
  return config.outputChannels;
}

/** Output side and leading zeros of a convolution along one side. */
export interface ConvGeometry {
  /** Pixels that come out. */
  readonly size: number;
  /** Zeros before the first pixel. */
  readonly before: number;
}

/** Geometry of a square convolution on `size` pixels a side. */
export function convGeometry(
  size: number,
  kernel: number,
  stride: number,
  padding: Padding,
): ConvGeometry {
  if (padding === "symmetric") {
    const before = (kernel - 1) / 2;
    return { size: Math.floor((size + 2 * before - kernel) / stride) + 1, before };
  }
  const out = Math.ceil(size / stride);
  const zeros = Math.max(0, (out - 1) * stride + kernel - size);
  return { size: out, before: Math.floor(zeros / 2) };
}
