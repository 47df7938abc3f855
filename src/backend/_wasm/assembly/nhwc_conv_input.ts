// The gradient of a convolution with respect to its input: dX = dY * W^T, tap by tap.
//
// Inputs whose coordinates agree modulo the strides are reached by the same taps. Each such phase is a product
// of its own, [pixels of the phase] x [taps x output channels], whose rows are not gathered: a list names for each pixel
// and tap where its row of dY lies, or a row of zeros where there is none.
//
// Words: 16 dX, 17 filter, 18 dY, 19 packed filter, 20 a row of zeros (output channels), 21 pixels per block (a
//        multiple of four), 22 panels of eight input channels per chunk
// Scratch of a thread: the list (pixels x taps x 4 bytes), targets (pixels x 4), targets of the last panel
// (pixels x 4), the last panel (pixels x 32), a row that nobody reads (input channels x 4 + 32)

import {
  BATCH, FILTER_HEIGHT, FILTER_WIDTH, firstOutput, firstTap, IN_CHANNELS, IN_HEIGHT, IN_WIDTH, LEFT, OUT_CHANNELS,
  OUT_HEIGHT, OUT_WIDTH, OWN, pointer, STRIDE_HEIGHT, STRIDE_WIDTH, tapCount, TOP, word, ceilDivide,
} from "./nhwc_geometry";
import { rowsByTaps } from "./nhwc_tiles";

const DX: i32 = OWN;
const FILTER: i32 = OWN + 1;
const DY: i32 = OWN + 2;
const PACKED: i32 = OWN + 3;
const ZEROS: i32 = OWN + 4;
const BLOCK: i32 = OWN + 5;
const PANELS: i32 = OWN + 6;

/** d[column][8] = w[8][columns], `rows` of the eight there, zeros for the others; `wRow` bytes between rows. */
function transposePanel(w: usize, wRow: usize, columns: i32, rows: i32, d: usize): void {
  let column = 0;
  if (rows == 8) {
    const w1 = w + wRow, w2 = w1 + wRow, w3 = w2 + wRow, w4 = w3 + wRow, w5 = w4 + wRow, w6 = w5 + wRow, w7 = w6 + wRow;
    for (; column + 4 <= columns; column += 4) {
      const o = <usize>column << 2;
      transpose4(v128.load(w + o), v128.load(w1 + o), v128.load(w2 + o), v128.load(w3 + o), d);
      transpose4(v128.load(w4 + o), v128.load(w5 + o), v128.load(w6 + o), v128.load(w7 + o), d + 16);
      d += 128;
    }
  }
  for (; column < columns; column++) {
    for (let r: usize = 0; r < 8; r++) {
      store<f32>(d + (r << 2), <i32>r < rows ? load<f32>(w + r * wRow + (<usize>column << 2)) : 0);
    }
    d += 32;
  }
}

/** Four rows of four -> four columns, 32 bytes apart. */
// @ts-ignore: decorator
@inline
function transpose4(a: v128, b: v128, c: v128, e: v128, d: usize): void {
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const ce0 = v128.shuffle<f32>(c, e, 0, 4, 1, 5), ce1 = v128.shuffle<f32>(c, e, 2, 6, 3, 7);
  v128.store(d, v128.shuffle<f32>(ab0, ce0, 0, 1, 4, 5));
  v128.store(d, v128.shuffle<f32>(ab0, ce0, 2, 3, 6, 7), 32);
  v128.store(d, v128.shuffle<f32>(ab1, ce1, 0, 1, 4, 5), 64);
  v128.store(d, v128.shuffle<f32>(ab1, ce1, 2, 3, 6, 7), 96);
}

/** Packs panel `n` of eight input channels for all phases: [phase][input channels / 8][taps][output channels][8]. */
export function packFilter(p: usize, n: i32): void {
  const inChannels = word(p, IN_CHANNELS), outChannels = word(p, OUT_CHANNELS);
  const height = word(p, FILTER_HEIGHT), width = word(p, FILTER_WIDTH);
  const strideY = word(p, STRIDE_HEIGHT), strideX = word(p, STRIDE_WIDTH);
  const row: usize = <usize>outChannels << 2, tapBytes: usize = <usize>outChannels << 5;
  const panels: usize = <usize>((inChannels + 7) >> 3);
  const filter = pointer(p, FILTER) + <usize>(n << 3) * row;
  const rows = min(8, inChannels - (n << 3));
  let at = pointer(p, PACKED);
  for (let py = 0; py < strideY; py++) {
    const ky0 = firstTap(py, strideY, word(p, TOP)), countY = tapCount(py, strideY, word(p, TOP), height);
    for (let px = 0; px < strideX; px++) {
      const kx0 = firstTap(px, strideX, word(p, LEFT)), countX = tapCount(px, strideX, word(p, LEFT), width);
      const panelBytes = <usize>(countY * countX) * tapBytes;
      let d = at + <usize>n * panelBytes;
      for (let i = 0; i < countY; i++) {
        for (let j = 0; j < countX; j++) {
          const tap: usize = <usize>((ky0 + i * strideY) * width + kx0 + j * strideX);
          transposePanel(filter + tap * <usize>inChannels * row, row, outChannels, rows, d);
          d += tapBytes;
        }
      }
      at += panels * panelBytes;
    }
  }
}

