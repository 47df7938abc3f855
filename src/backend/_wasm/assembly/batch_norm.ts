// Batch norm in training, one panel of eight channels at a time: statistics, the affine map with or without SiLU, and
// the gradients of both. x is what the convolution gave, z = a x + b what the norm makes of it.
//
// A panel's coefficients are four times eight floats: a, b, mean, 1 / standard deviation. Sums run in floats over at
// most 512 pixels and in doubles from there on, and of differences from a number near the mean: no digits are lost to
// a mean that is large beside the deviation.

import { C1, C2, C3, C4, C5, LIMIT, onePlusExp } from "./activation";
import { madd } from "./math";

/** Pixels that are summed in floats. */
export const SPAN: i32 = 512;

/** doubles[0..4) += v. */
// @ts-ignore: decorator
@inline
function addToDoubles(at: usize, v: v128): void {
  v128.store(at, f64x2.add(v128.load(at), f64x2.promote_low_f32x4(v)));
  v128.store(at, f64x2.add(v128.load(at, 16), f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1))), 16);
}

/** Adds the sums of (x - shift) and of its square over `rows` <= SPAN pixels to 16 doubles. */
export function addMoments(x: usize, rows: i32, shift: usize, sums: usize): void {
  const h0 = v128.load(shift), h1 = v128.load(shift, 16);
  const zero = i32x4.splat(0);
  let s0 = zero, s1 = zero, q0 = zero, q1 = zero, t0 = zero, t1 = zero, r0 = zero, r1 = zero;
  let i = rows;
  for (; i >= 2; i -= 2) {
    const a = f32x4.sub(v128.load(x), h0), b = f32x4.sub(v128.load(x, 16), h1);
    const c = f32x4.sub(v128.load(x, 32), h0), d = f32x4.sub(v128.load(x, 48), h1);
    s0 = f32x4.add(s0, a); s1 = f32x4.add(s1, b); t0 = f32x4.add(t0, c); t1 = f32x4.add(t1, d);
    q0 = madd(a, a, q0); q1 = madd(b, b, q1); r0 = madd(c, c, r0); r1 = madd(d, d, r1);
    x += 64;
  }
  if (i) {
    const a = f32x4.sub(v128.load(x), h0), b = f32x4.sub(v128.load(x, 16), h1);
    s0 = f32x4.add(s0, a); s1 = f32x4.add(s1, b);
    q0 = madd(a, a, q0); q1 = madd(b, b, q1);
  }
  addToDoubles(sums, f32x4.add(s0, t0));
  addToDoubles(sums + 32, f32x4.add(s1, t1));
  addToDoubles(sums + 64, f32x4.add(q0, r0));
  addToDoubles(sums + 96, f32x4.add(q1, r1));
}

/** Coefficients of a panel from its batch; moves the running statistics (variance unbiased, as PyTorch keeps it). */
export function coefficientsOfBatch(
  x: usize, rows: i32, gamma: usize, beta: usize, runningMean: usize, runningVariance: usize,
  momentum: f32, epsilon: f32, table: usize, sums: usize,
): void {
  memory.fill(sums, 0, 128);
  // The first pixel stands near the mean as far as a deviation goes.
  for (let i = 0; i < rows; i += SPAN) addMoments(x + (<usize>i << 5), min(SPAN, rows - i), x, sums);
  const n = <f64>rows;
  for (let c: usize = 0; c < 8; c++) {
    const at = c << 2;
    const offset = load<f64>(sums + (c << 3)) / n;
    const mean = <f64>load<f32>(x + at) + offset;
    const variance = max(0.0, load<f64>(sums + 64 + (c << 3)) / n - offset * offset);
    const inverse = 1.0 / sqrt<f64>(variance + <f64>epsilon);
    const a = <f64>load<f32>(gamma + at) * inverse;
    store<f32>(table + at, <f32>a);
    store<f32>(table + at, <f32>(<f64>load<f32>(beta + at) - mean * a), 32);
    store<f32>(table + at, <f32>mean, 64);
    store<f32>(table + at, <f32>inverse, 96);
    const m = <f64>momentum;
    store<f32>(runningMean + at, <f32>((1.0 - m) * <f64>load<f32>(runningMean + at) + m * mean));
    const unbiased = rows > 1 ? variance * n / (n - 1.0) : variance;
    store<f32>(runningVariance + at, <f32>((1.0 - m) * <f64>load<f32>(runningVariance + at) + m * unbiased));
  }
}

