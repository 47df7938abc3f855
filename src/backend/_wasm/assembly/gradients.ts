// Gradients of pointwise convolutions and of squeeze-excite, and the small passes around the classifier.

import { C1, C2, C3, C4, C5, LIMIT, onePlusExp } from "./activation";
import { outer } from "./gemm_tiles";
import { madd } from "./math";

/** Rows that are summed in floats before they are added to the gradient: of two panels, they fill half of a first-level cache. */
const BLOCK_ROWS: i32 = 384;

/**
 * Gradient of weights [N / 8][K][8]: panels [k0, k1) of x against panels [n0, n1) of y, over `rows` rows. The side with
 * fewer panels turns in the inner loop.
 */
export function weightGradient(
  rows: i32, x: usize, xPanel: usize, k0: i32, k1: i32, y: usize, yPanel: usize, n0: i32, n1: i32,
  gradient: usize, kPanels: i32,
): void {
  for (let m = 0; m < rows; m += BLOCK_ROWS) {
    const count = min(BLOCK_ROWS, rows - m);
    const xm = x + (<usize>m << 5), ym = y + (<usize>m << 5);
    if (k1 - k0 < n1 - n0) {
      for (let n = n0; n < n1; n++) {
        for (let k = k0; k < k1; k++) pair(count, xm + <usize>k * xPanel, ym + <usize>n * yPanel, gradient, n * kPanels + k, m > 0);
      }
    } else {
      for (let k = k0; k < k1; k++) {
        for (let n = n0; n < n1; n++) pair(count, xm + <usize>k * xPanel, ym + <usize>n * yPanel, gradient, n * kPanels + k, m > 0);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function pair(rows: i32, x: usize, y: usize, gradient: usize, at: i32, more: bool): void {
  const c = gradient + (<usize>at << 8);
  outer(rows, x, y, c, more);
  outer(rows, x + 16, y, c + 128, more);
}

/** d[0..8) = sums of the panel's rows. */
export function columnSums(x: usize, rows: i32, d: usize): void {
  let a = i32x4.splat(0), b = a;
  for (; rows > 0; rows--) {
    a = f32x4.add(a, v128.load(x));
    b = f32x4.add(b, v128.load(x, 16));
    x += 32;
  }
  v128.store(d, a);
  v128.store(d, b, 16);
}

/** Eight rows of eight floats, 32 bytes apart in `x` and `d`, transposed. */
export function transposeBlock(x: usize, d: usize): void {
  for (let i: usize = 0; i < 2; i++) {
    for (let j: usize = 0; j < 2; j++) {
      const p = x + (i << 7) + (j << 4), q = d + (j << 7) + (i << 4);
      const r0 = v128.load(p), r1 = v128.load(p, 32), r2 = v128.load(p, 64), r3 = v128.load(p, 96);
      const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), t1 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const t2 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      v128.store(q, v128.shuffle<i64>(t0, t2, 0, 2));
      v128.store(q, v128.shuffle<i64>(t0, t2, 1, 3), 32);
      v128.store(q, v128.shuffle<i64>(t1, t3, 0, 2), 64);
      v128.store(q, v128.shuffle<i64>(t1, t3, 1, 3), 96);
    }
  }
}

/** d = gate * (1 - gate) * sum over the plane of y * x: the gradient before the gate's sigmoid. */
export function gateGradient(y: usize, x: usize, pixels: i32, gate: usize, d: usize): void {
  let a = i32x4.splat(0), b = a, a1 = a, b1 = a;
  let i = pixels;
  for (; i >= 2; i -= 2) {
    a = madd(v128.load(x), v128.load(y), a);
    b = madd(v128.load(x, 16), v128.load(y, 16), b);
    a1 = madd(v128.load(x, 32), v128.load(y, 32), a1);
    b1 = madd(v128.load(x, 48), v128.load(y, 48), b1);
    x += 64; y += 64;
  }
  if (i) {
    a = madd(v128.load(x), v128.load(y), a);
    b = madd(v128.load(x, 16), v128.load(y, 16), b);
  }
  const one = f32x4.splat(1);
  const g0 = v128.load(gate), g1 = v128.load(gate, 16);
  v128.store(d, f32x4.mul(f32x4.add(a, a1), f32x4.mul(g0, f32x4.sub(one, g0))));
  v128.store(d, f32x4.mul(f32x4.add(b, b1), f32x4.mul(g1, f32x4.sub(one, g1))), 16);
}

/** dy *= silu'(x). */
export function siluSlope(dy: usize, x: usize, vectors: i32): void {
  const high = f32x4.splat(LIMIT);
  const c5 = f32x4.splat(C5), c4 = f32x4.splat(C4), c3 = f32x4.splat(C3), c2 = f32x4.splat(C2), c1 = f32x4.splat(C1);
  const one = f32x4.splat(1);
  for (; vectors > 0; vectors--) {
    const z = v128.load(x);
    const sigma = f32x4.div(one, onePlusExp(z, high, c5, c4, c3, c2, c1, one));
    const y = f32x4.mul(z, sigma);
    v128.store(dy, f32x4.mul(v128.load(dy), f32x4.add(sigma, f32x4.sub(y, f32x4.mul(y, sigma)))));
    dy += 16; x += 16;
  }
}

/** d = share / pixels for every pixel, or d += where `more`. */
export function spreadMean(share: usize, pixels: i32, d: usize, more: bool): void {
  const inverse = f32x4.splat(1.0 / <f32>pixels);
  const a = f32x4.mul(v128.load(share), inverse), b = f32x4.mul(v128.load(share, 16), inverse);
  for (; pixels > 0; pixels--) {
    if (more) {
      v128.store(d, f32x4.add(v128.load(d), a));
      v128.store(d, f32x4.add(v128.load(d, 16), b), 16);
    } else {
      v128.store(d, a);
      v128.store(d, b, 16);
    }
    d += 32;
  }
}

/** d = (x * factor + offset) * mask for eight columns of `images` rows; `mask` is row-major, or 0 for ones. */
export function scaleColumns(
  x: usize, factor: usize, offset: usize, mask: usize, maskRow: usize, images: i32, d: usize,
): void {
  const one = f32x4.splat(1), zero = i32x4.splat(0);
  const f0 = factor ? v128.load(factor) : one, f1 = factor ? v128.load(factor, 16) : one;
  const o0 = offset ? v128.load(offset) : zero, o1 = offset ? v128.load(offset, 16) : zero;
  for (; images > 0; images--) {
    let a = madd(v128.load(x), f0, o0), b = madd(v128.load(x, 16), f1, o1);
    if (mask) {
      a = f32x4.mul(a, v128.load(mask));
      b = f32x4.mul(b, v128.load(mask, 16));
      mask += maskRow;
    }
    v128.store(d, a);
    v128.store(d, b, 16);
    x += 32; d += 32;
  }
}
