// Ordinary JPEG files: baseline, 8 bits, grey or YCbCr in one scan, chroma whole, halved across or halved both ways.
// Pixels are libjpeg's, bit for bit, also at a half, a quarter or an eighth of the size. Any other file, and any that is not flawless, is told apart and left to the other
// decoder, which also decides what is damaged.

import { spread, sumRows, toRgb } from "./colour";
import { beginBits, endBits, level, makeTable, onlyFirst, overrun, readBlock, TABLE_BYTES } from "./huffman";
import { inverse } from "./idct";
import { inverseReduced } from "./reduced";

const TABLES: usize = memory.data(8 * 2464, 16);
const QUANTIZATION: usize = memory.data(4 * 128, 16);
const BLOCK: usize = memory.data(128, 16);
const WIDEST: i32 = 65535;

let rows: i32 = 0;
let columns: i32 = 0;
let parts: i32 = 0;
/** Samples of luma for one of chroma. */
let across: i32 = 1;
let down: i32 = 1;
/** Samples of a block of luma, and of one of chroma, along a side: 8, or fewer for a smaller picture. */
let side: i32 = 8;
let chromaSide: i32 = 8;
let restart: i32 = 0;
let scan: usize = 0;
let stop: usize = 0;
/** Which tables are there, by bit. */
let known: i32 = 0;
let knownQuantization: i32 = 0;
/** Of three components, a byte each: number, quantization, tables. */
let ids: i32 = 0;
let quantizations: i32 = 0;
let tables: i32 = 0;

/** Rows of the picture as {@linkcode decode} writes it. */
export function height(): i32 {
  return (rows * side + 7) >> 3;
}
/** Columns of it. */
export function width(): i32 {
  return (columns * side + 7) >> 3;
}
/** 1 = grey, 3 = colour. */
export function components(): i32 {
  return parts;
}

// @ts-ignore: decorator
@inline
function byteOf(three: i32, index: i32): i32 {
  return (three >> (index << 3)) & 255;
}

// @ts-ignore: decorator
@inline
function word(at: usize): i32 {
  return <i32>bswap<u16>(load<u16>(at));
}

/**
 * Reads all up to the scan.
 *
 * @param halvings How often height and width are to be halved, 0 to 3; files of chroma halved across only: 2 at most.
 * @returns whether it is a file for {@linkcode decode}.
 */
export function parse(file: usize, size: i32, halvings: i32): bool {
  if (!readHead(file, size)) return false;
  const uneven = across != down;
  side = 8 >> (uneven ? min(2, halvings) : halvings);
  // As libjpeg: chroma of half the size is halved once less, where that does for both directions.
  chromaSide = across == 2 && !uneven ? min(8, 2 * side) : side;
  // libjpeg does not spread the finer way what is narrower.
  return across == chromaSide / side || ((width() + 1) >> 1) > 2;
}

function readHead(file: usize, size: i32): bool {
  let at = file + 2;
  const end = file + <usize>size;
  known = knownQuantization = restart = parts = 0;
  let jfif = false;
  while (at + 4 <= end) {
    if (load<u8>(at) != 0xff) return false;
    const marker = <i32>load<u8>(at + 1);
    if (marker == 0xff) {
      at++;
      continue;
    }
    const body = at + 4, next = at + 2 + <usize>word(at + 2);
    if (next < body || next > end) return false;
    if (marker == 0xc0 || marker == 0xc1) {
      if (parts || !readFrame(body, next)) return false;
    } else if (marker == 0xc4) {
      if (!readTables(body, next)) return false;
    } else if (marker == 0xdb) {
      if (!readQuantization(body, next)) return false;
    } else if (marker == 0xdd) {
      if (next - body != 2) return false;
      restart = word(body);
    } else if (marker == 0xda) {
      scan = next;
      stop = end;
      // Without JFIF's or Adobe's word, components called R, G, B are no YCbCr.
      return readScan(body, next) && (parts == 1 || jfif || ids == 0x030201);
    } else if (marker == 0xe0) {
      if (next - body >= 14 && load<u32>(body) == 0x4649464a) jfif = true;
    } else if (marker == 0xee) {
      // Adobe's: transform 1 is YCbCr.
      if (next - body >= 12 && load<u32>(body) == 0x626f6441 && load<u8>(body + 11) != 1) return false;
    } else if (marker < 0xe0 || marker > 0xfe || (marker > 0xef && marker < 0xfe)) return false;
    at = next;
  }
  return false;
}

