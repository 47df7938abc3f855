// Both gradients of a depthwise convolution, eight channels at a time.
//
// There are at least eight channels (nhwc_channels.ts sees to it). Where their number is not a multiple of eight the last
// eight begin earlier and overlap those before: both compute the same bits.
//
// Words: 16 X or dX, 17 filter or dW, 18 dY; of dX: 19 rows per chunk; of dW: 19 partial results, 20 slices,
//        21 images and 22 output rows per slice, 23 images and 24 rows per band, 25 panels per chunk, 26 channels to write

import { madd } from "./math";
import { addSlices } from "./nhwc_conv_filter";
import {
  BATCH, ceilDivide, DILATION_HEIGHT, DILATION_WIDTH, FILTER_HEIGHT, FILTER_WIDTH, firstOutput, firstTap, IN_HEIGHT,
  IN_WIDTH, LEFT, OUT_CHANNELS, OUT_HEIGHT, OUT_WIDTH, outputsFrom, outputsTo, OWN, pointer, STRIDE_HEIGHT,
  STRIDE_WIDTH, tapCount, TOP, tapsBefore, tapsUntil, word,
} from "./nhwc_geometry";
import { taps1, taps2, taps3, taps4, taps5 } from "./nhwc_tiles";

const X: i32 = OWN;
const FILTER: i32 = OWN + 1;
const DY: i32 = OWN + 2;
const ROWS: i32 = OWN + 3;
const PARTIALS: i32 = OWN + 3;
const SLICES: i32 = OWN + 4;
const SLICE_IMAGES: i32 = OWN + 5;
const SLICE_ROWS: i32 = OWN + 6;
const BAND_IMAGES: i32 = OWN + 7;
const BAND_ROWS: i32 = OWN + 8;
const PANELS: i32 = OWN + 9;
const WRITTEN: i32 = OWN + 10;

/** Images whose pixels share a tap's weights. */
const GROUP: i32 = 4;

/** Chunk `chunk` of dX: some rows of a group of images. */
export function depthwiseInput(p: usize, chunk: i32): void {
  const height = word(p, IN_HEIGHT), rows = word(p, ROWS), perGroup = ceilDivide(height, rows);
  const group = chunk / perGroup;
  const y0 = (chunk - group * perGroup) * rows, y1 = min(height, y0 + rows);
  const first = group * GROUP, images = min(GROUP, word(p, BATCH) - first);
  for (let y = y0; y < y1; y++) {
    if (images == GROUP) inputRow(p, first, y, true);
    else for (let i = 0; i < images; i++) inputRow(p, first + i, y, false);
  }
}

/** Row `y` of dX of one image, or of `GROUP` images from `image` on. */
function inputRow(p: usize, image: i32, y: i32, together: bool): void {
  const channels = word(p, OUT_CHANNELS), height = word(p, IN_HEIGHT), width = word(p, IN_WIDTH);
  const outHeight = word(p, OUT_HEIGHT), outWidth = word(p, OUT_WIDTH);
  const strideY = word(p, STRIDE_HEIGHT), strideX = word(p, STRIDE_WIDTH);
  const dilationY = word(p, DILATION_HEIGHT), dilationX = word(p, DILATION_WIDTH);
  const pixel: usize = <usize>channels << 2, outRow: usize = <usize>outWidth * pixel;
  const oy = firstOutput(y, strideY, word(p, TOP));
  const i0 = tapsBefore(oy, dilationY, outHeight);
  const rows = tapsUntil(oy, dilationY, tapCount(y, strideY, word(p, TOP), word(p, FILTER_HEIGHT))) - i0;
  const ky = firstTap(y, strideY, word(p, TOP)) + i0 * strideY;
  const from = pointer(p, DY) + <usize>(image * outHeight + oy - i0 * dilationY) * outRow;
  const weights = pointer(p, FILTER) + <usize>(ky * word(p, FILTER_WIDTH)) * pixel;
  const fromRow: usize = 0 - <usize>dilationY * outRow, fromColumn: usize = 0 - <usize>dilationX * pixel;
  const weightRow: usize = <usize>(strideY * word(p, FILTER_WIDTH)) * pixel, weightColumn: usize = <usize>strideX * pixel;
  const to = pointer(p, X) + <usize>((image * height + y) * width) * pixel;
  let x = 0;
  while (x < width) {
    const all = tapCount(x, strideX, word(p, LEFT), word(p, FILTER_WIDTH));
    const ox = firstOutput(x, strideX, word(p, LEFT));
    const j0 = tapsBefore(ox, dilationX, outWidth), columns = tapsUntil(ox, dilationX, all) - j0;
    const kx = firstTap(x, strideX, word(p, LEFT)) + j0 * strideX;
    const source = from + <usize>(ox - j0 * dilationX) * pixel, weight = weights + <usize>kx * pixel;
    const target = to + <usize>x * pixel;
    if (together) {
      fourSites(channels, rows, columns, source, fromRow, fromColumn, <usize>outHeight * outRow,
        weight, weightRow, weightColumn, target, <usize>(height * width) * pixel);
      x++;
    } else if (strideX == 1 && columns == all && x + 3 < width && ox + 3 < outWidth) {
      // Inside of the row neighbours see the same taps.
      fourSites(channels, rows, columns, source, fromRow, fromColumn, pixel,
        weight, weightRow, weightColumn, target, pixel);
      x += 4;
    } else {
      oneSite(channels, rows, columns, source, fromRow, fromColumn, weight, weightRow, weightColumn, target);
      x++;
    }
  }
}

