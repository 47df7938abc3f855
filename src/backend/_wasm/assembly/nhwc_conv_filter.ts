// The gradient of a convolution with respect to its filter: dW = X^T * dY, a sum over all output pixels.
//
// dW is [rows = taps x input channels][columns = output channels]. Its rows and columns are shared in ranges, and where
// these are few the pixels in slices too: each chunk sums one range over one slice into a partial result of its own,
// which a second task adds up. Ranges and slices follow from the shape alone, never from the number of threads.
//
// Words: 16 X, 17 dW, 18 dY, 19 partial results, 20 a row of zeros (input channels), 21 rows per range (a multiple of
//        four), 22 columns per range (a multiple of eight), 23 ranges of columns, 24 slices, 25 pixels per slice,
//        26 pixels per block (a multiple of four), 27 ranges of rows
// Scratch of a thread: a block of X (rows x pixels x 4 bytes), one of dY (columns x pixels x 4), addresses (pixels x 4)

import {
  BATCH, DILATION_HEIGHT, DILATION_WIDTH, FILTER_HEIGHT, FILTER_WIDTH, IN_CHANNELS, IN_HEIGHT, IN_WIDTH, LEFT,
  OUT_CHANNELS, OUT_HEIGHT, OUT_WIDTH, OWN, pointer, STRIDE_HEIGHT, STRIDE_WIDTH, TOP, word,
} from "./nhwc_geometry";
import { outerTiles } from "./nhwc_tiles";

const X: i32 = OWN;
const DW: i32 = OWN + 1;
const DY: i32 = OWN + 2;
const PARTIALS: i32 = OWN + 3;
const ZEROS: i32 = OWN + 4;
const ROWS: i32 = OWN + 5;
const COLUMNS: i32 = OWN + 6;
const COLUMN_RANGES: i32 = OWN + 7;
const SLICES: i32 = OWN + 8;
const SLICE_PIXELS: i32 = OWN + 9;
const BLOCK: i32 = OWN + 10;
const ROW_RANGES: i32 = OWN + 11;

/** Bytes of one partial result: tiles of four rows by eight columns. */
// @ts-ignore: decorator
@inline
function partialBytes(p: usize): usize {
  return <usize>(word(p, ROWS) * word(p, COLUMNS)) << 2;
}

/** Sums one range over one slice of the pixels. */
export function accumulateFilter(p: usize, scratch: usize, chunk: i32): void {
  const columnRanges = word(p, COLUMN_RANGES), rowRanges = word(p, ROW_RANGES);
  const columnRange = chunk % columnRanges, rest = chunk / columnRanges;
  const rowRange = rest % rowRanges, slice = rest / rowRanges;
  const allRows = word(p, FILTER_HEIGHT) * word(p, FILTER_WIDTH) * word(p, IN_CHANNELS);
  const r0 = rowRange * word(p, ROWS), r1 = min(allRows, r0 + word(p, ROWS));
  const c0 = columnRange * word(p, COLUMNS), c1 = min(word(p, OUT_CHANNELS), c0 + word(p, COLUMNS));
  const pixels = word(p, BATCH) * word(p, OUT_HEIGHT) * word(p, OUT_WIDTH);
  const m0 = slice * word(p, SLICE_PIXELS), m1 = min(pixels, m0 + word(p, SLICE_PIXELS));
  const block = word(p, BLOCK);
  const a = scratch, b = a + <usize>(word(p, ROWS) * block) * 4;
  const addresses = b + <usize>(word(p, COLUMNS) * block) * 4;
  const partial = pointer(p, PARTIALS) + <usize>chunk * partialBytes(p);
  memory.fill(partial, 0, partialBytes(p));
  const panels = (r1 - r0 + 3) >> 2, panelBytes = <usize>word(p, ROWS) << 5;
  for (let m = m0; m < m1; m += block) {
    const count = min(block, m1 - m), padded = (count + 3) & ~3;
    packRows(p, m, count, padded, r0, r1, a, addresses);
    packColumns(p, m, count, padded, c0, c1, b);
    for (let n = 0; n << 3 < c1 - c0; n++) {
      outerTiles(panels, padded, a, b + (<usize>(n * padded) << 5), partial + <usize>n * panelBytes);
    }
  }
}

