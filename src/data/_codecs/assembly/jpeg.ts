// Ordinary JPEG files: baseline, 8 bits, grey or YCbCr in one scan, chroma whole, halved across or halved both ways. They are
// decoded without holding their coefficients. Pixels are libjpeg's, bit for bit, also at a half, a quarter or an eighth of
// the size. What is not flawless is told apart and left to readScan, which also decides what is damaged.

import { spread, sumRows, toRgb } from "./colour";
import { columns, mostAcross as across, mostDown as down, parts, quantizationOf, rows, tableOf } from "./frame";
import { beginBits, endBits, level, onlyFirst, overrun, readBlock } from "./huffman";
import { inverse } from "./idct";
import { inverseReduced } from "./reduced";

const BLOCK: usize = memory.data(128, 16);
const WIDEST: i32 = 65535;

/** Samples of a block of luma, and of one of chroma, along a side: 8, or fewer for a smaller picture. */
let side: i32 = 8;
let chromaSide: i32 = 8;
let restart: i32 = 0;
let scan: usize = 0;
let stop: usize = 0;
/** Of the components, a byte each: tables of first and of other coefficients. */
let tables: i32 = 0;

/** Rows of the picture as {@linkcode decode} writes it. */
export function height(): i32 {
  return (rows * side + 7) >> 3;
}
/** Columns of it. */
export function width(): i32 {
  return (columns * side + 7) >> 3;
}

// @ts-ignore: decorator
@inline
function byteOf(three: i32, index: i32): i32 {
  return (three >> (index << 3)) & 255;
}

/**
 * Says how small the picture of the frame is to be decoded.
 *
 * @param halvings How often height and width are to be halved, 0 to 3; files of chroma halved across only: 2 at most.
 * @returns whether {@linkcode decode} can do it.
 */
export function scale(halvings: i32): bool {
  const uneven = across != down;
  side = 8 >> (uneven ? min(2, halvings) : halvings);
  // As libjpeg: chroma of half the size is halved once less, where that does for both directions.
  chromaSide = across == 2 && !uneven ? min(8, 2 * side) : side;
  // libjpeg does not spread the finer way what is narrower.
  return across == chromaSide / side || ((width() + 1) >> 1) > 2;
}

// @ts-ignore: decorator
@inline
function unitsAcross(): i32 {
  return (columns + 8 * across - 1) / (8 * across);
}

// @ts-ignore: decorator
@inline
function unitsDown(): i32 {
  return (rows + 8 * down - 1) / (8 * down);
}

/** Bytes that {@linkcode decode} needs for planes and rows. */
export function planeBytes(): f64 {
  const units = <f64>unitsAcross() * <f64>unitsDown();
  const samples = across * down * side * side + (parts == 1 ? 0 : 2 * chromaSide * chromaSide);
  return units * <f64>samples + 8 * <f64>WIDEST;
}

/** Decodes the one scan; writes up to 48 bytes past the picture. @returns whether it is flawless. */
export function decode(from: usize, end: usize, which: i32, interval: i32, planes: usize, to: usize): bool {
  scan = from;
  stop = end;
  tables = which;
  restart = interval;
  const lumaStride = <usize>(unitsAcross() * across * side), chromaStride = <usize>(unitsAcross() * chromaSide);
  const blue = planes + lumaStride * <usize>(unitsDown() * down * side);
  const red = blue + chromaStride * <usize>(unitsDown() * chromaSide);
  const rows = height(), columns = width();
  if (!readUnits(planes, blue, red, lumaStride, chromaStride)) return false;
  if (parts == 1) {
    for (let y = 0; y < rows; y++) {
      memory.copy(to + <usize>y * <usize>columns, planes + <usize>y * lumaStride, <usize>columns);
    }
    return true;
  }
  const scratch = red + chromaStride * <usize>(unitsDown() * chromaSide);
  const sums = scratch, blueRow = sums + 2 * <usize>WIDEST, redRow = blueRow + 2 * <usize>WIDEST;
  const spreads = across * side > chromaSide, both = spreads && down == 2;
  const half = (columns + 1) >> 1, lastRow = (rows + down - 1) / down - 1;
  for (let y = 0; y < rows; y++) {
    const near = both ? y >> 1 : y;
    const far = both ? max(0, min(lastRow, y & 1 ? near + 1 : near - 1)) : near;
    let b = blue + <usize>near * chromaStride, r = red + <usize>near * chromaStride;
    if (spreads) {
      spreadRow(b, both ? blue + <usize>far * chromaStride : 0, half, sums, blueRow);
      spreadRow(r, both ? red + <usize>far * chromaStride : 0, half, sums, redRow);
      b = blueRow;
      r = redRow;
    }
    toRgb(planes + <usize>y * lumaStride, b, r, columns, to + <usize>y * <usize>(columns * 3));
  }
  return true;
}

function spreadRow(near: usize, far: usize, half: i32, sums: usize, to: usize): void {
  sumRows(near, far, half, sums);
  if (far) spread(sums, half, 8, 7, 4, to);
  else spread(sums, half, 1, 2, 2, to);
}

function readUnits(luma: usize, blue: usize, red: usize, lumaStride: usize, chromaStride: usize): bool {
  memory.fill(BLOCK, 0, 128);
  beginBits(scan, stop);
  let p0 = 0, p1 = 0, p2 = 0, until = restart, number = 0;
  const across1 = unitsAcross(), down1 = unitsDown();
  for (let y = 0; y < down1; y++) {
    for (let x = 0; x < across1; x++) {
      if (restart && !until) {
        const marker = endBits();
        if (!marker || <i32>load<u8>(marker + 1) != 0xd0 + (number & 7)) return false;
        number++;
        beginBits(marker + 2, stop);
        p0 = p1 = p2 = 0;
        until = restart;
      }
      until--;
      for (let v = 0; v < down; v++) {
        for (let h = 0; h < across; h++) {
          const at = luma + <usize>((y * down + v) * side) * lumaStride + <usize>((x * across + h) * side);
          if (!readInto(0, at, lumaStride, p0, side)) return false;
          p0 = level;
        }
      }
      if (parts == 1) continue;
      const at = <usize>(y * chromaSide) * chromaStride + <usize>(x * chromaSide);
      if (!readInto(1, blue + at, chromaStride, p1, chromaSide)) return false;
      p1 = level;
      if (!readInto(2, red + at, chromaStride, p2, chromaSide)) return false;
      p2 = level;
    }
    if (overrun()) return false;
  }
  const marker = endBits();
  return marker != 0 && load<u8>(marker + 1) == 0xd9;
}

// @ts-ignore: decorator
@inline
function readInto(part: i32, to: usize, stride: usize, prediction: i32, samples: i32): bool {
  const which = byteOf(tables, part);
  const first = tableOf(which >> 4), others = tableOf(4 + (which & 15)), quantization = quantizationOf(part);
  if (!readBlock(first, others, quantization, BLOCK, prediction)) return false;
  if (samples == 8) inverse(BLOCK, to, stride, onlyFirst);
  else inverseReduced(BLOCK, to, stride, onlyFirst, samples);
  return true;
}