/** Four pixels that see the same taps, `sourceSite` and `targetSite` bytes apart; all channels. */
function fourSites(
  channels: i32, rows: i32, columns: i32,
  source: usize, sourceRow: usize, sourceColumn: usize, sourceSite: usize,
  weight: usize, weightRow: usize, weightColumn: usize, target: usize, targetSite: usize,
): void {
  for (let c = 0; c < channels; c += 8) {
    const o: usize = <usize>min(c, channels - 8) << 2;
    let a0 = i32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    let s = source + o, w = weight + o;
    for (let i = rows; i > 0; i--) {
      let q0 = s, q1 = q0 + sourceSite, q2 = q1 + sourceSite, q3 = q2 + sourceSite, f = w;
      for (let j = columns; j > 0; j--) {
        const w0 = v128.load(f), w1 = v128.load(f, 16);
        a0 = madd(v128.load(q0), w0, a0); b0 = madd(v128.load(q0, 16), w1, b0);
        a1 = madd(v128.load(q1), w0, a1); b1 = madd(v128.load(q1, 16), w1, b1);
        a2 = madd(v128.load(q2), w0, a2); b2 = madd(v128.load(q2, 16), w1, b2);
        a3 = madd(v128.load(q3), w0, a3); b3 = madd(v128.load(q3, 16), w1, b3);
        q0 += sourceColumn; q1 += sourceColumn; q2 += sourceColumn; q3 += sourceColumn; f += weightColumn;
      }
      s += sourceRow; w += weightRow;
    }
    let d = target + o;
    v128.store(d, a0); v128.store(d, b0, 16); d += targetSite;
    v128.store(d, a1); v128.store(d, b1, 16); d += targetSite;
    v128.store(d, a2); v128.store(d, b2, 16); d += targetSite;
    v128.store(d, a3); v128.store(d, b3, 16);
  }
}

/** One pixel, all channels. */
function oneSite(
  channels: i32, rows: i32, columns: i32, source: usize, sourceRow: usize, sourceColumn: usize,
  weight: usize, weightRow: usize, weightColumn: usize, target: usize,
): void {
  for (let c = 0; c < channels; c += 8) {
    const o: usize = <usize>min(c, channels - 8) << 2;
    let a = i32x4.splat(0), b = a;
    let s = source + o, w = weight + o;
    for (let i = rows; i > 0; i--) {
      let q = s, f = w;
      for (let j = columns; j > 0; j--) {
        a = madd(v128.load(q), v128.load(f), a); b = madd(v128.load(q, 16), v128.load(f, 16), b);
        q += sourceColumn; f += weightColumn;
      }
      s += sourceRow; w += weightRow;
    }
    v128.store(target + o, a); v128.store(target + o, b, 16);
  }
}

/**
 * Chunk `chunk` of dW: the sums of some panels of eight channels over one slice of the pixels, to
 * [slice][panel][taps][8].
 */
export function accumulateDepthwise(p: usize, chunk: i32): void {
  const channels = word(p, OUT_CHANNELS), taps = word(p, FILTER_HEIGHT) * word(p, FILTER_WIDTH);
  const panels = (channels + 7) >> 3, perChunk = word(p, PANELS), groups = ceilDivide(panels, perChunk);
  const slice = chunk / groups, group = chunk - slice * groups;
  const n0 = group * perChunk, n1 = min(panels, n0 + perChunk);
  const partial = pointer(p, PARTIALS) + (<usize>(slice * panels * taps) << 5);
  memory.fill(partial + (<usize>(n0 * taps) << 5), 0, <usize>((n1 - n0) * taps) << 5);
  const parts = ceilDivide(word(p, OUT_HEIGHT), word(p, SLICE_ROWS));
  const images = slice / parts * word(p, SLICE_IMAGES), rows = slice % parts * word(p, SLICE_ROWS);
  const imagesEnd = min(word(p, BATCH), images + word(p, SLICE_IMAGES));
  const rowsEnd = min(word(p, OUT_HEIGHT), rows + word(p, SLICE_ROWS));
  for (let i = images; i < imagesEnd; i += word(p, BAND_IMAGES)) {
    const count = min(word(p, BAND_IMAGES), imagesEnd - i);
    for (let y = rows; y < rowsEnd; y += word(p, BAND_ROWS)) {
      const end = min(rowsEnd, y + word(p, BAND_ROWS));
      for (let n = n0; n < n1; n++) {
        filterBand(p, i, count, y, end, <usize>min(n << 3, channels - 8) << 2, partial + (<usize>(n * taps) << 5));
      }
    }
  }
}

