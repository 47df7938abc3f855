// Scans of any JPEG file, sequential and progressive (ITU T.81, F.2 and G.2), into coefficients that are all held. What
// libjpeg reads without a warning is read as it reads it; what is damaged ends with 0.

import {
  acrossOf, blocksAcross, blocksDown, coefficientsOf, columns, downOf, masksOf, mostAcross, mostDown, rows, strideOf, tableOf,
} from "./frame";
import { beginBits, nextMarker, overrun, readBits, readSigned, readSymbol } from "./huffman";

const PREDICTIONS: usize = memory.data(4 * 4, 16);

/** Blocks that come, all of whose coefficients of this scan are 0 (or stay so). */
let run: i32 = 0;
/** Of the scan: first and last coefficient, bits known before and left out. */
let first: i32 = 0;
let last: i32 = 63;
let before: i32 = 0;
let left: i32 = 0;
let dcTable: usize = 0;
let acTable: usize = 0;

const SEQUENTIAL: i32 = 0;
const DC_FIRST: i32 = 1;
const DC_REFINE: i32 = 2;
const AC_FIRST: i32 = 3;
const AC_REFINE: i32 = 4;

/**
 * Reads a scan.
 *
 * @param which Its components, a byte each.
 * @param tables Of each of them, a byte: the tables of first and of other coefficients, four bits each.
 * @param band First and last coefficient, a byte each; -1: all, of a sequential file.
 * @param approximation Bits known before and left out, a byte each.
 * @returns the place of the next marker, or the end of the file; 0 = damaged.
 */
export function readScan(
  from: usize, end: usize, count: i32, which: i32, tables: i32, band: i32, approximation: i32, restart: i32,
): usize {
  first = band & 255;
  last = (band >> 8) & 255;
  before = approximation & 255;
  left = (approximation >> 8) & 255;
  const mode = band < 0 ? SEQUENTIAL : first ? (before ? AC_REFINE : AC_FIRST) : before ? DC_REFINE : DC_FIRST;
  const alone = count == 1, only = which & 255;
  const across = alone ? blocksAcross(only) : (columns + 8 * mostAcross - 1) / (8 * mostAcross);
  const down = alone ? blocksDown(only) : (rows + 8 * mostDown - 1) / (8 * mostDown);
  let until = restart, number = 0;
  beginBits(from, end);
  begin();
  if (alone) setTables(tables);
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      if (restart && !until) {
        if (overrun()) return 0;
        const marker = nextMarker();
        if (marker == end || <i32>load<u8>(marker + 1) != 0xd0 + (number & 7)) return 0;
        number++;
        beginBits(marker + 2, end);
        begin();
        until = restart;
      }
      until--;
      if (alone) {
        if (!readBlock(mode, only, y * strideOf(only) + x)) return 0;
        if (run && mode == AC_FIRST) {
          // Nothing is read for these.
          let skipped = min(run, across - 1 - x);
          if (restart) skipped = min(skipped, until);
          x += skipped;
          until -= skipped;
          run -= skipped;
        }
        continue;
      }
      for (let i = 0; i < count; i++) {
        const part = (which >> (i << 3)) & 255, wide = acrossOf(part), high = downOf(part);
        setTables(tables >> (i << 3));
        for (let v = 0; v < high; v++) {
          for (let h = 0; h < wide; h++) {
            if (!readBlock(mode, part, (y * high + v) * strideOf(part) + x * wide + h)) return 0;
          }
        }
      }
    }
    if (overrun()) return 0;
  }
  return nextMarker();
}

function begin(): void {
  run = 0;
  memory.fill(PREDICTIONS, 0, 16);
}

// @ts-ignore: decorator
@inline
function setTables(tables: i32): void {
  dcTable = tableOf((tables >> 4) & 3);
  acTable = tableOf(4 + (tables & 3));
}