/** Rows [r0, r1) of X^T for `count` output pixels from `m` on: [rows / 4][padded][4], zeros where there is nothing. */
function packRows(
  p: usize, m: i32, count: i32, padded: i32, r0: i32, r1: i32, a: usize, addresses: usize,
): void {
  const channels = word(p, IN_CHANNELS), width = word(p, FILTER_WIDTH);
  const panelBytes: usize = <usize>padded << 4;
  if ((r1 - r0) & 3) memory.fill(a + <usize>((r1 - r0) >> 2) * panelBytes, 0, panelBytes);
  let r = r0;
  while (r < r1) {
    const tap = r / channels, end = min(r1, (tap + 1) * channels);
    const ky = tap / width, kx = tap - ky * width;
    listTap(p, m, count, padded, ky * word(p, DILATION_HEIGHT) - word(p, TOP), kx * word(p, DILATION_WIDTH) - word(p, LEFT), addresses);
    let from: usize = <usize>(r - tap * channels) << 2;
    while (r < end) {
      const at = r - r0, d = a + <usize>(at >> 2) * panelBytes;
      if (!(at & 3) && r + 4 <= end) {
        gatherFour(addresses, from, padded, d);
        r += 4;
        from += 16;
      } else {
        gatherOne(addresses, from, padded, d + (<usize>(at & 3) << 2));
        r++;
        from += 4;
      }
    }
  }
}

/** Four neighbouring channels of the pixels of a list. */
function gatherFour(addresses: usize, from: usize, count: i32, d: usize): void {
  for (; count > 0; count -= 4) {
    v128.store(d, v128.load(<usize>load<u32>(addresses) + from));
    v128.store(d, v128.load(<usize>load<u32>(addresses, 4) + from), 16);
    v128.store(d, v128.load(<usize>load<u32>(addresses, 8) + from), 32);
    v128.store(d, v128.load(<usize>load<u32>(addresses, 12) + from), 48);
    addresses += 16;
    d += 64;
  }
}

/** One channel of the pixels of a list, to every fourth float. */
function gatherOne(addresses: usize, from: usize, count: i32, d: usize): void {
  for (; count > 0; count--) {
    store<f32>(d, load<f32>(<usize>load<u32>(addresses) + from));
    addresses += 4;
    d += 16;
  }
}

/** Addresses of the inputs that a tap brings to `count` output pixels from `m` on; zeros for those that do not exist. */
function listTap(p: usize, m: i32, count: i32, padded: i32, offsetY: i32, offsetX: i32, addresses: usize): void {
  const outHeight = word(p, OUT_HEIGHT), outWidth = word(p, OUT_WIDTH);
  const inHeight = word(p, IN_HEIGHT), inWidth = word(p, IN_WIDTH);
  const strideY = word(p, STRIDE_HEIGHT), strideX = word(p, STRIDE_WIDTH);
  const pixel: usize = <usize>word(p, IN_CHANNELS) << 2;
  const x = pointer(p, X), zeros = pointer(p, ZEROS);
  let image = m / (outHeight * outWidth), rest = m - image * outHeight * outWidth;
  let oy = rest / outWidth, ox = rest - oy * outWidth;
  let i = 0;
  while (i < count) {
    const iy = oy * strideY + offsetY;
    const row = x + <usize>((image * inHeight + iy) * inWidth) * pixel;
    const end = min(count, i + outWidth - ox);
    let ix = ox * strideX + offsetX;
    for (; i < end; i++) {
      const inside = <u32>iy < <u32>inHeight && <u32>ix < <u32>inWidth;
      store<u32>(addresses + (<usize>i << 2), <u32>(inside ? row + <usize>ix * pixel : zeros));
      ix += strideX;
    }
    ox = 0;
    if (++oy == outHeight) { oy = 0; image++; }
  }
  for (; i < padded; i++) store<u32>(addresses + (<usize>i << 2), <u32>zeros);
}

