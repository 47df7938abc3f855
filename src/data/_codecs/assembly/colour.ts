// From planes of samples to pixels, as libjpeg makes them: chroma of half the size is spread with shares of 3/4 and 1/4
// ("fancy upsampling"), YCbCr becomes RGB by constants of 16 bits.

/** near * 3 + far (or near alone, where `far` is 0) as numbers of 16 bits, one repeated at either end. */
export function sumRows(near: usize, far: usize, count: i32, to: usize): void {
  const three = i16x8.splat(3);
  for (let x: usize = 0; x < <usize>count; x += 8) {
    let sums = v128.load8x8_u(near + x);
    if (far) sums = i16x8.add(i16x8.mul(sums, three), v128.load8x8_u(far + x));
    v128.store(to + (x << 1) + 2, sums);
  }
  store<i16>(to, load<i16>(to + 2));
  const last = to + (<usize>count << 1);
  store<i16>(last + 2, load<i16>(last));
}

/** Two samples of each sum: three quarters of it and a quarter of its neighbour. */
export function spread(sums: usize, count: i32, even: i32, odd: i32, shift: i32, to: usize): void {
  const three = i16x8.splat(3), e = i16x8.splat(<i16>even), o = i16x8.splat(<i16>odd);
  for (let x: usize = 0; x < <usize>count; x += 8, sums += 16, to += 16) {
    const own = i16x8.mul(v128.load(sums, 2), three);
    const left = i16x8.shr_u(i16x8.add(i16x8.add(own, v128.load(sums)), e), shift);
    const right = i16x8.shr_u(i16x8.add(i16x8.add(own, v128.load(sums, 4)), o), shift);
    v128.store(to, v128.or(left, i16x8.shl(right, 8)));
  }
}

// @ts-ignore: decorator
@inline
function product(low: v128, high: v128, factors: v128): v128 {
  const half = i32x4.splat(1 << 15);
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(low, factors), half), 16),
    i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(high, factors), half), 16),
  );
}

/** A row of pixels, 16 at a time: reads and writes up to 15 more. */
export function toRgb(y: usize, cb: usize, cr: usize, count: i32, to: usize): void {
  const centre = i16x8.splat(128);
  // 1.402 - 1, 1.772 - 2, and -0.34414, 1 - 0.71414, in 65536ths; (Cb, Cr).
  const kr = i32x4.splat(26345 << 16), kb = i32x4.splat(-14942 & 0xffff);
  const kg = i32x4.splat((18734 << 16) | (-22554 & 0xffff));
  for (let x: usize = 0; x < <usize>count; x += 16, to += 48) {
    const light0 = v128.load8x8_u(y + x), light1 = v128.load8x8_u(y + x, 8);
    const b0 = i16x8.sub(v128.load8x8_u(cb + x), centre), b1 = i16x8.sub(v128.load8x8_u(cb + x, 8), centre);
    const c0 = i16x8.sub(v128.load8x8_u(cr + x), centre), c1 = i16x8.sub(v128.load8x8_u(cr + x, 8), centre);
    const low0 = v128.shuffle<i16>(b0, c0, 0, 8, 1, 9, 2, 10, 3, 11);
    const high0 = v128.shuffle<i16>(b0, c0, 4, 12, 5, 13, 6, 14, 7, 15);
    const low1 = v128.shuffle<i16>(b1, c1, 0, 8, 1, 9, 2, 10, 3, 11);
    const high1 = v128.shuffle<i16>(b1, c1, 4, 12, 5, 13, 6, 14, 7, 15);
    const red = i8x16.narrow_i16x8_u(
      i16x8.add(i16x8.add(light0, c0), product(low0, high0, kr)),
      i16x8.add(i16x8.add(light1, c1), product(low1, high1, kr)),
    );
    const green = i8x16.narrow_i16x8_u(
      i16x8.add(i16x8.sub(light0, c0), product(low0, high0, kg)),
      i16x8.add(i16x8.sub(light1, c1), product(low1, high1, kg)),
    );
    const blue = i8x16.narrow_i16x8_u(
      i16x8.add(i16x8.add(light0, i16x8.shl(b0, 1)), product(low0, high0, kb)),
      i16x8.add(i16x8.add(light1, i16x8.shl(b1, 1)), product(low1, high1, kb)),
    );
    const s = v128.shuffle<i8>(red, green, 0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5);
    v128.store(to, v128.shuffle<i8>(s, blue, 0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15));
    const t = v128.shuffle<i8>(red, green, 21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26);
    v128.store(to, v128.shuffle<i8>(t, blue, 0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15), 16);
    const u = v128.shuffle<i8>(red, green, 0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0);
    v128.store(to, v128.shuffle<i8>(u, blue, 26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31), 32);
  }
}