function readFrame(body: usize, next: usize): bool {
  if (next - body < 6 || load<u8>(body) != 8) return false;
  rows = word(body + 1);
  columns = word(body + 3);
  parts = <i32>load<u8>(body + 5);
  if (!rows || !columns || (parts != 1 && parts != 3) || next - body != <usize>(6 + 3 * parts)) return false;
  across = down = 1;
  ids = quantizations = 0;
  for (let i = 0; i < parts; i++) {
    const at = body + 6 + <usize>(3 * i);
    const sampling = <i32>load<u8>(at + 1), quantization = <i32>load<u8>(at + 2);
    if (quantization > 3) return false;
    ids |= <i32>load<u8>(at) << (i << 3);
    quantizations |= quantization << (i << 3);
    if (parts == 1) {
      if (sampling != 0x11) return false;
    } else if (i > 0) {
      if (sampling != 0x11) return false;
    } else {
      across = sampling >> 4;
      down = sampling & 15;
      if (sampling != 0x11 && sampling != 0x21 && sampling != 0x22) return false;
    }
  }
  return true;
}

function readTables(body: usize, next: usize): bool {
  while (body < next) {
    const which = <i32>load<u8>(body);
    const index = (which >> 4) * 4 + (which & 15);
    if (which > 0x13 || (which & 15) > 3 || body + 17 > next) return false;
    body = makeTable(body + 1, next, TABLES + <usize>index * TABLE_BYTES);
    if (!body) return false;
    known |= 1 << index;
  }
  return body == next;
}

function readQuantization(body: usize, next: usize): bool {
  while (body < next) {
    const which = <i32>load<u8>(body++);
    if (which > 3 || body + 64 > next) return false;
    for (let i: usize = 0; i < 64; i++) {
      const value = load<u8>(body + i);
      if (!value) return false;
      store<u16>(QUANTIZATION + (<usize>which << 7) + (i << 1), value);
    }
    knownQuantization |= 1 << which;
    body += 64;
  }
  return body == next;
}

function readScan(body: usize, next: usize): bool {
  if (!parts || next - body != <usize>(4 + 2 * parts) || <i32>load<u8>(body) != parts) return false;
  tables = 0;
  for (let i = 0; i < parts; i++) {
    const at = body + 1 + <usize>(2 * i);
    const which = <i32>load<u8>(at + 1);
    if (<i32>load<u8>(at) != byteOf(ids, i) || (which & 15) > 3 || which >> 4 > 3) return false;
    if (!(known >> (which >> 4) & 1) || !(known >> (4 + (which & 15)) & 1)) return false;
    if (!(knownQuantization >> byteOf(quantizations, i) & 1)) return false;
    tables |= which << (i << 3);
  }
  const at = body + 1 + <usize>(2 * parts);
  return load<u8>(at) == 0 && load<u8>(at + 1) == 63 && load<u8>(at + 2) == 0;
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

/** Decodes what {@linkcode parse} has read; writes up to 48 bytes past the picture. @returns whether it is flawless. */
export function decode(planes: usize, to: usize): bool {
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
  const first = TABLES + <usize>(which >> 4) * TABLE_BYTES, others = TABLES + <usize>(4 + (which & 15)) * TABLE_BYTES;
  const quantization = QUANTIZATION + (<usize>byteOf(quantizations, part) << 7);
  if (!readBlock(first, others, quantization, BLOCK, prediction)) return false;
  if (samples == 8) inverse(BLOCK, to, stride, onlyFirst);
  else inverseReduced(BLOCK, to, stride, onlyFirst, samples);
  return true;
}
