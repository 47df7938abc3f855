// Depthwise convolution + folded bias + SiLU, and the sums over each plane that squeeze-excite wants.

import { silu, siluSum } from "./activation";
import { madd } from "./math";
import { meanPlane } from "./planes";
import {
  row3s1, row3s2, row5s1, row5s2, small3w2, small3w3, small3w4, small5w2, small5w3, small5w4,
} from "./depthwise_rows";

/**
 * Sets the border of padded planes to zero: `planes` planes of `rows` x `columns` pixels of eight
 * channels, the inside being `height` x `width` from (`top`, `left`).
 */
export function zeroBorder(
  plane: usize, rows: i32, columns: i32, top: i32, left: i32, height: i32, width: i32,
): void {
  const row: usize = <usize>columns << 5;
  memory.fill(plane, 0, <usize>top * row);
  let p = plane + <usize>top * row;
  const head: usize = <usize>left << 5;
  const tail: usize = <usize>(columns - left - width) << 5;
  for (let y = 0; y < height; y++) {
    for (let o: usize = 0; o < head; o += 32) { v128.store(p + o, i32x4.splat(0)); v128.store(p + o, i32x4.splat(0), 16); }
    const t = p + row - tail;
    for (let o: usize = 0; o < tail; o += 32) { v128.store(t + o, i32x4.splat(0)); v128.store(t + o, i32x4.splat(0), 16); }
    p += row;
  }
  memory.fill(p, 0, <usize>(rows - top - height) * row);
}

/** Sums that wait for their activation stay in the first-level cache. */
const BAND_BYTES: i32 = 8 << 10;

/**
 * One padded plane -> one plane of `outHeight` x `outWidth`; `mean` receives the plane's mean (8 floats). Without a
 * `mean` the sums stay as they are: training looks at them before they are activated.
 */
export function depthwisePlane(
  x: usize, row: usize, kernel: usize, bias: usize, d: usize, mean: usize,
  size: i32, stride: i32, outHeight: i32, outWidth: i32,
): void {
  if (mean) {
    v128.store(mean, i32x4.splat(0));
    v128.store(mean, i32x4.splat(0), 16);
  }
  const step: usize = row * stride, out: usize = <usize>outWidth << 5;
  const band = max(1, BAND_BYTES / <i32>out);
  for (let y0 = 0; y0 < outHeight; y0 += band) {
    const rows = min(band, outHeight - y0);
    const start = d;
    for (let y = 0; y < rows; y++) {
      if (size == 3) {
        if (stride == 1) row3s1(x, row, kernel, bias, d, outWidth);
        else row3s2(x, row, kernel, bias, d, outWidth);
      } else {
        if (stride == 1) row5s1(x, row, kernel, bias, d, outWidth);
        else row5s2(x, row, kernel, bias, d, outWidth);
      }
      x += step;
      d += out;
    }
    if (mean) siluSum(start, rows * outWidth, mean);
  }
  if (!mean) return;
  const inverse = f32x4.splat(1.0 / <f32>(outHeight * outWidth));
  v128.store(mean, f32x4.mul(v128.load(mean), inverse));
  v128.store(mean, f32x4.mul(v128.load(mean, 16), inverse), 16);
}

/** One output row of `images` small planes, stride 1: `rows` rows of x and of the kernel meet. */
function smallRow(
  x: usize, xImage: usize, rows: i32, kernel: usize, bias: usize, d: usize, dImage: usize,
  images: i32, size: i32, width: i32,
): void {
  if (size == 3) {
    if (width == 2) small3w2(x, xImage, rows, kernel, bias, d, dImage, images);
    else if (width == 3) small3w3(x, xImage, rows, kernel, bias, d, dImage, images);
    else small3w4(x, xImage, rows, kernel, bias, d, dImage, images);
  } else {
    if (width == 2) small5w2(x, xImage, rows, kernel, bias, d, dImage, images);
    else if (width == 3) small5w3(x, xImage, rows, kernel, bias, d, dImage, images);
    else small5w4(x, xImage, rows, kernel, bias, d, dImage, images);
  }
}

