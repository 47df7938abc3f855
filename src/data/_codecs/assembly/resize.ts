// The two passes of PIL's resizing. Its shares are whole numbers of 23 bits with a sign; the products are made of two
// parts that fit 16 bits, share = upper * 2^11 + lower, two taps to an instruction. All sums are exact.

const FRACTION_BITS: i32 = 22;
const LOWER_BITS: i32 = 11;

/** Sums of both parts, rounded; saturated to bytes where they are packed. */
// @ts-ignore: decorator
@inline
function finish(upper: v128, lower: v128): v128 {
  const sum = i32x4.add(i32x4.shl(upper, LOWER_BITS), lower);
  return i32x4.shr_s(i32x4.add(sum, i32x4.splat(1 << (FRACTION_BITS - 1))), FRACTION_BITS);
}

/**
 * Rows of RGB pixels. `shares`: for each column of the result and each two taps two shares' upper, then lower parts, of
 * 16 bits. Writes one byte past the row, which the next row replaces, and reads up to 8 bytes past the last pixel.
 */
export function resizeRows(
  from: usize, to: usize, rows: i32, stride: i32, length: i32, pairs: i32, starts: usize, shares: usize,
): void {
  for (let y = 0; y < rows; y++) {
    let share = shares;
    for (let x = 0; x < length; x++) {
      let at = from + <usize>(load<i32>(starts + (<usize>x << 2)) * 3);
      let upper = i32x4.splat(0), lower = i32x4.splat(0);
      for (let k = pairs; k > 0; k--) {
        const bytes = v128.load64_zero(at);
        // r0 r1 g0 g1 b0 b1 as numbers of 16 bits; byte 15 is 0.
        const two = v128.shuffle<i8>(bytes, bytes, 0, 15, 3, 15, 1, 15, 4, 15, 2, 15, 5, 15, 15, 15, 15, 15);
        upper = i32x4.add(upper, i32x4.dot_i16x8_s(two, v128.load32_splat(share)));
        lower = i32x4.add(lower, i32x4.dot_i16x8_s(two, v128.load32_splat(share, 4)));
        at += 6;
        share += 8;
      }
      const sums = finish(upper, lower);
      const words = i16x8.narrow_i32x4_s(sums, sums);
      store<u32>(to, i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0));
      to += 3;
    }
    from += <usize>stride;
  }
}

/** Rows of grey pixels. `shares`: for each column and each eight taps the upper parts, then the lower ones. */
export function resizeGreyRows(
  from: usize, to: usize, rows: i32, stride: i32, length: i32, eights: i32, starts: usize, shares: usize,
): void {
  for (let y = 0; y < rows; y++) {
    let share = shares;
    for (let x = 0; x < length; x++) {
      let at = from + <usize>load<i32>(starts + (<usize>x << 2));
      let upper = i32x4.splat(0), lower = i32x4.splat(0);
      for (let k = eights; k > 0; k--) {
        const taps = v128.load8x8_u(at);
        upper = i32x4.add(upper, i32x4.dot_i16x8_s(taps, v128.load(share)));
        lower = i32x4.add(lower, i32x4.dot_i16x8_s(taps, v128.load(share, 16)));
        at += 8;
        share += 32;
      }
      let sums = i32x4.add(i32x4.shl(upper, LOWER_BITS), lower);
      sums = i32x4.add(sums, v128.shuffle<i32>(sums, sums, 2, 3, 0, 1));
      sums = i32x4.add(sums, v128.shuffle<i32>(sums, sums, 1, 0, 3, 2));
      const value = (i32x4.extract_lane(sums, 0) + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS;
      store<u8>(to++, <u8>max(0, min(255, value)));
    }
    from += <usize>stride;
  }
}

/** Columns of rows of `stride` bytes, 16 at a time: writes up to 15 bytes past a row, which the next row replaces. */
export function resizeColumns(
  from: usize, to: usize, rows: i32, stride: i32, pairs: i32, starts: usize, shares: usize,
): void {
  const wide = <usize>stride;
  for (let y = 0; y < rows; y++) {
    const first = from + <usize>load<i32>(starts + (<usize>y << 2)) * wide;
    const own = shares + (<usize>(y * pairs) << 3);
    for (let x: usize = 0; x < wide; x += 16) {
      let at = first + x, share = own;
      let u0 = i32x4.splat(0), u1 = u0, u2 = u0, u3 = u0, l0 = u0, l1 = u0, l2 = u0, l3 = u0;
      for (let k = pairs; k > 0; k--) {
        const a = v128.load(at), b = v128.load(at + wide);
        const low = v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        const high = v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        const p0 = i16x8.extend_low_i8x16_u(low), p1 = i16x8.extend_high_i8x16_u(low);
        const p2 = i16x8.extend_low_i8x16_u(high), p3 = i16x8.extend_high_i8x16_u(high);
        const upper = v128.load32_splat(share), lower = v128.load32_splat(share, 4);
        u0 = i32x4.add(u0, i32x4.dot_i16x8_s(p0, upper));
        u1 = i32x4.add(u1, i32x4.dot_i16x8_s(p1, upper));
        u2 = i32x4.add(u2, i32x4.dot_i16x8_s(p2, upper));
        u3 = i32x4.add(u3, i32x4.dot_i16x8_s(p3, upper));
        l0 = i32x4.add(l0, i32x4.dot_i16x8_s(p0, lower));
        l1 = i32x4.add(l1, i32x4.dot_i16x8_s(p1, lower));
        l2 = i32x4.add(l2, i32x4.dot_i16x8_s(p2, lower));
        l3 = i32x4.add(l3, i32x4.dot_i16x8_s(p3, lower));
        at += wide << 1;
        share += 8;
      }
      const w0 = i16x8.narrow_i32x4_s(finish(u0, l0), finish(u1, l1));
      const w1 = i16x8.narrow_i32x4_s(finish(u2, l2), finish(u3, l3));
      v128.store(to + x, i8x16.narrow_i16x8_u(w0, w1));
    }
    to += wide;
  }
}
