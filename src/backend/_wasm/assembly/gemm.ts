// Pointwise convolution: C[M, N] = activation(A[M, K] * B[K, N] + bias [+ residual]).
//
// A and C lie in panels of eight channels, [channels / 8][rows][8]; B in [N / 8][K][8]. A register tile is
// four rows by eight channels: 8 accumulators, 2 of B, the rest for A and its broadcasts (16 registers).
// The tiles themselves are generated (generate_gemm.ts): AssemblyScript cannot unroll over named locals.

import { sigmoid, silu } from "./activation";
import {
  rowsLinear, rowsResidual,
  tile1Linear, tile1Residual, tile2Linear, tile2Residual, tile3Linear, tile3Residual,
} from "./gemm_tiles";

/** What follows a sum; the numbers are those of src/backend/ops/gemm.ts. */
export const LINEAR: i32 = 0;
export const RESIDUAL: i32 = 1;
export const SILU: i32 = 2;
export const SIGMOID: i32 = 3;

/** Bytes of A that one block may take while B's panels pass over it. */
const SMALL_BLOCK: i32 = 16 << 10;
const LARGE_BLOCK: i32 = 384 << 10;

/** Rows whose sums wait in the first-level cache until they go to a picture with a border. */
const WAITING: i32 = 256;

/** `rows` rows by eight output channels: sums, with the residual where there is one. */
function product(
  rows: i32, kPanels: i32, a: usize, aPanel: usize, b: usize, bias: usize, d: usize, residual: usize, more: bool,
): void {
  const tiles = rows >> 2, rest = rows & 3, done = <usize>tiles << 7;
  if (more) {
    if (tiles > 0) rowsResidual(tiles, kPanels, a, aPanel, b, bias, d, residual);
    if (rest == 3) tile3Residual(kPanels, a + done, aPanel, b, bias, d + done, residual + done);
    else if (rest == 2) tile2Residual(kPanels, a + done, aPanel, b, bias, d + done, residual + done);
    else if (rest == 1) tile1Residual(kPanels, a + done, aPanel, b, bias, d + done, residual + done);
  } else {
    if (tiles > 0) rowsLinear(tiles, kPanels, a, aPanel, b, bias, d, 0);
    if (rest == 3) tile3Linear(kPanels, a + done, aPanel, b, bias, d + done, 0);
    else if (rest == 2) tile2Linear(kPanels, a + done, aPanel, b, bias, d + done, 0);
    else if (rest == 1) tile1Linear(kPanels, a + done, aPanel, b, bias, d + done, 0);
  }
}

/** Puts rows [m, m + count) of pixels, which lie at `x` one after another, into pictures with borders (see `gemm`). */
function place(
  x: usize, m: i32, count: i32, c: usize, epilogue: i32, width: i32, height: i32, cRow: usize, cImage: usize,
): void {
  let image = m / (width * height);
  let row = (m - image * width * height) / width;
  let column = m - (image * height + row) * width;
  while (count > 0) {
    // Whole rows of one picture go together; the first and the last may be parts.
    const whole = column == 0 && count >= width;
    const pixels = whole ? width : min(count, width - column);
    const rows = whole ? min(count / width, height - row) : 1;
    const d = c + <usize>image * cImage + <usize>row * cRow + (<usize>column << 5);
    const bytes: usize = <usize>pixels << 5;
    if (epilogue == SILU) silu(x, d, rows, pixels, cRow - bytes);
    else for (let r: usize = 0; r < <usize>rows; r++) memory.copy(d + r * cRow, x + r * bytes, bytes);
    x += bytes * rows;
    count -= pixels * rows;
    column = 0;
    row += rows;
    if (row == height) {
      row = 0;
      image++;
    }
  }
}

/**
 * Rows [m0, m1), output panels [n0, n1). `width` > 0 means that C is a padded image: row m is pixel
 * (m / width, m % width) of planes of `height` rows, `cRow` bytes from one image row to the next and
 * `cImage` from one image to the next; `c` already points at the first pixel inside the border, and `waiting` is room
 * for WAITING pixels. Strides are bytes from panel to panel; that of the bias is 0 where there is none.
 */
export function gemm(
  m0: i32, m1: i32, n0: i32, n1: i32, kPanels: i32,
  a: usize, aPanel: usize, b: usize, bStride: usize, bias: usize, biasStride: usize,
  c: usize, cPanel: usize, residual: usize, rPanel: usize, epilogue: i32,
  width: i32, height: i32, cRow: usize, cImage: usize, waiting: usize,
): void {
  const small = (kPanels << 8) * (n1 - n0) <= SMALL_BLOCK;
  let block = (small ? SMALL_BLOCK : LARGE_BLOCK) / (kPanels << 5);
  block = max(16, block & ~3);
  for (let mb = m0; mb < m1; mb += block) {
    const me = min(m1, mb + block);
    for (let n: usize = <usize>n0; n < <usize>n1; n++) {
      const bn = b + n * bStride, biasN = bias + n * biasStride, cn = c + n * cPanel;
      if (width > 0) {
        for (let m = mb; m < me; m += WAITING) {
          const count = min(WAITING, me - m);
          product(count, kPanels, a + (<usize>m << 5), aPanel, bn, biasN, waiting, 0, false);
          place(waiting, m, count, cn, epilogue, width, height, cRow, cImage);
        }
        continue;
      }
      const first: usize = <usize>mb << 5, d = cn + first;
      product(me - mb, kPanels, a + first, aPanel, bn, biasN, d, residual + n * rPanel + first, epilogue == RESIDUAL);
      if (epilogue == SILU) silu(d, d, 1, me - mb, 0);
      else if (epilogue == SIGMOID) sigmoid(d, (me - mb) << 1);
    }
  }
}