/** Coefficients of a panel from its running statistics, which stay as they are. */
export function coefficientsOfRunning(
  gamma: usize, beta: usize, runningMean: usize, runningVariance: usize, epsilon: f32, table: usize,
): void {
  for (let at: usize = 0; at < 32; at += 4) {
    const mean = <f64>load<f32>(runningMean + at);
    const inverse = 1.0 / sqrt<f64>(<f64>load<f32>(runningVariance + at) + <f64>epsilon);
    const a = <f64>load<f32>(gamma + at) * inverse;
    store<f32>(table + at, <f32>a);
    store<f32>(table + at, <f32>(<f64>load<f32>(beta + at) - mean * a), 32);
    store<f32>(table + at, <f32>mean, 64);
    store<f32>(table + at, <f32>inverse, 96);
  }
}

/** y = silu(a x + b) for planes of `height` x `width` pixels; those of y may lie within borders. */
export function siluOfNorm(
  x: usize, images: i32, height: i32, width: i32, y: usize, yRow: usize, yImage: usize, table: usize,
): void {
  const high = f32x4.splat(LIMIT);
  const c5 = f32x4.splat(C5), c4 = f32x4.splat(C4), c3 = f32x4.splat(C3), c2 = f32x4.splat(C2), c1 = f32x4.splat(C1);
  const one = f32x4.splat(1);
  const a0 = v128.load(table), a1 = v128.load(table, 16), b0 = v128.load(table, 32), b1 = v128.load(table, 48);
  for (let i = images; i > 0; i--) {
    let row = y;
    for (let h = height; h > 0; h--) {
      let d = row;
      for (let w = width; w > 0; w--) {
        const u = madd(v128.load(x), a0, b0), v = madd(v128.load(x, 16), a1, b1);
        v128.store(d, f32x4.div(u, onePlusExp(u, high, c5, c4, c3, c2, c1, one)));
        v128.store(d, f32x4.div(v, onePlusExp(v, high, c5, c4, c3, c2, c1, one)), 16);
        x += 32;
        d += 32;
      }
      row += yRow;
    }
    y += yImage;
  }
}

/** y = (a x + b) * factor [+ residual]; the factor is one float per image, 1 where there is none. */
export function linearOfNorm(
  x: usize, images: i32, pixels: i32, y: usize, residual: usize, factors: usize, table: usize,
): void {
  for (let i: usize = 0; i < <usize>images; i++) {
    const f = f32x4.splat(factors ? load<f32>(factors + (i << 2)) : 1);
    const a0 = f32x4.mul(v128.load(table), f), a1 = f32x4.mul(v128.load(table, 16), f);
    const b0 = f32x4.mul(v128.load(table, 32), f), b1 = f32x4.mul(v128.load(table, 48), f);
    if (residual) {
      for (let w = pixels; w > 0; w--) {
        v128.store(y, f32x4.add(madd(v128.load(x), a0, b0), v128.load(residual)));
        v128.store(y, f32x4.add(madd(v128.load(x, 16), a1, b1), v128.load(residual, 16)), 16);
        x += 32; y += 32; residual += 32;
      }
    } else {
      for (let w = pixels; w > 0; w--) {
        v128.store(y, madd(v128.load(x), a0, b0));
        v128.store(y, madd(v128.load(x, 16), a1, b1), 16);
        x += 32; y += 32;
      }
    }
  }
}

/**
 * First half of the gradient with SiLU: dz = u * silu'(z), in place of dy, where u = dy, or dy * gate + share with one
 * gate and share (32 bytes each) per image. Adds the sums of dz and dz * (x - mean) to 16 doubles. At most SPAN pixels.
 */
export function siluGradient(
  dy: usize, x: usize, images: i32, pixels: i32, gate: usize, share: usize, inverse: f32, table: usize, sums: usize,
): void {
  const high = f32x4.splat(LIMIT);
  const c5 = f32x4.splat(C5), c4 = f32x4.splat(C4), c3 = f32x4.splat(C3), c2 = f32x4.splat(C2), c1 = f32x4.splat(C1);
  const one = f32x4.splat(1);
  for (let half: usize = 0; half < 32; half += 16) {
    const a = v128.load(table + half), b = v128.load(table + half, 32), mean = v128.load(table + half, 64);
    let s = i32x4.splat(0), q = s;
    let p = x + half, d = dy + half;
    for (let i: usize = 0; i < <usize>images; i++) {
      let g = one, t = i32x4.splat(0);
      if (gate) {
        g = v128.load(gate + half + (i << 5));
        t = f32x4.mul(v128.load(share + half + (i << 5)), f32x4.splat(inverse));
      }
      for (let w = pixels; w > 0; w--) {
        const v = v128.load(p);
        const z = madd(v, a, b);
        const sigma = f32x4.div(one, onePlusExp(z, high, c5, c4, c3, c2, c1, one));
        const y = f32x4.mul(z, sigma);
        const slope = f32x4.add(sigma, f32x4.sub(y, f32x4.mul(y, sigma)));
        const dz = f32x4.mul(madd(v128.load(d), g, t), slope);
        v128.store(d, dz);
        s = f32x4.add(s, dz);
        q = madd(dz, f32x4.sub(v, mean), q);
        p += 32;
        d += 32;
      }
    }
    addToDoubles(sums + (half << 1), s);
    addToDoubles(sums + 64 + (half << 1), q);
  }
}