/** Adds output rows [y0, y1) of some images to the sums of eight channels. */
function filterBand(p: usize, image: i32, images: i32, y0: i32, y1: i32, channel: usize, sums: usize): void {
  const height = word(p, IN_HEIGHT), width = word(p, IN_WIDTH);
  const outHeight = word(p, OUT_HEIGHT), outWidth = word(p, OUT_WIDTH);
  const strideY = word(p, STRIDE_HEIGHT), kernelHeight = word(p, FILTER_HEIGHT), kernelWidth = word(p, FILTER_WIDTH);
  const pixel: usize = <usize>word(p, OUT_CHANNELS) << 2;
  for (let ky = 0; ky < kernelHeight; ky++) {
    const offset = ky * word(p, DILATION_HEIGHT) - word(p, TOP);
    const from = max(y0, outputsFrom(offset, strideY)), to = min(y1, outputsTo(offset, strideY, height, outHeight));
    if (from < to) {
      filterRow(p, images, to - from,
        pointer(p, X) + <usize>((image * height + from * strideY + offset) * width) * pixel + channel,
        pointer(p, DY) + <usize>((image * outHeight + from) * outWidth) * pixel + channel,
        sums + (<usize>(ky * kernelWidth) << 5), pixel);
    }
  }
}

/** One row of taps, over columns that see the same of them. */
function filterRow(p: usize, images: i32, rows: i32, x: usize, dy: usize, sums: usize, pixel: usize): void {
  const width = word(p, IN_WIDTH), outWidth = word(p, OUT_WIDTH), stride = word(p, STRIDE_WIDTH);
  const dilation = word(p, DILATION_WIDTH), left = word(p, LEFT), kernelWidth = word(p, FILTER_WIDTH);
  const xRow: usize = <usize>width * pixel, dyRow: usize = <usize>outWidth * pixel;
  const xImage: usize = <usize>word(p, IN_HEIGHT) * xRow, dyImage: usize = <usize>word(p, OUT_HEIGHT) * dyRow;
  const xStep: usize = <usize>word(p, STRIDE_HEIGHT) * xRow;
  const xColumn: usize = <usize>stride * pixel, xTap: usize = <usize>dilation * pixel;
  const inside = outputsTo((kernelWidth - 1) * dilation - left, stride, width, outWidth);
  for (let o = 0; o < outWidth;) {
    const first = o * stride - left;
    const k0 = ceilDivide(-first, dilation), k1 = min(kernelWidth, ceilDivide(width - first, dilation));
    const columns = k0 == 0 && o < inside ? inside - o : 1;
    for (let k = k0; k < k1; k += 5) {
      const count = min(5, k1 - k);
      const xk = x + <usize>(first + k * dilation) * pixel, dyk = dy + <usize>o * pixel, sk = sums + (<usize>k << 5);
      if (count == 1) taps1(images, rows, columns, xk, xImage, xStep, xColumn, xTap, dyk, dyImage, dyRow, pixel, sk);
      else if (count == 2) taps2(images, rows, columns, xk, xImage, xStep, xColumn, xTap, dyk, dyImage, dyRow, pixel, sk);
      else if (count == 3) taps3(images, rows, columns, xk, xImage, xStep, xColumn, xTap, dyk, dyImage, dyRow, pixel, sk);
      else if (count == 4) taps4(images, rows, columns, xk, xImage, xStep, xColumn, xTap, dyk, dyImage, dyRow, pixel, sk);
      else taps5(images, rows, columns, xk, xImage, xStep, xColumn, xTap, dyk, dyImage, dyRow, pixel, sk);
    }
    o += columns;
  }
}

/** Adds the slices of panel `n` of dW and puts them in place. */
export function reduceDepthwise(p: usize, n: i32): void {
  const channels = word(p, OUT_CHANNELS), written = word(p, WRITTEN), panels = (channels + 7) >> 3;
  const taps = word(p, FILTER_HEIGHT) * word(p, FILTER_WIDTH);
  const slice: usize = <usize>(panels * taps) << 5;
  const first = min(n << 3, channels - 8);
  for (let t = 0; t < taps; t++) {
    addSlices(pointer(p, PARTIALS) + (<usize>(n * taps + t) << 5), slice, word(p, SLICES), min(8, written - first),
      pointer(p, FILTER) + (<usize>(t * written + first) << 2));
  }
}
