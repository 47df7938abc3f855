// Pointwise convolution: C[M, N] = activation(A[M, K] * B[K, N] + bias [+ residual]).
//
// A and C lie in panels of eight channels, [channels / 8][rows][8]; B in [N / 8][K][8]. A register tile is
// four rows by eight channels: 8 accumulators, 2 of B, the rest for A and its broadcasts (16 registers).
// The tiles themselves are generated (generate.ts): AssemblyScript cannot unroll over named locals.

import { sigmoid, silu } from "./activation";
import {
  tile1Linear, tile1Residual, tile2Linear, tile2Residual, tile3Linear, tile3Residual, tile4Linear, tile4Residual,
} from "./gemm_tiles";

/** What follows a sum; the numbers are those of src/backend/ops/gemm.ts. */
export const LINEAR: i32 = 0;
export const RESIDUAL: i32 = 1;
export const SILU: i32 = 2;
export const SIGMOID: i32 = 3;

/** Bytes of A that one block may take while B's panels pass over it. */
const SMALL_BLOCK: i32 = 16 << 10;
const LARGE_BLOCK: i32 = 384 << 10;

/** The last one to three rows of a block. */
function restTile(
  rows: i32, residualToo: bool, kPanels: i32, a: usize, aPanel: usize, b: usize, bias: usize,
  d0: usize, d1: usize, d2: usize, residual: usize,
): void {
  if (residualToo) {
    if (rows == 3) tile3Residual(kPanels, a, aPanel, b, bias, d0, d1, d2, 0, residual);
    else if (rows == 2) tile2Residual(kPanels, a, aPanel, b, bias, d0, d1, 0, 0, residual);
    else tile1Residual(kPanels, a, aPanel, b, bias, d0, 0, 0, 0, residual);
  } else {
    if (rows == 3) tile3Linear(kPanels, a, aPanel, b, bias, d0, d1, d2, 0, 0);
    else if (rows == 2) tile2Linear(kPanels, a, aPanel, b, bias, d0, d1, 0, 0, 0);
    else tile1Linear(kPanels, a, aPanel, b, bias, d0, 0, 0, 0, 0);
  }
}

/**
 * Rows [m0, m1), output panels [n0, n1). `width` > 0 means that C is a padded image: row m is pixel
 * (m / width, m % width) of planes of `height` rows, `cRow` bytes from one image row to the next and
 * `cImage` from one image to the next; `c` already points at the first pixel inside the border.
 */
export function gemm(
  m0: i32, m1: i32, n0: i32, n1: i32, kPanels: i32,
  a: usize, aPanel: usize, b: usize, bias: usize,
  c: usize, cPanel: usize, residual: usize, rPanel: usize, epilogue: i32,
  width: i32, height: i32, cRow: usize, cImage: usize,
): void {
  const bPanel: usize = (<usize>kPanels) << 8;
  const small = <i32>bPanel * (n1 - n0) <= SMALL_BLOCK;
  let block = (small ? SMALL_BLOCK : LARGE_BLOCK) / (kPanels << 5);
  block = max(16, block & ~3);
  for (let mb = m0; mb < m1; mb += block) {
    const me = min(m1, mb + block);
    for (let n = n0; n < n1; n++) {
      const bn = b + <usize>n * bPanel, biasN = bias + (<usize>n << 5);
      const rn = residual + <usize>n * rPanel;
      const cn = c + <usize>n * cPanel;
      if (width == 0) {
        let ap = a + (<usize>mb << 5), d = cn + (<usize>mb << 5), r = rn + (<usize>mb << 5);
        const start = d;
        let m = mb;
        if (epilogue == RESIDUAL) {
          for (; m + 4 <= me; m += 4) {
            tile4Residual(kPanels, ap, aPanel, bn, biasN, d, d + 32, d + 64, d + 96, r);
            ap += 128; d += 128; r += 128;
          }
        } else {
          for (; m + 4 <= me; m += 4) {
            tile4Linear(kPanels, ap, aPanel, bn, biasN, d, d + 32, d + 64, d + 96, 0);
            ap += 128; d += 128;
          }
        }
        if (m < me) restTile(me - m, epilogue == RESIDUAL, kPanels, ap, aPanel, bn, biasN, d, d + 32, d + 64, r);
        if (epilogue == SILU) silu(start, (me - mb) << 1);
        else if (epilogue == SIGMOID) sigmoid(start, (me - mb) << 1);
        continue;
      }
      // Padded destination: walk (image, y, x) beside m.
      const image = mb / (width * height);
      const inImage = mb - image * width * height;
      let y = inImage / width, x = inImage - y * width;
      let rowStart = cn + <usize>image * cImage + <usize>y * cRow;
      // From the end of an image to the start of the next one, beyond the step of one row.
      const nextImage: usize = cImage - <usize>height * cRow;
      let ap = a + (<usize>mb << 5);
      const start = rowStart + (<usize>x << 5);
      let end = start;
      for (let m = mb; m < me;) {
        const rows = min(4, me - m);
        const d0 = rowStart + (<usize>x << 5);
        let d1 = d0, d2 = d0, d3 = d0;
        if (x + 4 <= width) {
          d1 = d0 + 32; d2 = d0 + 64; d3 = d0 + 96;
          x += 4;
          if (x == width) { x = 0; y++; rowStart += cRow; if (y == height) { y = 0; rowStart += nextImage; } }
        } else {
          x++; if (x == width) { x = 0; y++; rowStart += cRow; if (y == height) { y = 0; rowStart += nextImage; } }
          d1 = rowStart + (<usize>x << 5);
          x++; if (x == width) { x = 0; y++; rowStart += cRow; if (y == height) { y = 0; rowStart += nextImage; } }
          d2 = rowStart + (<usize>x << 5);
          x++; if (x == width) { x = 0; y++; rowStart += cRow; if (y == height) { y = 0; rowStart += nextImage; } }
          d3 = rowStart + (<usize>x << 5);
          x++; if (x == width) { x = 0; y++; rowStart += cRow; if (y == height) { y = 0; rowStart += nextImage; } }
        }
        if (rows == 4) {
          tile4Linear(kPanels, ap, aPanel, bn, biasN, d0, d1, d2, d3, 0);
          end = d3 + 32;
        } else {
          restTile(rows, false, kPanels, ap, aPanel, bn, biasN, d0, d1, d2, 0);
          end = (rows == 3 ? d2 : rows == 2 ? d1 : d0) + 32;
        }
        ap += 128;
        m += 4;
      }
      // Borders in between are zero, and so is their SiLU.
      if (epilogue == SILU) silu(start, <i32>((end - start) >> 4));
    }
  }
}