/** Columns [c0, c1) of dY for `count` pixels from `m` on: [columns / 8][padded][8]. */
function packColumns(p: usize, m: i32, count: i32, padded: i32, c0: i32, c1: i32, d: usize): void {
  const pixel: usize = <usize>word(p, OUT_CHANNELS) << 2;
  for (let c = c0; c < c1; c += 8) {
    copyPanel(pointer(p, DY) + <usize>m * pixel + (<usize>c << 2), pixel, count, padded, min(8, c1 - c), d);
    d += <usize>padded << 5;
  }
}

/** `columns` of eight neighbouring channels of `count` pixels; zeros for the rest. */
function copyPanel(from: usize, pixel: usize, count: i32, padded: i32, columns: i32, d: usize): void {
  if (columns < 8) memory.fill(d, 0, <usize>count << 5);
  for (let i = count; i > 0; i--) {
    if (columns == 8) {
      v128.store(d, v128.load(from));
      v128.store(d, v128.load(from, 16), 16);
    } else {
      for (let c: usize = 0; c < <usize>columns << 2; c += 4) store<f32>(d + c, load<f32>(from + c));
    }
    from += pixel;
    d += 32;
  }
  memory.fill(d, 0, <usize>(padded - count) << 5);
}

/** Adds the slices of four rows of dW, `chunk` being their number among all rows, and puts them in place. */
export function reduceFilter(p: usize, chunk: i32): void {
  const perRange = word(p, ROWS) >> 2, columns = word(p, OUT_CHANNELS), columnRanges = word(p, COLUMN_RANGES);
  const rowRange = chunk / perRange, panel = chunk - rowRange * perRange;
  const slices = word(p, SLICES), range = partialBytes(p);
  const slice = <usize>(word(p, ROW_RANGES) * columnRanges) * range;
  const allRows = word(p, FILTER_HEIGHT) * word(p, FILTER_WIDTH) * word(p, IN_CHANNELS);
  const rows = min(4, allRows - (chunk << 2));
  const dwRow: usize = <usize>columns << 2;
  for (let c = 0; c < columns; c += 8) {
    const columnRange = c / word(p, COLUMNS), n = (c - columnRange * word(p, COLUMNS)) >> 3;
    const tile = pointer(p, PARTIALS) + <usize>(rowRange * columnRanges + columnRange) * range +
      (<usize>(n * perRange + panel) << 7);
    let d = pointer(p, DW) + <usize>(chunk << 2) * dwRow + (<usize>c << 2);
    for (let r = 0; r < rows; r++) {
      addSlices(tile + (<usize>r << 5), slice, slices, min(8, columns - c), d);
      d += dwRow;
    }
  }
}

/** d[columns] = the sum of `slices` times eight floats, `slice` bytes apart, in their order. */
export function addSlices(from: usize, slice: usize, slices: i32, columns: i32, d: usize): void {
  let a = v128.load(from), b = v128.load(from, 16);
  for (let s = slices - 1; s > 0; s--) {
    from += slice;
    a = f32x4.add(a, v128.load(from));
    b = f32x4.add(b, v128.load(from, 16));
  }
  if (columns == 8) {
    v128.store(d, a);
    v128.store(d, b, 16);
    return;
  }
  if (columns >= 4) {
    v128.store(d, a);
    d += 16;
    columns -= 4;
    a = b;
  }
  if (columns > 0) store<f32>(d, f32x4.extract_lane(a, 0));
  if (columns > 1) store<f32>(d, f32x4.extract_lane(a, 1), 4);
  if (columns > 2) store<f32>(d, f32x4.extract_lane(a, 2), 8);
}
