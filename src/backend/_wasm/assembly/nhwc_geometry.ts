// The geometry of a convolution over tensors of tfjs (NHWC), as the words of a task tell it.
//
// An axis has a stride, a dilation and a padding in front; output o and tap k meet input o * stride - padding
// + k * dilation. Stride or dilation is one (tfjs's own rule), so that the taps that reach one input are evenly
// spaced: tap firstTap + i * stride brings output firstOutput - i * dilation.

export const BATCH: i32 = 0;
export const IN_HEIGHT: i32 = 1;
export const IN_WIDTH: i32 = 2;
export const IN_CHANNELS: i32 = 3;
export const OUT_HEIGHT: i32 = 4;
export const OUT_WIDTH: i32 = 5;
export const OUT_CHANNELS: i32 = 6;
export const FILTER_HEIGHT: i32 = 7;
export const FILTER_WIDTH: i32 = 8;
export const STRIDE_HEIGHT: i32 = 9;
export const STRIDE_WIDTH: i32 = 10;
export const DILATION_HEIGHT: i32 = 11;
export const DILATION_WIDTH: i32 = 12;
export const TOP: i32 = 13;
export const LEFT: i32 = 14;
/** From here on each kind has words of its own. */
export const OWN: i32 = 16;

/** Word `index` of the parameters at `p`. */
// @ts-ignore: decorator
@inline
export function word(p: usize, index: i32): i32 {
  return load<i32>(p + (<usize>index << 2));
}

/** The same as an address. */
// @ts-ignore: decorator
@inline
export function pointer(p: usize, index: i32): usize {
  return <usize>load<u32>(p + (<usize>index << 2));
}

/** a / b rounded up; 0 where a is negative. */
// @ts-ignore: decorator
@inline
export function ceilDivide(a: i32, b: i32): i32 {
  return a > 0 ? (a + b - 1) / b : 0;
}

/** First tap that reaches inputs like `input`, whether or not its output exists. */
// @ts-ignore: decorator
@inline
export function firstTap(input: i32, stride: i32, padding: i32): i32 {
  return (input + padding) % stride;
}

/** Taps of `size` that reach inputs like `input`, whether or not their outputs exist. */
// @ts-ignore: decorator
@inline
export function tapCount(input: i32, stride: i32, padding: i32, size: i32): i32 {
  return ceilDivide(size - firstTap(input, stride, padding), stride);
}

/** Output of the first tap; may lie outside. */
// @ts-ignore: decorator
@inline
export function firstOutput(input: i32, stride: i32, padding: i32): i32 {
  return (input + padding) / stride;
}

/** How many of the first taps have outputs beyond the last of `outputs`. */
// @ts-ignore: decorator
@inline
export function tapsBefore(output: i32, dilation: i32, outputs: i32): i32 {
  return ceilDivide(output - (outputs - 1), dilation);
}

/** How many taps, the first included, have outputs from 0 on. */
// @ts-ignore: decorator
@inline
export function tapsUntil(output: i32, dilation: i32, count: i32): i32 {
  return min(count, output / dilation + 1);
}

/** First output whose input at `offset` = tap * dilation - padding exists. */
// @ts-ignore: decorator
@inline
export function outputsFrom(offset: i32, stride: i32): i32 {
  return ceilDivide(-offset, stride);
}

/** Where the outputs end whose inputs exist. */
// @ts-ignore: decorator
@inline
export function outputsTo(offset: i32, stride: i32, inputs: i32, outputs: i32): i32 {
  return min(outputs, ceilDivide(inputs - offset, stride));
}
