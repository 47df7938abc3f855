// From the coefficients of any JPEG file to pixels, as libjpeg makes them: inverse cosine transform, chroma brought to the
// size of the image, and colours.

import { spread, sumRows, toRgb } from "./colour";
import {
  acrossOf, blocksDown, coefficientsOf, columns, downOf, masksOf, mostAcross, mostDown, parts, quantizationOf, rows,
  samplesAcross, samplesDown, strideOf,
} from "./frame";
import { ZIGZAG } from "./huffman";
import { inverse } from "./idct";

const BLOCK: usize = memory.data(128, 16);
/** More than the longest row of samples, with what vectors write past it. */
const ROW: usize = 65536 + 512;
/** Bytes of `scratch`: eight rows of blocks, or rows of four components, sums of two bytes and a row of RGB. */
export const SCRATCH: usize = 9 * ROW;

/** Colours of a file, as numbers. */
const YCBCR: i32 = 1;
const RGB: i32 = 2;
const CMYK: i32 = 3;

/** Bytes of scratch memory that {@linkcode render} needs. */
export function scratchBytes(): usize {
  return SCRATCH;
}

/**
 * Makes the pixels of coefficients that {@linkcode readScan} has read, and destroys these. Writes up to 48 bytes past the image.
 *
 * @param colours 0 = grey, 1 = YCbCr, 2 = RGB, 3 = CMYK, 4 = YCCK; inks inverted, as PIL takes them.
 */
export function render(colours: i32, scratch: usize, to: usize): void {
  for (let part = 0; part < parts; part++) makeSamples(part, scratch);
  const sums = scratch + 4 * ROW, light = sums + 2 * ROW;
  for (let y = 0; y < rows; y++) {
    const a = rowOf(0, y, sums, scratch);
    if (parts == 1) {
      memory.copy(to, a, <usize>columns);
      to += <usize>columns;
      continue;
    }
    const b = rowOf(1, y, sums, scratch + ROW), c = rowOf(2, y, sums, scratch + 2 * ROW);
    if (colours == YCBCR) toRgb(a, b, c, columns, to);
    else if (colours == RGB) interleave(a, b, c, to);
    else {
      const k = rowOf(3, y, sums, scratch + 3 * ROW);
      if (colours == CMYK) {
        interleave(a, b, c, light);
        fromInks(light, 255, k, to);
      } else {
        toRgb(a, b, c, columns, light);
        fromInks(light, 0, k, to);
      }
    }
    to += <usize>(columns * 3);
  }
}

/** Turns a component's blocks into rows of samples, in the place of the coefficients: these take twice the room. */
function makeSamples(part: i32, scratch: usize): void {
  const blocks = coefficientsOf(part), masks = masksOf(part), quantization = quantizationOf(part);
  const stride = <usize>strideOf(part), high = blocksDown(part);
  let block = blocks, mask = masks, to = blocks;
  for (let y = 0; y < high; y++) {
    for (let x: usize = 0; x < stride; x++, block += 128, mask += 8) {
      const others = load<u64>(mask) & ~(<u64>1);
      store<i16>(BLOCK, <i16>(<i32>load<i16>(block) * <i32>load<u16>(quantization)));
      for (let rest = others; rest; rest &= rest - 1) {
        const k = <usize>ctz(rest);
        const value = <i32>load<i16>(block + (k << 1)) * <i32>load<u16>(quantization + (k << 1));
        store<i16>(BLOCK + (<usize>load<u8>(ZIGZAG + k) << 1), <i16>value);
      }
      inverse(BLOCK, scratch + (x << 3), stride << 3, !others);
    }
    memory.copy(to, scratch, stride << 6);
    to += stride << 6;
  }
}

/** A row of a component at the image's width; made in `to`, unless it is there as it is. */
function rowOf(part: i32, y: i32, sums: usize, to: usize): usize {
  const wider = mostAcross / acrossOf(part), higher = mostDown / downOf(part);
  const plane = coefficientsOf(part), stride = <usize>strideOf(part) << 3;
  const near = y / higher, row = plane + <usize>near * stride;
  if (wider == 1 && higher == 1) return row;
  const count = samplesAcross(part);
  const isNarrow = count <= 2;
  const far = max(0, min(samplesDown(part) - 1, y & 1 ? near + 1 : near - 1));
  const other = plane + <usize>far * stride;
  if (wider == 1 && higher == 2) {
    const bias = y & 1 ? 2 : 1;
    for (let x: usize = 0; x < <usize>count; x++) {
      store<u8>(to + x, (3 * <i32>load<u8>(row + x) + <i32>load<u8>(other + x) + bias) >> 2);
    }
  } else if (wider == 2 && higher == 1 && !isNarrow) {
    sumRows(row, 0, count, sums);
    spread(sums, count, 1, 2, 2, to);
  } else if (wider == 2 && higher == 2 && !isNarrow) {
    sumRows(row, other, count, sums);
    spread(sums, count, 8, 7, 4, to);
  } else {
    const end = to + <usize>columns;
    for (let at = to, from = row; at < end; from++) {
      const value = load<u8>(from);
      for (let i = 0; i < wider; i++) store<u8>(at++, value);
    }
  }
  return to;
}

function interleave(a: usize, b: usize, c: usize, to: usize): void {
  for (let x: usize = 0; x < <usize>columns; x++, to += 3) {
    store<u8>(to, load<u8>(a + x));
    store<u8>(to, load<u8>(b + x), 1);
    store<u8>(to, load<u8>(c + x), 2);
  }
}

/** Inks to light without a colour profile, as PIL does it: black takes a share of the light that the other inks leave. */
function fromInks(inks: usize, inverted: i32, black: usize, to: usize): void {
  for (let x: usize = 0; x < <usize>columns; x++) {
    const light = <i32>load<u8>(black + x);
    for (let i = 0; i < 3; i++) {
      const product = (<i32>load<u8>(inks++) ^ inverted) * light + 128;
      store<u8>(to++, light - ((product + (product >> 8)) >> 8));
    }
  }
}
