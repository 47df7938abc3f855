// Pointwise convolution: C[M, N] = activation(A[M, K] * B[K, N] + bias [+ residual]).
//
// A and C lie in panels of eight channels, [channels / 8][rows][8]; B in [N / 8][K][8]. A register tile is
// four rows by eight channels: 8 accumulators, 2 of B, the rest for A and its broadcasts (16 registers).
// The tiles themselves are generated (generate_gemm.ts): AssemblyScript cannot unroll over named locals.

import { sigmoid, silu } from "./activation";
import {
  rowsLinear, rowsResidual,
  tile1Linear, tile1Residual, tile2Linear, tile2Residual, tile3Linear, tile3Residual, tile4Linear,
} from "./gemm_tiles";

/** What follows a sum; the numbers are those of src/backend/ops/gemm.ts. */
export const LINEAR: i32 = 0;
export const RESIDUAL: i32 = 1;
export const SILU: i32 = 2;
export const SIGMOID: i32 = 3;

/** Bytes of A that one block may take while B's panels pass over it. */
const SMALL_BLOCK: i32 = 16 << 10;
const LARGE_BLOCK: i32 = 384 << 10;

// Where the walk over a padded picture stands; each thread has an instance, and so a walk, of its own.
let cursorX: i32 = 0;
let cursorY: i32 = 0;
let cursorRow: usize = 0;

/** Puts the walk on pixel `m` of the pictures from `base` on. */
function place(m: i32, base: usize, width: i32, height: i32, row: usize, image: usize): void {
  const picture = m / (width * height);
  const inPicture = m - picture * width * height;
  cursorY = inPicture / width;
  cursorX = inPicture - cursorY * width;
  cursorRow = base + <usize>picture * image + <usize>cursorY * row;
}

/** Address of the pixel that the walk is on. */
// @ts-ignore: decorator
@inline
function pixel(): usize {
  return cursorRow + (<usize>cursorX << 5);
}

/** Moves the walk on by `pixels`, at most to the start of the next row. */
function advance(pixels: i32, width: i32, height: i32, row: usize, image: usize): void {
  cursorX += pixels;
  if (cursorX < width) return;
  cursorX = 0;
  cursorY++;
  cursorRow += row;
  if (cursorY < height) return;
  cursorY = 0;
  cursorRow += image - <usize>height * row;
}

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
 * `cImage` from one image to the next; `c` already points at the first pixel inside the border. Strides are bytes from
 * panel to panel; that of the bias is 0 where there is none.
 */
export function gemm(
  m0: i32, m1: i32, n0: i32, n1: i32, kPanels: i32,
  a: usize, aPanel: usize, b: usize, bStride: usize, bias: usize, biasStride: usize,
  c: usize, cPanel: usize, residual: usize, rPanel: usize, epilogue: i32,
  width: i32, height: i32, cRow: usize, cImage: usize,
): void {
  const small = (kPanels << 8) * (n1 - n0) <= SMALL_BLOCK;
  let block = (small ? SMALL_BLOCK : LARGE_BLOCK) / (kPanels << 5);
  block = max(16, block & ~3);
  for (let mb = m0; mb < m1; mb += block) {
    const me = min(m1, mb + block);
    for (let n = n0; n < n1; n++) {
      const bn = b + <usize>n * bStride, biasN = bias + <usize>n * biasStride;
      const rn = residual + <usize>n * rPanel;
      const cn = c + <usize>n * cPanel;
      if (width == 0) {
        const ap = a + (<usize>mb << 5), start = cn + (<usize>mb << 5), r = rn + (<usize>mb << 5);
        const tiles = (me - mb) >> 2, rest = (me - mb) & 3;
        if (epilogue == RESIDUAL) rowsResidual(tiles, kPanels, ap, aPanel, bn, biasN, start, r);
        else rowsLinear(tiles, kPanels, ap, aPanel, bn, biasN, start, 0);
        if (rest > 0) {
          const done = <usize>tiles << 7, d = start + done;
          restTile(rest, epilogue == RESIDUAL, kPanels, ap + done, aPanel, bn, biasN, d, d + 32, d + 64, r + done);
        }
        if (epilogue == SILU) silu(start, (me - mb) << 1);
        else if (epilogue == SIGMOID) sigmoid(start, (me - mb) << 1);
        continue;
      }
      place(mb, cn, width, height, cRow, cImage);
      let ap = a + (<usize>mb << 5);
      const start = pixel();
      let end = start;
      for (let m = mb; m < me;) {
        const d0 = pixel();
        // Tiles that stay within a row of the picture go together; others have four addresses.
        const tiles = min(me - m, width - cursorX) >> 2;
        if (tiles > 0) {
          rowsLinear(tiles, kPanels, ap, aPanel, bn, biasN, d0, 0);
          end = d0 + (<usize>tiles << 7);
          ap += <usize>tiles << 7;
          m += tiles << 2;
          advance(tiles << 2, width, height, cRow, cImage);
          continue;
        }
        const rows = min(4, me - m);
        advance(1, width, height, cRow, cImage);
        const d1 = pixel();
        advance(1, width, height, cRow, cImage);
        const d2 = pixel();
        advance(1, width, height, cRow, cImage);
        const d3 = pixel();
        advance(1, width, height, cRow, cImage);
        if (rows == 4) tile4Linear(kPanels, ap, aPanel, bn, biasN, d0, d1, d2, d3, 0);
        else restTile(rows, false, kPanels, ap, aPanel, bn, biasN, d0, d1, d2, 0);
        end = (rows == 4 ? d3 : rows == 3 ? d2 : rows == 2 ? d1 : d0) + 32;
        ap += 128;
        m += 4;
      }
      // Borders in between are zero, and so is their SiLU.
      if (epilogue == SILU) silu(start, <i32>((end - start) >> 4));
    }
  }
}