/** Runs chunk `chunk`: a block of pixels of one phase by some panels of input channels. */
export function convolveInput(p: usize, scratch: usize, chunk: i32): void {
  const inHeight = word(p, IN_HEIGHT), inWidth = word(p, IN_WIDTH), inChannels = word(p, IN_CHANNELS);
  const strideY = word(p, STRIDE_HEIGHT), strideX = word(p, STRIDE_WIDTH), block = word(p, BLOCK);
  const panels = (inChannels + 7) >> 3, perChunk = word(p, PANELS), groups = (panels + perChunk - 1) / perChunk;
  const group = chunk % groups;
  let blockIndex = chunk / groups;
  let packed = pointer(p, PACKED);
  for (let py = 0; py < strideY; py++) {
    const countY = tapCount(py, strideY, word(p, TOP), word(p, FILTER_HEIGHT));
    for (let px = 0; px < strideX; px++) {
      const countX = tapCount(px, strideX, word(p, LEFT), word(p, FILTER_WIDTH));
      const panelBytes = <usize>(countY * countX * word(p, OUT_CHANNELS)) << 5;
      const pixels = word(p, BATCH) * ceilDivide(inHeight - py, strideY) * ceilDivide(inWidth - px, strideX);
      const blocks = (pixels + block - 1) / block;
      if (blockIndex < blocks) {
        const first = blockIndex * block, count = min(block, pixels - first);
        const targets = scratch + <usize>(countY * countX * block) * 4;
        listPixels(p, first, count, py, px, countY, countX, scratch, targets, block);
        multiplyBlock(p, count, countY * countX, scratch, targets, block, packed, panelBytes,
          group * perChunk, min(panels, (group + 1) * perChunk));
        return;
      }
      blockIndex -= blocks;
      packed += <usize>panels * panelBytes;
    }
  }
}

/** Writes the addresses of the sources and targets of `count` pixels of a phase from pixel `first` on. */
function listPixels(
  p: usize, first: i32, count: i32, py: i32, px: i32, countY: i32, countX: i32,
  list: usize, targets: usize, block: i32,
): void {
  const inHeight = word(p, IN_HEIGHT), inWidth = word(p, IN_WIDTH);
  const outHeight = word(p, OUT_HEIGHT), outWidth = word(p, OUT_WIDTH);
  const strideY = word(p, STRIDE_HEIGHT), strideX = word(p, STRIDE_WIDTH);
  const xPixel: usize = <usize>word(p, IN_CHANNELS) << 2, yPixel: usize = <usize>word(p, OUT_CHANNELS) << 2;
  const zeros = pointer(p, ZEROS), dy = pointer(p, DY), dx = pointer(p, DX);
  const rows = ceilDivide(inHeight - py, strideY), columns = ceilDivide(inWidth - px, strideX);
  const outputY = firstOutput(py, strideY, word(p, TOP)), outputX = firstOutput(px, strideX, word(p, LEFT));
  const spare = targets + <usize>block * 40;
  const taps = countY * countX;
  let image = first / (rows * columns), rest = first - image * rows * columns;
  let row = rest / columns, column = rest - row * columns;
  const padded = (count + 3) & ~3;
  for (let i = 0; i < padded; i++) {
    let to = list + (<usize>(i >> 2) * <usize>taps * 4 + <usize>(i & 3)) * 4;
    const target = targets + (<usize>i << 2);
    if (i >= count) {
      for (let t = 0; t < taps; t++) { store<u32>(to, <u32>zeros); to += 16; }
      store<u32>(target, <u32>spare);
      continue;
    }
    store<u32>(target, <u32>(dx + <usize>((image * inHeight + py + row * strideY) * inWidth + px + column * strideX) * xPixel));
    for (let ky = 0; ky < countY; ky++) {
      const oy = outputY + row - ky;
      const from = dy + <usize>((image * outHeight + oy) * outWidth) * yPixel;
      for (let kx = 0; kx < countX; kx++) {
        const ox = outputX + column - kx;
        const inside = <u32>oy < <u32>outHeight && <u32>ox < <u32>outWidth;
        store<u32>(to, <u32>(inside ? from + <usize>ox * yPixel : zeros));
        to += 16;
      }
    }
    if (++column == columns) {
      column = 0;
      if (++row == rows) { row = 0; image++; }
    }
  }
}

/** The product of a block whose list is written with panels [n0, n1). */
function multiplyBlock(
  p: usize, count: i32, taps: i32, list: usize, targets: usize, block: i32,
  packed: usize, panelBytes: usize, n0: i32, n1: i32,
): void {
  const inChannels = word(p, IN_CHANNELS), outChannels = word(p, OUT_CHANNELS);
  const tiles = (count + 3) >> 2;
  for (let n = n0; n < n1; n++) {
    const columns = inChannels - (n << 3), b = packed + <usize>n * panelBytes;
    if (columns >= 8) {
      rowsByTaps(tiles, taps, outChannels, list, targets, <usize>n << 5, b);
      continue;
    }
    // The eight columns of the last panel would reach into the next pixel: they go where there is room for them.
    const room = targets + <usize>block * 4, panel = room + <usize>block * 4;
    for (let i: usize = 0; i < <usize>tiles << 2; i++) store<u32>(room + (i << 2), <u32>(panel + (i << 5)));
    rowsByTaps(tiles, taps, outChannels, list, room, 0, b);
    for (let i: usize = 0; i < <usize>count; i++) {
      const d = <usize>load<u32>(targets + (i << 2)) + (<usize>n << 5);
      for (let c: usize = 0; c < <usize>columns; c++) {
        store<f32>(d + (c << 2), load<f32>(panel + (i << 5) + (c << 2)));
      }
    }
  }
}
