// Kernels of 1 x 1 convolutions, [outputs][inputs], as the GEMM reads them: [outputs / 8][padded inputs][8]. Packing the
// trunk is part of every cold start: called row by row, this is compiled well after the first few (see the README).
//
// Each weight times a factor in double precision, rounded once; 8-bit codes times their scale in single precision before
// that, as if they had been widened first. What pads is left as it is.

// @ts-ignore: decorator
@inline
const STEP: usize = 32; // bytes from one input to the next of the same output

// @ts-ignore: decorator
@inline
function timesFactor(v: v128, factor: v128): v128 {
  const low = f32x4.demote_f64x2_zero(f64x2.mul(f64x2.promote_low_f32x4(v), factor));
  const high = f32x4.demote_f64x2_zero(f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 0, 1)), factor));
  return v128.shuffle<f32>(low, high, 0, 1, 4, 5);
}

// @ts-ignore: decorator
@inline
function scatter(to: usize, v: v128): void {
  v128.store_lane<f32>(to, v, 0);
  v128.store_lane<f32>(to, v, 1, STEP);
  v128.store_lane<f32>(to, v, 2, 2 * STEP);
  v128.store_lane<f32>(to, v, 3, 3 * STEP);
}

/** One output's row of floats. */
function floatRow(to: usize, from: usize, inputs: i32, factor: f64): void {
  const factors = f64x2.splat(factor);
  let left = inputs;
  for (; left >= 4; left -= 4) {
    scatter(to, timesFactor(v128.load(from), factors));
    to += 4 * STEP;
    from += 16;
  }
  for (; left > 0; left--) {
    store<f32>(to, <f32>(<f64>load<f32>(from) * factor));
    to += STEP;
    from += 4;
  }
}

/** One output's row of codes. */
function codeRow(to: usize, from: usize, inputs: i32, scale: f32, factor: f64): void {
  const factors = f64x2.splat(factor), scales = f32x4.splat(scale);
  let left = inputs;
  for (; left >= 4; left -= 4) {
    const codes = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(from)));
    scatter(to, timesFactor(f32x4.mul(f32x4.convert_i32x4_s(codes), scales), factors));
    to += 4 * STEP;
    from += 4;
  }
  for (; left > 0; left--) {
    store<f32>(to, <f32>(<f64>(<f32>load<i8>(from) * scale) * factor));
    to += STEP;
    from++;
  }
}

// @ts-ignore: decorator
@inline
function place(to: usize, output: i32, inputs: i32): usize {
  const padded = <usize>((inputs + 7) & ~7);
  return to + <usize>(output >> 3) * padded * STEP + (<usize>(output & 7) << 2);
}

/** `floats`: inputs * outputs floats; `factors`: a double per output. */
export function packFloats(to: usize, floats: usize, factors: usize, inputs: i32, outputs: i32): void {
  for (let o = 0; o < outputs; o++) {
    floatRow(place(to, o, inputs), floats + (<usize>(o * inputs) << 2), inputs, load<f64>(factors + (<usize>o << 3)));
  }
}

/** `codes`: inputs * outputs signed bytes; `scales`: a float per output; `factors`: a double per output. */
export function packCodes(to: usize, codes: usize, scales: usize, factors: usize, inputs: i32, outputs: i32): void {
  for (let o = 0; o < outputs; o++) {
    const scale = load<f32>(scales + (<usize>o << 2)), factor = load<f64>(factors + (<usize>o << 3));
    codeRow(place(to, o, inputs), codes + <usize>(o * inputs), inputs, scale, factor);
  }
}