/** The same without SiLU: sums of dy * factor and of dy * factor * (x - mean); dy stays. At most SPAN pixels. */
export function linearGradient(
  dy: usize, x: usize, images: i32, pixels: i32, factors: usize, table: usize, sums: usize,
): void {
  const mean0 = v128.load(table, 64), mean1 = v128.load(table, 80);
  let s0 = i32x4.splat(0), s1 = s0, q0 = s0, q1 = s0;
  for (let i: usize = 0; i < <usize>images; i++) {
    const f = f32x4.splat(factors ? load<f32>(factors + (i << 2)) : 1);
    for (let w = pixels; w > 0; w--) {
      const a = f32x4.mul(v128.load(dy), f), b = f32x4.mul(v128.load(dy, 16), f);
      s0 = f32x4.add(s0, a); s1 = f32x4.add(s1, b);
      q0 = madd(a, f32x4.sub(v128.load(x), mean0), q0);
      q1 = madd(b, f32x4.sub(v128.load(x, 16), mean1), q1);
      dy += 32; x += 32;
    }
  }
  addToDoubles(sums, s0);
  addToDoubles(sums + 32, s1);
  addToDoubles(sums + 64, q0);
  addToDoubles(sums + 96, q1);
}

/**
 * Gradients of scale and shift (where they are wanted), and the coefficients of the second half: A, B, C, mean with
 * dx = A dz + B (x - mean) + C. By running statistics, which are constants, B and C are zero.
 */
export function gradientCoefficients(
  sums: usize, rows: i32, table: usize, byBatch: bool, gammaGradient: usize, betaGradient: usize, out: usize,
): void {
  const n = <f64>rows;
  for (let c: usize = 0; c < 8; c++) {
    const at = c << 2;
    const sum = load<f64>(sums + (c << 3)), product = load<f64>(sums + 64 + (c << 3));
    const a = <f64>load<f32>(table + at), inverse = <f64>load<f32>(table + at, 96);
    if (gammaGradient) {
      store<f32>(gammaGradient + at, <f32>(product * inverse));
      store<f32>(betaGradient + at, <f32>sum);
    }
    store<f32>(out + at, <f32>a);
    store<f32>(out + at, byBatch ? <f32>(-a * inverse * inverse * product / n) : 0, 32);
    store<f32>(out + at, byBatch ? <f32>(-a * sum / n) : 0, 64);
    store<f32>(out + at, load<f32>(table + at, 64), 96);
  }
}

/** Second half: dx = A dz * factor + B (x - mean) + C; dx may lie within borders. */
export function normGradient(
  dz: usize, x: usize, images: i32, height: i32, width: i32, dx: usize, dxRow: usize, dxImage: usize,
  factors: usize, coefficients: usize,
): void {
  const b0 = v128.load(coefficients, 32), b1 = v128.load(coefficients, 48);
  const c0 = v128.load(coefficients, 64), c1 = v128.load(coefficients, 80);
  const mean0 = v128.load(coefficients, 96), mean1 = v128.load(coefficients, 112);
  for (let i: usize = 0; i < <usize>images; i++) {
    const f = f32x4.splat(factors ? load<f32>(factors + (i << 2)) : 1);
    const a0 = f32x4.mul(v128.load(coefficients), f), a1 = f32x4.mul(v128.load(coefficients, 16), f);
    let row = dx;
    for (let h = height; h > 0; h--) {
      let d = row;
      for (let w = width; w > 0; w--) {
        const u = madd(f32x4.sub(v128.load(x), mean0), b0, c0), v = madd(f32x4.sub(v128.load(x, 16), mean1), b1, c1);
        v128.store(d, madd(v128.load(dz), a0, u));
        v128.store(d, madd(v128.load(dz, 16), a1, v), 16);
        dz += 32; x += 32; d += 32;
      }
      row += dxRow;
    }
    dx += dxImage;
  }
}
