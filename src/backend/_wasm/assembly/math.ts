// Scalar-free building blocks: everything works on v128 registers of four floats.
// FMA is a build constant (asc --use FMA=1): the fma build needs relaxed SIMD, the plain one does not.

/** a * b + c, in one rounding in the fma build and in two in the plain one. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  // @ts-ignore: FMA is defined by the build
  if (FMA) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/**
 * 1 / (1 + exp(-x)) to about one unit in the last place: exp(-x) = 2^r * 2^n with n = round(-x / ln 2),
 * 2^r on [-0.5, 0.5] by a minimax polynomial of degree 5 (relative error 2.4e-7), n added to the exponent.
 */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  // +-126 keeps 2^n a normal number; beyond it sigmoid is 0 or 1 to float32.
  const t = f32x4.pmin(
    f32x4.pmax(f32x4.mul(x, f32x4.splat(-1.4426950408889634)), f32x4.splat(-126)),
    f32x4.splat(126),
  );
  // Adding 1.5 * 2^23 rounds to an integer that then stands in the low mantissa bits.
  const magic = f32x4.splat(12582912);
  const n = f32x4.add(t, magic);
  const r = f32x4.sub(t, f32x4.sub(n, magic));
  let p = madd(f32x4.splat(0.001333379559218883), r, f32x4.splat(0.009618237614631653));
  p = madd(p, r, f32x4.splat(0.05550334230065346));
  p = madd(p, r, f32x4.splat(0.2402264028787613));
  p = madd(p, r, f32x4.splat(0.6931471824645996));
  p = madd(p, r, one);
  const e = i32x4.add(p, i32x4.shl(n, 23));
  return f32x4.div(one, f32x4.add(one, e));
}

/** x * sigmoid(x) (Hendrycks and Gimpel 2016; "SiLU" or "swish"). */
// @ts-ignore: decorator
@inline
export function silu(x: v128): v128 {
  return f32x4.mul(x, sigmoid(x));
}

/** 1 when this build and machine really fuse a multiply-add: 1 + 2^-24 * ... is lost in two roundings. */
export function fused(a: f32, b: f32, c: f32): f32 {
  return f32x4.extract_lane(madd(f32x4.splat(a), f32x4.splat(b), f32x4.splat(c)), 0);
}
