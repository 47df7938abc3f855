/** Depthwise kernels work on eight channels at a time: tensors with fewer, or a multiplier, are brought to that. @module */

import type { Task } from "./task.ts";

/** How the channels of a tensor are laid out anew. */
export interface ChannelLayout {
  /** Channels of the tensor. */
  readonly channels: number;
  /** Copies of each. */
  readonly multiplier: number;
  /** Channels of the layout, the last ones zero where it has more than copies. */
  readonly padded: number;
}

/** Fewest channels that the depthwise kernels take. */
const LEAST = 8;

/** Pixels of one chunk. */
const CHUNK = 1024;

/** Channels that the kernels compute with in place of `outChannels`. */
export function paddedChannels(outChannels: number): number {
  return Math.max(LEAST, outChannels);
}

/** Whether a tensor must be laid out anew. */
export function isOdd({ channels, padded }: ChannelLayout): boolean {
  return channels !== padded;
}

/** Bytes of a tensor that is laid out anew; 0 where it need not be. */
export function layoutBytes(pixels: number, layout: ChannelLayout): number {
  return isOdd(layout) ? pixels * layout.padded * 4 : 0;
}

/**
 * `expandChannels` writes `[pixels, channels]` as `[pixels, padded]`, `foldChannels` goes back and adds the copies of a
 * channel up.
 */
export function channelsTask(
  kind: "expandChannels" | "foldChannels",
  { from, to, pixels }: { from: number; to: number; pixels: number },
  { channels, multiplier, padded }: ChannelLayout,
): Task {
  const parameters = [from, to, pixels, channels, multiplier, padded, CHUNK];
  return { kind, chunks: Math.ceil(pixels / CHUNK), parameters };
}
