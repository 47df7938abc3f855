/**
 * Values that pass between the ops of a plan.
 *
 * Activations lie in panels of eight channels, `[channels / 8][images][pixels][8]`: a register tile of the
 * pointwise convolution reads and writes whole panels, a depthwise convolution works within one, and sums per
 * channel run over contiguous memory.
 *
 * @module
 */

/** Channels in one panel: two registers of four floats. */
export const PANEL = 8;

/** Bytes of one pixel of one panel. */
export const PIXEL_BYTES: number = PANEL * 4;

/** A border of zeros around a picture, so that a convolution needs no test for the edge. */
export interface Border {
  /** Rows above the picture. */
  readonly top: number;
  /** Columns to its left. */
  readonly left: number;
  /** Rows in all. */
  readonly rows: number;
  /** Columns in all. */
  readonly columns: number;
}

/** An activation of one image; the plan decides where it lies and for how many images. */
export interface Value {
  /** Names it in error messages and dumps, for instance `"features.2.0 expand"`. */
  readonly name: string;
  /** `"panels"`: an activation; `"input"` and `"output"`: NHWC tensors of tfjs. */
  readonly kind: "panels" | "input" | "output";
  /** Channels, a multiple of eight for panels. */
  readonly channels: number;
  /** Rows of pixels. */
  readonly height: number;
  /** Columns of pixels. */
  readonly width: number;
  /** Zeros around the pixels, where the consumer is a convolution. */
  readonly border?: Border;
}

/** `channels` rounded up to whole panels. */
export function padChannels(channels: number): number {
  return Math.ceil(channels / PANEL) * PANEL;
}

/** An activation in panels. */
export function panels(
  name: string,
  channels: number,
  height: number,
  width: number,
  border?: Border,
): Value {
  return { name, kind: "panels", channels: padChannels(channels), height, width, border };
}

/** Bytes of one image: of one panel for activations, of all channels for tensors of tfjs. */
export function imageBytes(value: Value): number {
  const { kind, channels, height, width, border } = value;
  if (kind !== "panels") return channels * height * width * 4;
  return (border ? border.rows * border.columns : height * width) * PIXEL_BYTES;
}
