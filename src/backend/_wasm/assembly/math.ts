// FMA is a build constant (asc --use FMA=1): the fma build needs relaxed SIMD, the plain one does not.

/** a * b + c, in one rounding in the fma build and in two in the plain one. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  // @ts-ignore: FMA is defined by the build
  if (FMA) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Shows whether this build and machine really fuse a multiply-add. */
export function fused(a: f32, b: f32, c: f32): f32 {
  return f32x4.extract_lane(madd(f32x4.splat(a), f32x4.splat(b), f32x4.splat(c)), 0);
}
