// Activations, as passes over memory that is still in the first-level cache.
//
// They stand apart from the kernels that make the sums because of their ten constants: V8 builds a vector
// constant anew at every use unless it lives in a local outside of the loop (12 against 5.4 cycles a vector).
//
// exp(-x) = 2^r * 2^n with n = round(-x / ln 2): 2^r on [-0.5, 0.5] by a minimax polynomial of degree 5
// (relative error 2.4e-7), n added to the exponent. Adding 1.5 * 2^23 rounds to an integer, which then stands
// in the low bits of the mantissa.

import { madd } from "./math";

export const LOG2_E: f32 = 1.4426950408889634;
export const C5: f32 = 0.001333379559218883;
export const C4: f32 = 0.009618237614631653;
export const C3: f32 = 0.05550334230065346;
export const C2: f32 = 0.2402264028787613;
export const C1: f32 = 0.6931471824645996;
export const MAGIC: f32 = 12582912;
/** Beyond +-87 the sigmoid is 0 or 1 to float32, and 2^n would leave the normal numbers. */
export const LIMIT: f32 = 87;

/** 1 + exp(-x). */
// @ts-ignore: decorator
@inline
export function onePlusExp(
  x: v128, low: v128, high: v128, magic: v128, l: v128,
  c5: v128, c4: v128, c3: v128, c2: v128, c1: v128, one: v128,
): v128 {
  const c = f32x4.pmin(high, f32x4.pmax(low, x));
  const n = madd(c, l, magic);
  const r = madd(c, l, f32x4.sub(magic, n));
  let p = madd(c5, r, c4);
  p = madd(p, r, c3);
  p = madd(p, r, c2);
  p = madd(p, r, c1);
  p = madd(p, r, one);
  return f32x4.add(one, i32x4.add(p, i32x4.shl(n, 23)));
}

/** x = x * sigmoid(x) (SiLU), `vectors` vectors of four floats, an even number. */
export function silu(x: usize, vectors: i32): void {
  const low = f32x4.splat(-LIMIT), high = f32x4.splat(LIMIT), magic = f32x4.splat(MAGIC), l = f32x4.splat(-LOG2_E);
  const c5 = f32x4.splat(C5), c4 = f32x4.splat(C4), c3 = f32x4.splat(C3), c2 = f32x4.splat(C2), c1 = f32x4.splat(C1);
  const one = f32x4.splat(1);
  for (; vectors > 0; vectors -= 2) {
    const a = v128.load(x), b = v128.load(x, 16);
    v128.store(x, f32x4.div(a, onePlusExp(a, low, high, magic, l, c5, c4, c3, c2, c1, one)));
    v128.store(x, f32x4.div(b, onePlusExp(b, low, high, magic, l, c5, c4, c3, c2, c1, one)), 16);
    x += 32;
  }
}

/** The same for pixels of eight channels, whose results are also added to the eight floats at `sum`. */
export function siluSum(x: usize, pixels: i32, sum: usize): void {
  const low = f32x4.splat(-LIMIT), high = f32x4.splat(LIMIT), magic = f32x4.splat(MAGIC), l = f32x4.splat(-LOG2_E);
  const c5 = f32x4.splat(C5), c4 = f32x4.splat(C4), c3 = f32x4.splat(C3), c2 = f32x4.splat(C2), c1 = f32x4.splat(C1);
  const one = f32x4.splat(1);
  let s0 = v128.load(sum), s1 = v128.load(sum, 16);
  for (; pixels > 0; pixels--) {
    const a = v128.load(x), b = v128.load(x, 16);
    const y = f32x4.div(a, onePlusExp(a, low, high, magic, l, c5, c4, c3, c2, c1, one));
    const z = f32x4.div(b, onePlusExp(b, low, high, magic, l, c5, c4, c3, c2, c1, one));
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
  const low = f32x4.splat(-LIMIT), high = f32x4.splat(LIMIT), magic = f32x4.splat(MAGIC), l = f32x4.splat(-LOG2_E);
  const c5 = f32x4.splat(C5), c4 = f32x4.splat(C4), c3 = f32x4.splat(C3), c2 = f32x4.splat(C2), c1 = f32x4.splat(C1);
  const one = f32x4.splat(1);
  for (; vectors > 0; vectors--) {
    v128.store(x, f32x4.div(one, onePlusExp(v128.load(x), low, high, magic, l, c5, c4, c3, c2, c1, one)));
    x += 16;
  }
}
