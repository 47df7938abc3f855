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

/** An activation of one image, or numbers that all images share; the plan decides where it lies. */
export interface Value {
  /** Names it in error messages and dumps, for instance `"features.2.0 expand"`. */
  readonly name: string;
  /** `"panels"`: an activation; the others: NHWC tensors of tfjs, bound when the plan runs. */
  readonly kind: "panels" | Binding;
  /** Channels, a multiple of eight for panels. */
  readonly channels: number;
  /** Rows of pixels. */
  readonly height: number;
  /** Columns of pixels. */
  readonly width: number;
  /** Zeros around the pixels, where the consumer is a convolution. */
  readonly border?: Border;
  /** True for what does not grow with the images, such as weights laid out anew. */
  readonly fixed?: boolean;
}

/** Tensors of tfjs that a plan works on; `gradient` is what comes back to the output. */
export type Binding = "input" | "output" | "gradient";

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

/** Weights `[inputs][outputs]` laid out anew as `[inputs / 8][outputs][8]`: what a gradient is multiplied by. */
export function turnedWeights(name: string, inputs: number, outputs: number): Value {
  const height = padChannels(outputs);
  return { name, kind: "panels", channels: padChannels(inputs), height, width: 1, fixed: true };
}

/** Bytes of one image: of one panel for activations, of all channels for tensors of tfjs. */
export function imageBytes(value: Value): number {
  const { kind, channels, height, width, border } = value;
  if (kind !== "panels") return channels * height * width * 4;
  return (border ? border.rows * border.columns : height * width) * PIXEL_BYTES;
}

/** Bytes from one row of a plane to the next. */
export function rowBytes({ border, width }: Value): number {
  return (border?.columns ?? width) * PIXEL_BYTES;
}

/** Bytes from the start of a plane to its first pixel inside of the border. */
export function innerOffset({ border }: Value): number {
  return border ? (border.top * border.columns + border.left) * PIXEL_BYTES : 0;
}

/** What a kernel must know to write into a border: row bytes, first pixel, rows, columns, top, left; zeros where there is none. */
export function borderWords(value: Value): number[] {
  const { border } = value;
  if (!border) return [0, 0, 0, 0, 0, 0];
  const { rows, columns, top, left } = border;
  return [rowBytes(value), innerOffset(value), rows, columns, top, left];
}
