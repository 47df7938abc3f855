// Small passes over planes of eight channels: gate by squeeze-excite, average, and the stem's im2col.

/** d = x * gate, one plane of `pixels` pixels; `d` may be `x`. */
export function gatePlane(x: usize, gate: usize, pixels: i32, d: usize): void {
  const g0 = v128.load(gate), g1 = v128.load(gate, 16);
  let i = pixels;
  for (; i >= 2; i -= 2) {
    const a = f32x4.mul(v128.load(x), g0), b = f32x4.mul(v128.load(x, 16), g1);
    const c = f32x4.mul(v128.load(x, 32), g0), e = f32x4.mul(v128.load(x, 48), g1);
    v128.store(d, a); v128.store(d, b, 16); v128.store(d, c, 32); v128.store(d, e, 48);
    x += 64;
    d += 64;
  }
  if (i) {
    v128.store(d, f32x4.mul(v128.load(x), g0));
    v128.store(d, f32x4.mul(v128.load(x, 16), g1), 16);
  }
}

/** d[0..8) = mean of the plane's pixels. */
export function meanPlane(x: usize, pixels: i32, d: usize): void {
  let a = i32x4.splat(0), b = i32x4.splat(0);
  for (let i = pixels; i > 0; i--) {
    a = f32x4.add(a, v128.load(x));
    b = f32x4.add(b, v128.load(x, 16));
    x += 32;
  }
  const inverse = f32x4.splat(1.0 / <f32>pixels);
  v128.store(d, f32x4.mul(a, inverse));
  v128.store(d, f32x4.mul(b, inverse), 16);
}

/**
 * 3 x 3 stride-2 patches of one row of NHWC pixels with 3 channels -> 32 columns in four panels. A kernel row
 * is nine floats: its first eight fill panel ky, its ninth is column ky of the last panel, whose other five
 * columns are zero.
 */
export function patchRow(
  x: usize, height: i32, width: i32, oy: i32, outWidth: i32, top: i32, left: i32,
  d: usize, dPanel: usize,
): void {
  const row: usize = <usize>width * 12;
  const zero = i32x4.splat(0);
  const last = d + 3 * dPanel;
  for (let ox: usize = 0; ox < <usize>outWidth; ox++) {
    v128.store(last + (ox << 5), zero);
    v128.store(last + (ox << 5), zero, 16);
  }
  for (let ky = 0; ky < 3; ky++) {
    const iy = oy * 2 - top + ky;
    let p = d + <usize>ky * dPanel, q = last + (<usize>ky << 2);
    if (<u32>iy >= <u32>height) {
      memory.fill(p, 0, <usize>outWidth << 5);
      continue;
    }
    const from = x + <usize>iy * row;
    for (let ox = 0; ox < outWidth; ox++) {
      const ix = ox * 2 - left;
      if (ix >= 0 && ix + 3 <= width) {
        const s = from + <usize>ix * 12;
        v128.store(p, v128.load(s));
        v128.store(p, v128.load(s, 16), 16);
        store<f32>(q, load<f32>(s, 32));
      } else {
        for (let i = 0; i < 9; i++) {
          const column = ix + i / 3;
          const v: f32 = <u32>column < <u32>width ? load<f32>(from + <usize>(ix * 12 + (i << 2))) : 0;
          store<f32>(i < 8 ? p + <usize>(i << 2) : q, v);
        }
      }
      p += 32;
      q += 32;
    }
  }
}
