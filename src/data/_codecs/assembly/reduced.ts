// Inverse cosine transforms that give fewer samples than there are coefficients: the picture at a half, a quarter or an
// eighth of its size. libjpeg's `jidctred.c` (constants of 13 bits, columns kept with 2 bits of fraction), to the bit.

import { low, high, narrow, pair } from "./idct";

/** Sums of four of a row's or column's odd coefficients, given as pairs (7, 5) and (3, 1). */
// @ts-ignore: decorator
@inline
function odd(l75: v128, l31: v128, k75: v128, k31: v128): v128 {
  return i32x4.add(i32x4.dot_i16x8_s(l75, k75), i32x4.dot_i16x8_s(l31, k31));
}

// @ts-ignore: decorator
@inline
function round(value: v128, bits: i32): v128 {
  return i32x4.shr_s(i32x4.add(value, i32x4.splat(1 << (bits - 1))), bits);
}

/** 4 x 4 samples. */
function toFour(block: usize, to: usize, stride: usize): void {
  const r0 = v128.load(block), r1 = v128.load(block, 16), r2 = v128.load(block, 32), r3 = v128.load(block, 48);
  const r5 = v128.load(block, 80), r6 = v128.load(block, 96), r7 = v128.load(block, 112);
  const even = pair(15137, -6270);
  const a75 = pair(-1730, 11893), a31 = pair(-17799, 8697), b75 = pair(-4176, -4926), b31 = pair(7373, 20995);
  const l0 = i32x4.shl(i32x4.extend_low_i16x8_s(r0), 14), h0 = i32x4.shl(i32x4.extend_high_i16x8_s(r0), 14);
  const l2 = i32x4.dot_i16x8_s(low(r2, r6), even), h2 = i32x4.dot_i16x8_s(high(r2, r6), even);
  const l75 = low(r7, r5), h75 = high(r7, r5), l31 = low(r3, r1), h31 = high(r3, r1);
  const la = odd(l75, l31, a75, a31), ha = odd(h75, h31, a75, a31);
  const lb = odd(l75, l31, b75, b31), hb = odd(h75, h31, b75, b31);
  const l10 = i32x4.add(l0, l2), h10 = i32x4.add(h0, h2), l12 = i32x4.sub(l0, l2), h12 = i32x4.sub(h0, h2);
  const half = i32x4.splat(1 << 11);
  const y0 = narrow(i32x4.add(i32x4.add(l10, lb), half), i32x4.add(i32x4.add(h10, hb), half), 12);
  const y3 = narrow(i32x4.add(i32x4.sub(l10, lb), half), i32x4.add(i32x4.sub(h10, hb), half), 12);
  const y1 = narrow(i32x4.add(i32x4.add(l12, la), half), i32x4.add(i32x4.add(h12, ha), half), 12);
  const y2 = narrow(i32x4.add(i32x4.sub(l12, la), half), i32x4.add(i32x4.sub(h12, ha), half), 12);
  // Columns of four, two to a vector.
  const e = low(y0, y2), o = low(y1, y3), f = high(y0, y2), p = high(y1, y3);
  const c01 = low(e, o), c23 = high(e, o), c45 = low(f, p), c67 = high(f, p);
  const c0 = i32x4.shl(i32x4.extend_low_i16x8_s(c01), 14), c2 = i32x4.dot_i16x8_s(low(c23, c67), even);
  const c75 = high(c67, c45), c31 = high(c23, c01);
  const ca = odd(c75, c31, a75, a31), cb = odd(c75, c31, b75, b31);
  const c10 = i32x4.add(c0, c2), c12 = i32x4.sub(c0, c2);
  const centre = i16x8.splat(128);
  const x01 = i16x8.narrow_i32x4_s(round(i32x4.add(c10, cb), 19), round(i32x4.add(c12, ca), 19));
  const x23 = i16x8.narrow_i32x4_s(round(i32x4.sub(c12, ca), 19), round(i32x4.sub(c10, cb), 19));
  const samples = i8x16.narrow_i16x8_u(i16x8.add_sat_s(x01, centre), i16x8.add_sat_s(x23, centre));
  const rows = v128.shuffle<i8>(samples, samples, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  v128.store32_lane(to, rows, 0);
  v128.store32_lane(to + stride, rows, 1);
  v128.store32_lane(to + 2 * stride, rows, 2);
  v128.store32_lane(to + 3 * stride, rows, 3);
}

// @ts-ignore: decorator
@inline
function sample(value: i32): i32 {
  return max(0, min(255, value + 128));
}

/** 2 x 2 samples. */
function toTwo(block: usize, to: usize, stride: usize): void {
  const r0 = v128.load(block), r1 = v128.load(block, 16), r3 = v128.load(block, 48);
  const r5 = v128.load(block, 80), r7 = v128.load(block, 112);
  const k75 = pair(-5906, 6967), k31 = pair(-10426, 29692), half = i32x4.splat(1 << 12);
  const l0 = i32x4.add(i32x4.shl(i32x4.extend_low_i16x8_s(r0), 15), half);
  const h0 = i32x4.add(i32x4.shl(i32x4.extend_high_i16x8_s(r0), 15), half);
  const l1 = odd(low(r7, r5), low(r3, r1), k75, k31), h1 = odd(high(r7, r5), high(r3, r1), k75, k31);
  v128.store(block, narrow(i32x4.add(l0, l1), i32x4.add(h0, h1), 13));
  v128.store(block, narrow(i32x4.sub(l0, l1), i32x4.sub(h0, h1), 13), 16);
  for (let y: usize = 0; y < 2; y++, block += 16, to += stride) {
    const first = (<i32>load<i16>(block) << 15) + (1 << 19);
    const others = <i32>load<i16>(block, 2) * 29692 - <i32>load<i16>(block, 6) * 10426 +
      <i32>load<i16>(block, 10) * 6967 - <i32>load<i16>(block, 14) * 5906;
    store<u8>(to, sample((first + others) >> 20));
    store<u8>(to, sample((first - others) >> 20), 1);
  }
}

/** Turns 64 coefficients into `side` x `side` samples, 4, 2 or 1, and clears them. `onlyFirst`: all but the first are 0. */
export function inverseReduced(block: usize, to: usize, stride: usize, onlyFirst: bool, side: i32): void {
  if (onlyFirst || side == 1) {
    const level = sample((<i32>load<i16>(block) + 4) >> 3);
    for (let y = 0; y < side; y++, to += stride) {
      for (let x: usize = 0; x < <usize>side; x++) store<u8>(to + x, level);
    }
    if (onlyFirst) {
      store<i16>(block, 0);
      return;
    }
  } else if (side == 4) toFour(block, to, stride);
  else toTwo(block, to, stride);
  memory.fill(block, 0, 128);
}