// @ts-ignore: decorator
@inline
function readBlock(mode: i32, part: i32, index: i32): bool {
  const block = coefficientsOf(part) + (<usize>index << 7), mask = masksOf(part) + (<usize>index << 3);
  if (mode == SEQUENTIAL) return readDc(part, block) && readSequential(block, mask);
  if (mode == AC_FIRST) return readFirst(block, mask);
  if (mode == AC_REFINE) return refine(block, mask);
  if (mode == DC_FIRST) return readDc(part, block);
  if (readBits(1)) store<i16>(block, <i16>(<i32>load<i16>(block) | 1 << left));
  return true;
}

/** The first coefficient, as the difference from that of the block before. */
function readDc(part: i32, block: usize): bool {
  const size = readSymbol(dcTable);
  if (size < 0 || size > 15) return false;
  const prediction = PREDICTIONS + (<usize>part << 2);
  const value = load<i32>(prediction) + readSigned(size);
  store<i32>(prediction, value);
  store<i16>(block, <i16>(value << left));
  return true;
}

function readSequential(block: usize, mask: usize): bool {
  let found = load<u64>(mask);
  for (let k = 1; k < 64; k++) {
    const symbol = readSymbol(acTable);
    if (symbol < 0) return false;
    const zeros = symbol >> 4, size = symbol & 15;
    k += zeros;
    if (!size) {
      if (zeros != 15) break;
      continue;
    }
    if (k > 63) return false;
    store<i16>(block + (<usize>k << 1), <i16>readSigned(size));
    found |= <u64>1 << k;
  }
  store<u64>(mask, found);
  return true;
}

/** Coefficients that were 0 until now. */
function readFirst(block: usize, mask: usize): bool {
  if (run) {
    run--;
    return true;
  }
  let found = load<u64>(mask);
  for (let k = first; k <= last; k++) {
    const symbol = readSymbol(acTable);
    if (symbol < 0) return false;
    const zeros = symbol >> 4, size = symbol & 15;
    if (!size && zeros != 15) {
      run = (1 << zeros) - 1 + (zeros ? readBits(zeros) : 0);
      break;
    }
    k += zeros;
    if (!size) continue;
    if (k > 63) return false;
    store<i16>(block + (<usize>k << 1), <i16>(readSigned(size) << left));
    found |= <u64>1 << k;
  }
  store<u64>(mask, found);
  return true;
}

/** One more bit of a coefficient that is not 0. */
// @ts-ignore: decorator
@inline
function correct(coefficient: usize): void {
  if (!readBits(1)) return;
  const value = <i32>load<i16>(coefficient), bit = 1 << left;
  if (!(value & bit)) store<i16>(coefficient, <i16>(value < 0 ? value - bit : value + bit));
}

/** One more bit of those that are not 0, and those that become 1 or -1 by it. */
function refine(block: usize, mask: usize): bool {
  let found = load<u64>(mask), k = first;
  if (!run) {
    for (; k <= last; k++) {
      const symbol = readSymbol(acTable);
      if (symbol < 0) return false;
      let zeros = symbol >> 4;
      let value = 0;
      if (symbol & 15) value = readBits(1) ? 1 << left : -1 << left;
      else if (zeros != 15) {
        run = 1 << zeros;
        if (zeros) run += readBits(zeros);
        break;
      }
      for (; k <= last; k++) {
        if (found >> k & 1) correct(block + (<usize>k << 1));
        else if (--zeros < 0) break;
      }
      if (!value) continue;
      if (k > 63) return false;
      store<i16>(block + (<usize>k << 1), <i16>value);
      found |= <u64>1 << k;
    }
    store<u64>(mask, found);
  }
  if (run) {
    // Only what is not 0 is visited, and for each of these a bit is read: time follows from the file's size.
    if (k <= last) {
      let rest = found >> k << k;
      if (last < 63) rest &= (<u64>1 << (last + 1)) - 1;
      for (; rest; rest &= rest - 1) correct(block + (<usize>ctz(rest) << 1));
    }
    run--;
  }
  return true;
}
