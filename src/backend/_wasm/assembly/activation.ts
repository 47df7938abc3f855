// Activations, as passes over memory that is still in the first-level cache.
//
// They stand apart from the kernels that make the sums because of their constants: V8 builds a vector constant anew at
// every use unless it lives in a local outside of the loop.
//
// exp(-x) = p(x)^16, p a polynomial of degree 5 near exp(-x / 16). Its coefficients make the largest error of
// x / (1 + p(x)^16) on [-20, 20] smallest, with p(0) = 1: 3.1e-7 in exact numbers, 8e-7 in floats, as much as the
// rounding of a polynomial on a reduced range would add, in three quarters of the operations: no range is reduced, and
// the last of the four squarings adds the 1. Beyond -20 the polynomial goes on rising; its 16th power may overflow to
// infinity, and x / infinity is the 0 that is wanted. (tests/fixtures/make_silu.py finds the coefficients.)

import { madd } from "./math";

export const C5: f32 = -7.728715445409762e-9;
export const C4: f32 = 6.40103564819583e-7;
export const C3: f32 = -4.069834903930314e-5;
export const C2: f32 = 0.0019530887948349118;
export const C1: f32 = -0.062499962747097015;
/** Beyond it the sigmoid is 1 to float32, and the polynomial would rise again. */
export const LIMIT: f32 = 20;

/** 1 + exp(-x). */
// @ts-ignore: decorator
@inline
export function onePlusExp(
  x: v128, high: v128, c5: v128, c4: v128, c3: v128, c2: v128, c1: v128, one: v128,
): v128 {
  const c = f32x4.pmin(high, x);
  let p = madd(c5, c, c4);
  p = madd(p, c, c3);
  p = madd(p, c, c2);
  p = madd(p, c, c1);
  p = madd(p, c, one);
  p = f32x4.mul(p, p);
  p = f32x4.mul(p, p);
  p = f32x4.mul(p, p);
  return madd(p, p, one);
}

/**
 * d = x * sigmoid(x) (SiLU) for `rows` rows of `pixels` pixels of eight channels; `gap` bytes of d lie between a row
 * and the next. `d` may be `x`.
 */
export function silu(x: usize, d: usize, rows: i32, pixels: i32, gap: usize): void {
  const high = f32x4.splat(LIMIT);
  const c5 = f32x4.splat(C5), c4 = f32x4.splat(C4), c3 = f32x4.splat(C3), c2 = f32x4.splat(C2), c1 = f32x4.splat(C1);
  const one = f32x4.splat(1);
  for (; rows > 0; rows--) {
    for (let i = pixels; i > 0; i--) {
      const a = v128.load(x), b = v128.load(x, 16);
      v128.store(d, f32x4.div(a, onePlusExp(a, high, c5, c4, c3, c2, c1, one)));
      v128.store(d, f32x4.div(b, onePlusExp(b, high, c5, c4, c3, c2, c1, one)), 16);
      x += 32;
      d += 32;
    }
    d += gap;
  }
}

/** x = silu(x) for pixels of eight channels; the results are also added to the eight floats at `sum`. */
export function siluSum(x: usize, pixels: i32, sum: usize): void {
  const high = f32x4.splat(LIMIT);
  const c5 = f32x4.splat(C5), c4 = f32x4.splat(C4), c3 = f32x4.splat(C3), c2 = f32x4.splat(C2), c1 = f32x4.splat(C1);
  const one = f32x4.splat(1);
  let s0 = v128.load(sum), s1 = v128.load(sum, 16);
  for (; pixels > 0; pixels--) {
    const a = v128.load(x), b = v128.load(x, 16);
    const y = f32x4.div(a, onePlusExp(a, high, c5, c4, c3, c2, c1, one));
    const z = f32x4.div(b, onePlusExp(b, high, c5, c4, c3, c2, c1, one));
    v128.store(x, y);
    v128.store(x, z, 16);
    s0 = f32x4.add(s0, y);
    s1 = f32x4.add(s1, z);
    x += 32;
  }
  v128.store(sum, s0);
  v128.store(sum, s1, 16);
}

/** x = sigmoid(x), `vectors` vectors of four floats. */
export function sigmoid(x: usize, vectors: i32): void {
  const high = f32x4.splat(LIMIT);
  const c5 = f32x4.splat(C5), c4 = f32x4.splat(C4), c3 = f32x4.splat(C3), c2 = f32x4.splat(C2), c1 = f32x4.splat(C1);
  const one = f32x4.splat(1);
  for (; vectors > 0; vectors--) {
    v128.store(x, f32x4.div(one, onePlusExp(v128.load(x), high, c5, c4, c3, c2, c1, one)));
    x += 16;
  }
}