/** The output pixels of small planes one by one: any stride, any width. */
function smallPixels(
  x: usize, xImage: usize, kernel: usize, bias: usize, d: usize, dImage: usize,
  images: i32, size: i32, stride: i32, top: i32, left: i32,
  height: i32, width: i32, outHeight: i32, outWidth: i32,
): void {
  const bias0 = v128.load(bias), bias1 = v128.load(bias, 16);
  for (let oy = 0; oy < outHeight; oy++) {
    for (let ox = 0; ox < outWidth; ox++) {
      const iy = oy * stride - top, ix = ox * stride - left;
      const ky0 = max(0, -iy), ky1 = min(size, height - iy);
      const kx0 = max(0, -ix), kx1 = min(size, width - ix);
      const taps = kx1 - kx0;
      const f0 = kernel + (<usize>(ky0 * size + kx0) << 5);
      const fRow: usize = <usize>(size - taps) << 5, xRow: usize = <usize>(width - taps) << 5;
      let xi = x + (<usize>((iy + ky0) * width + ix + kx0) << 5);
      let di = d + (<usize>(oy * outWidth + ox) << 5);
      let left4 = images;
      for (; left4 >= 4; left4 -= 4) {
        let a0 = bias0, a1 = bias0, a2 = bias0, a3 = bias0, b0 = bias1, b1 = bias1, b2 = bias1, b3 = bias1;
        let q0 = xi, q1 = q0 + xImage, q2 = q1 + xImage, q3 = q2 + xImage, f = f0;
        for (let ky = ky0; ky < ky1; ky++) {
          for (let kx = 0; kx < taps; kx++) {
            const w0 = v128.load(f), w1 = v128.load(f, 16);
            a0 = madd(v128.load(q0), w0, a0); b0 = madd(v128.load(q0, 16), w1, b0);
            a1 = madd(v128.load(q1), w0, a1); b1 = madd(v128.load(q1, 16), w1, b1);
            a2 = madd(v128.load(q2), w0, a2); b2 = madd(v128.load(q2, 16), w1, b2);
            a3 = madd(v128.load(q3), w0, a3); b3 = madd(v128.load(q3, 16), w1, b3);
            q0 += 32; q1 += 32; q2 += 32; q3 += 32; f += 32;
          }
          q0 += xRow; q1 += xRow; q2 += xRow; q3 += xRow; f += fRow;
        }
        v128.store(di, a0); v128.store(di, b0, 16); di += dImage;
        v128.store(di, a1); v128.store(di, b1, 16); di += dImage;
        v128.store(di, a2); v128.store(di, b2, 16); di += dImage;
        v128.store(di, a3); v128.store(di, b3, 16); di += dImage;
        xi += xImage << 2;
      }
      for (; left4 > 0; left4--) {
        let a0 = bias0, b0 = bias1;
        let q0 = xi, f = f0;
        for (let ky = ky0; ky < ky1; ky++) {
          for (let kx = 0; kx < taps; kx++) {
            a0 = madd(v128.load(q0), v128.load(f), a0); b0 = madd(v128.load(q0, 16), v128.load(f, 16), b0);
            q0 += 32; f += 32;
          }
          q0 += xRow; f += fRow;
        }
        v128.store(di, a0); v128.store(di, b0, 16);
        di += dImage; xi += xImage;
      }
    }
  }
}

/**
 * Small planes (1 x 1 to 4 x 4), unpadded: most taps of a 5 x 5 kernel would fall on padding, so only the
 * valid ones are visited, four images at a time to fill the registers. One panel, `images` images; linear without a
 * `mean`.
 */
export function depthwiseSmall(
  x: usize, xImage: usize, kernel: usize, bias: usize, d: usize, dImage: usize, mean: usize,
  images: i32, size: i32, stride: i32, top: i32, left: i32,
  height: i32, width: i32, outHeight: i32, outWidth: i32,
): void {
  if (stride == 1 && width > 1) {
    for (let oy = 0; oy < outHeight; oy++) {
      const first = max(0, oy - top), end = min(height, oy - top + size);
      smallRow(x + <usize>(first * width << 5), xImage, end - first, kernel + <usize>((first - oy + top) * size << 5), bias,
        d + <usize>(oy * outWidth << 5), dImage, images, size, width);
    }
  } else {
    smallPixels(x, xImage, kernel, bias, d, dImage, images, size, stride, top, left, height, width, outHeight, outWidth);
  }
  if (!mean) return;
  const pixels = outHeight * outWidth;
  silu(d, d, 1, images * pixels, 0);
  for (let i: usize = 0; i < <usize>images; i++) meanPlane(d + i * dImage, pixels, mean + (i << 5));
}
