// Gradients of a depthwise convolution, one panel of eight channels at a time. x is its input, y the gradient of its
// output. Small planes carry no borders and meet only the taps that fall inside of them.

import { back3, back5, filter3s1, filter3s2, filter5s1, filter5s2 } from "./depthwise_rows";
import { madd } from "./math";

/** The kernel turned about its middle: with stride 1 the gradient of the input is a convolution by it. */
export function turnKernel(kernel: usize, taps: i32, to: usize): void {
  let k = kernel + (<usize>(taps - 1) << 5);
  for (let i = taps; i > 0; i--) {
    v128.store(to, v128.load(k));
    v128.store(to, v128.load(k, 16), 16);
    to += 32;
    k -= 32;
  }
}

/** One pixel (iy, ix) of the input's gradient, stride 2, from a plane of `outHeight` x `outWidth`. */
function backPixel(
  y: usize, yRow: usize, kernel: usize, d: usize, size: i32, iy: i32, ix: i32, outHeight: i32, outWidth: i32,
): void {
  let a = i32x4.splat(0), b = a;
  for (let ky = iy & 1; ky < size; ky += 2) {
    const oy = (iy - ky) >> 1;
    if (<u32>oy >= <u32>outHeight) continue;
    for (let kx = ix & 1; kx < size; kx += 2) {
      const ox = (ix - kx) >> 1;
      if (<u32>ox >= <u32>outWidth) continue;
      const q = y + <usize>oy * yRow + (<usize>ox << 5), f = kernel + (<usize>(ky * size + kx) << 5);
      a = madd(v128.load(q), v128.load(f), a);
      b = madd(v128.load(q, 16), v128.load(f, 16), b);
    }
  }
  v128.store(d, a);
  v128.store(d, b, 16);
}

/**
 * Gradient of the input of a stride-2 convolution: `y` stands on the first pixel inside of a plane with (size - 1) / 2
 * zeros above and to the left, and one behind where the geometry reaches there. `top` and `left` are the convolution's.
 */
export function inputGradientPlane(
  y: usize, yRow: usize, kernel: usize, d: usize, size: i32, top: i32, left: i32,
  height: i32, width: i32, outHeight: i32, outWidth: i32,
): void {
  // Columns are counted as the kernel sees them, from the first zero on: pairs begin at even ones.
  const head = left & 1;
  const pairs = (width - head) >> 1;
  for (let iy = 0; iy < height; iy++) {
    const row = iy + top;
    if (head) backPixel(y, yRow, kernel, d, size, row, left, outHeight, outWidth);
    const first = d + (<usize>head << 5);
    const ky = row & 1, taps = (size - ky + 1) >> 1;
    const q = y + <usize>((row - ky) >> 1) * yRow + (<usize>((left + head) >> 1) << 5);
    const f = kernel + (<usize>(ky * size) << 5);
    if (size == 3) back3(q, yRow, taps, f, first, pairs);
    else back5(q, yRow, taps, f, first, pairs);
    if (head + pairs * 2 < width) {
      backPixel(y, yRow, kernel, d + (<usize>(width - 1) << 5), size, row, left + width - 1, outHeight, outWidth);
    }
    d += <usize>width << 5;
  }
}

/** The same for small planes without borders, `images` of them. */
export function inputGradientSmall(
  y: usize, yImage: usize, kernel: usize, d: usize, dImage: usize, images: i32,
  size: i32, top: i32, left: i32, height: i32, width: i32, outHeight: i32, outWidth: i32,
): void {
  const yRow: usize = <usize>outWidth << 5;
  for (let i = images; i > 0; i--) {
    for (let iy = 0; iy < height; iy++) {
      for (let ix = 0; ix < width; ix++) {
        backPixel(y, yRow, kernel, d + (<usize>(iy * width + ix) << 5), size, iy + top, ix + left, outHeight, outWidth);
      }
    }
    y += yImage;
    d += dImage;
  }
}

/** f[taps] += gradient of the kernel from one image; x is a padded plane, y stands on its first pixel. */
export function filterGradientPlane(
  x: usize, xRow: usize, y: usize, yRow: usize, size: i32, stride: i32, outHeight: i32, outWidth: i32, f: usize,
): void {
  const step: usize = xRow * stride;
  for (let ky = 0; ky < size; ky++) {
    if (size == 3) {
      if (stride == 1) filter3s1(x, step, y, yRow, outHeight, outWidth, f);
      else filter3s2(x, step, y, yRow, outHeight, outWidth, f);
    } else {
      if (stride == 1) filter5s1(x, step, y, yRow, outHeight, outWidth, f);
      else filter5s2(x, step, y, yRow, outHeight, outWidth, f);
    }
    x += xRow;
    f += <usize>size << 5;
  }
}

/** f = gradient of the kernel from `images` small planes. */
export function filterGradientSmall(
  x: usize, xImage: usize, y: usize, yImage: usize, images: i32, size: i32, stride: i32, top: i32, left: i32,
  height: i32, width: i32, outHeight: i32, outWidth: i32, f: usize,
): void {
  for (let ky = 0; ky < size; ky++) {
    for (let kx = 0; kx < size; kx++) {
      let a0 = i32x4.splat(0), b0 = a0, a1 = a0, b1 = a0;
      for (let oy = 0; oy < outHeight; oy++) {
        const iy = oy * stride - top + ky;
        if (<u32>iy >= <u32>height) continue;
        for (let ox = 0; ox < outWidth; ox++) {
          const ix = ox * stride - left + kx;
          if (<u32>ix >= <u32>width) continue;
          let p = x + (<usize>(iy * width + ix) << 5), q = y + (<usize>(oy * outWidth + ox) << 5);
          let i = images;
          for (; i >= 2; i -= 2) {
            a0 = madd(v128.load(p), v128.load(q), a0);
            b0 = madd(v128.load(p, 16), v128.load(q, 16), b0);
            p += xImage; q += yImage;
            a1 = madd(v128.load(p), v128.load(q), a1);
            b1 = madd(v128.load(p, 16), v128.load(q, 16), b1);
            p += xImage; q += yImage;
          }
          if (i) {
            a0 = madd(v128.load(p), v128.load(q), a0);
            b0 = madd(v128.load(p, 16), v128.load(q, 16), b0);
          }
        }
      }
      v128.store(f, f32x4.add(a0, a1));
      v128.store(f, f32x4.add(b0, b1), 16);
      f += 32;
    }
  }
}
