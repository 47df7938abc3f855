// The inverse cosine transform of 8 x 8 numbers, as the JPEG group's "accurate integer" method defines it: Loeffler,
// Ligtenberg and Moschytz, constants of 13 bits, columns kept with 2 bits of fraction. Gives libjpeg's bits.

// @ts-ignore: decorator
@inline
export function pair(a: i32, b: i32): v128 {
  return i32x4.splat((a & 0xffff) | (b << 16));
}

// @ts-ignore: decorator
@inline
export function low(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

// @ts-ignore: decorator
@inline
export function high(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** One dimension of the transform over eight vectors of 16-bit numbers at `at`, which then stand transposed. */
function pass(at: usize, bits: i32): void {
  const r0 = v128.load(at), r1 = v128.load(at, 16), r2 = v128.load(at, 32), r3 = v128.load(at, 48);
  const r4 = v128.load(at, 64), r5 = v128.load(at, 80), r6 = v128.load(at, 96), r7 = v128.load(at, 112);
  const half = i32x4.splat(1 << (bits - 1));
  // Even part: 0 +- 4 scaled up, and 2 and 6 turned.
  const plus = pair(8192, 8192), minus = pair(8192, -8192), k3 = pair(10703, 4433), k2 = pair(4433, -10704);
  const l04 = low(r0, r4), h04 = high(r0, r4), l26 = low(r2, r6), h26 = high(r2, r6);
  const l0 = i32x4.add(i32x4.dot_i16x8_s(l04, plus), half), h0 = i32x4.add(i32x4.dot_i16x8_s(h04, plus), half);
  const l1 = i32x4.add(i32x4.dot_i16x8_s(l04, minus), half), h1 = i32x4.add(i32x4.dot_i16x8_s(h04, minus), half);
  const l2 = i32x4.dot_i16x8_s(l26, k2), h2 = i32x4.dot_i16x8_s(h26, k2);
  const l3 = i32x4.dot_i16x8_s(l26, k3), h3 = i32x4.dot_i16x8_s(h26, k3);
  const l10 = i32x4.add(l0, l3), h10 = i32x4.add(h0, h3), l13 = i32x4.sub(l0, l3), h13 = i32x4.sub(h0, h3);
  const l11 = i32x4.add(l1, l2), h11 = i32x4.add(h1, h2), l12 = i32x4.sub(l1, l2), h12 = i32x4.sub(h1, h2);
  // Odd part.
  const s3 = i16x8.add(r7, r3), s4 = i16x8.add(r5, r1);
  const ls = low(s3, s4), hs = high(s3, s4), l71 = low(r7, r1), h71 = high(r7, r1), l53 = low(r5, r3), h53 = high(r5, r3);
  const z3 = pair(-6436, 9633), z4 = pair(9633, 6437);
  const lz3 = i32x4.dot_i16x8_s(ls, z3), hz3 = i32x4.dot_i16x8_s(hs, z3);
  const lz4 = i32x4.dot_i16x8_s(ls, z4), hz4 = i32x4.dot_i16x8_s(hs, z4);
  const c0 = pair(-4927, -7373), c1 = pair(-4176, -20995), c2 = pair(-20995, 4177), c3 = pair(-7373, 4926);
  const lo0 = i32x4.add(i32x4.dot_i16x8_s(l71, c0), lz3), ho0 = i32x4.add(i32x4.dot_i16x8_s(h71, c0), hz3);
  const lo1 = i32x4.add(i32x4.dot_i16x8_s(l53, c1), lz4), ho1 = i32x4.add(i32x4.dot_i16x8_s(h53, c1), hz4);
  const lo2 = i32x4.add(i32x4.dot_i16x8_s(l53, c2), lz3), ho2 = i32x4.add(i32x4.dot_i16x8_s(h53, c2), hz3);
  const lo3 = i32x4.add(i32x4.dot_i16x8_s(l71, c3), lz4), ho3 = i32x4.add(i32x4.dot_i16x8_s(h71, c3), hz4);
  const y0 = narrow(i32x4.add(l10, lo3), i32x4.add(h10, ho3), bits);
  const y7 = narrow(i32x4.sub(l10, lo3), i32x4.sub(h10, ho3), bits);
  const y1 = narrow(i32x4.add(l11, lo2), i32x4.add(h11, ho2), bits);
  const y6 = narrow(i32x4.sub(l11, lo2), i32x4.sub(h11, ho2), bits);
  const y2 = narrow(i32x4.add(l12, lo1), i32x4.add(h12, ho1), bits);
  const y5 = narrow(i32x4.sub(l12, lo1), i32x4.sub(h12, ho1), bits);
  const y3 = narrow(i32x4.add(l13, lo0), i32x4.add(h13, ho0), bits);
  const y4 = narrow(i32x4.sub(l13, lo0), i32x4.sub(h13, ho0), bits);
  // Transposed: interleaving the first with the second half, three times.
  const a0 = low(y0, y4), a1 = high(y0, y4), a2 = low(y1, y5), a3 = high(y1, y5);
  const a4 = low(y2, y6), a5 = high(y2, y6), a6 = low(y3, y7), a7 = high(y3, y7);
  const b0 = low(a0, a4), b1 = high(a0, a4), b2 = low(a1, a5), b3 = high(a1, a5);
  const b4 = low(a2, a6), b5 = high(a2, a6), b6 = low(a3, a7), b7 = high(a3, a7);
  v128.store(at, low(b0, b4));
  v128.store(at, high(b0, b4), 16);
  v128.store(at, low(b1, b5), 32);
  v128.store(at, high(b1, b5), 48);
  v128.store(at, low(b2, b6), 64);
  v128.store(at, high(b2, b6), 80);
  v128.store(at, low(b3, b7), 96);
  v128.store(at, high(b3, b7), 112);
}

// @ts-ignore: decorator
@inline
export function narrow(a: v128, b: v128, bits: i32): v128 {
  return i16x8.narrow_i32x4_s(i32x4.shr_s(a, bits), i32x4.shr_s(b, bits));
}

/** Turns 64 coefficients into samples and clears them. `onlyFirst`: all but the first are 0. */
export function inverse(block: usize, to: usize, stride: usize, onlyFirst: bool): void {
  const zero = i32x4.splat(0);
  if (onlyFirst) {
    const level = i16x8.splat(<i16>(((<i32>load<i16>(block) + 4) >> 3) + 128));
    const samples = i8x16.narrow_i16x8_u(level, level);
    for (let y = 0; y < 8; y++, to += stride) v128.store64_lane(to, samples, 0);
    store<i16>(block, 0);
    return;
  }
  pass(block, 11);
  pass(block, 18);
  const centre = i16x8.splat(128);
  for (let y: usize = 0; y < 128; y += 16, to += stride) {
    const row = i16x8.add_sat_s(v128.load(block + y), centre);
    v128.store64_lane(to, i8x16.narrow_i16x8_u(row, row), 0);
    v128.store(block + y, zero);
  }
}
