// zlib streams (RFC 1950 and 1951) into a buffer of a given size: what a stream has beyond that is not unpacked.

import {
  DISTANCE_BASE, DISTANCE_BITS, LENGTH_BASE, LENGTH_BITS, longSymbol, makeTable, maskOf, ORDER,
} from "./codes";

// A block with tables of its own costs a microsecond or two, even where it has but 9 bytes and unpacks to nothing. Encoders choose
// one only where it saves more bytes than the tables take: so many may come (a flush for each row), and one more for each 1024 bytes.
const MOST_TABLES: usize = 20000;

const LITERALS: usize = memory.data(2816, 16);
const DISTANCES: usize = memory.data(2816, 16);
const FIXED_LITERALS: usize = memory.data(2816, 16);
const FIXED_DISTANCES: usize = memory.data(2816, 16);
const LENGTHS: usize = memory.data(320, 16);
/** Damaged: no such code, or another checksum. */
const DAMAGED: i32 = 0;
/** The stream ends, and its checksum is right. */
const ENDED: i32 = 1;
/** The buffer is full, and more may follow. */
const FULL: i32 = 2;
/** The data end before the stream does. */
const CUT_OFF: i32 = 3;

/** Unread bits, the next one lowest, and their number; `padding` of them stand for data that are missing. */
let bits: u64 = 0;
let count: i32 = 0;
let padding: i32 = 0;
let at: usize = 0;
let stop: usize = 0;
let begin: usize = 0;
let out: usize = 0;
let outEnd: usize = 0;
/** Blocks with tables of their own that may still follow. */
let tablesLeft: usize = 0;
let fixedAreMade: bool = false;

/** Bytes that {@linkcode inflate} has written. */
export function inflated(): usize {
  return out - begin;
}

/** More than 55 unread bits. */
// @ts-ignore: decorator
@inline
function fill(): void {
  if (at + 8 <= stop) {
    bits |= load<u64>(at) << count;
    at += (63 - count) >> 3;
    count |= 56;
  } else fillSlowly();
}

function fillSlowly(): void {
  for (; count <= 56; count += 8) {
    if (at < stop) bits |= <u64>load<u8>(at++) << count;
    else padding += 8;
  }
}

// @ts-ignore: decorator
@inline
function take(size: i32): i32 {
  const value = <i32>bits & ((1 << size) - 1);
  bits >>= size;
  count -= size;
  return value;
}

/** Where more was read than there is. */
// @ts-ignore: decorator
@inline
function overrun(): bool {
  return count < padding;
}

// @ts-ignore: decorator
@inline
function cutOff(): i32 {
  return out == outEnd ? FULL : CUT_OFF;
}

/** The next symbol of a table of code lengths; below 0: there is no such code. */
function readSymbol(table: usize): i32 {
  let entry = <i32>load<u16>(table + (<usize>(bits & maskOf(table)) << 1));
  if (!entry) entry = longSymbol(bits, table);
  if (!entry) return -1;
  bits >>= entry & 15;
  count -= entry & 15;
  return entry >> 4;
}

/**
 * Unpacks a zlib stream into `to`, `capacity` bytes at the most; writes up to 8 bytes past it.
 *
 * @returns DAMAGED, ENDED, FULL or CUT_OFF.
 */
export function inflate(from: usize, size: usize, to: usize, capacity: usize): i32 {
  at = from;
  stop = from + size;
  begin = out = to;
  outEnd = to + capacity;
  bits = 0;
  count = padding = 0;
  tablesLeft = MOST_TABLES + (capacity >> 10);
  fill();
  const method = take(8), flags = take(8);
  if (overrun()) return CUT_OFF;
  // Deflate with a window of 32 KB at the most and no dictionary.
  if ((method & 15) != 8 || method >> 4 > 7 || (method << 8 | flags) % 31 || flags & 32) return DAMAGED;
  for (let isLast = 0; !isLast;) {
    fill();
    isLast = take(1);
    const kind = take(2);
    if (overrun()) return cutOff();
    let status = DAMAGED;
    if (kind == 0) status = copyStored();
    else if (kind == 1) {
      makeFixedTables();
      status = readCodes(FIXED_LITERALS, FIXED_DISTANCES);
    } else if (kind == 2) {
      status = readTables();
      if (status == ENDED) status = readCodes(LITERALS, DISTANCES);
    }
    if (status != ENDED) return status;
  }
  take(count & 7);
  fill();
  const sum = bswap<u32>(<u32>bits);
  count -= 32;
  if (overrun()) return cutOff();
  return sum == adler(begin, out) ? ENDED : DAMAGED;
}

function copyStored(): i32 {
  take(count & 7);
  fill();
  const length = take(16), check = take(16);
  if (overrun()) return cutOff();
  if (length != (check ^ 0xffff)) return DAMAGED;
  // Whole bytes that were read ahead go back; bits of missing data are none.
  at -= <usize>((count - padding) >> 3);
  bits = 0;
  count = padding = 0;
  const there = min(<usize>length, stop - at), room = outEnd - out, copied = min(there, room);
  memory.copy(out, at, copied);
  out += copied;
  at += copied;
  if (copied == <usize>length) return ENDED;
  return cutOff();
}

function makeFixedTables(): void {
  if (fixedAreMade) return;
  memory.fill(LENGTHS, 8, 144);
  memory.fill(LENGTHS + 144, 9, 112);
  memory.fill(LENGTHS + 256, 7, 24);
  memory.fill(LENGTHS + 280, 8, 8);
  makeTable(LENGTHS, 288, FIXED_LITERALS, false);
  memory.fill(LENGTHS, 5, 32);
  makeTable(LENGTHS, 32, FIXED_DISTANCES, false);
  fixedAreMade = true;
}

function readTables(): i32 {
  const literals = take(5) + 257, distances = take(5) + 1, orders = take(4) + 4;
  if (overrun()) return cutOff();
  if (literals > 286 || distances > 30 || !tablesLeft) return DAMAGED;
  tablesLeft--;
  memory.fill(LENGTHS, 0, 19);
  for (let i = 0; i < orders; i++) {
    fill();
    store<u8>(LENGTHS + <usize>load<u8>(ORDER + i), take(3));
  }
  if (overrun()) return cutOff();
  if (!makeTable(LENGTHS, 19, LITERALS, false)) return DAMAGED;
  for (let i = 0; i < literals + distances;) {
    fill();
    const symbol = readSymbol(LITERALS);
    if (symbol < 0) return overrun() ? cutOff() : DAMAGED;
    let length = symbol, times = 1;
    if (symbol > 15) {
      if (symbol == 16 && !i) return DAMAGED;
      length = symbol == 16 ? <i32>load<u8>(LENGTHS + i - 1) : 0;
      times = symbol == 16 ? 3 + take(2) : symbol == 17 ? 3 + take(3) : 11 + take(7);
    }
    if (overrun()) return cutOff();
    if (i + times > literals + distances) return DAMAGED;
    for (; times; times--) store<u8>(LENGTHS + i++, length);
  }
  // A block must be able to end.
  if (!load<u8>(LENGTHS + 256)) return DAMAGED;
  const isCode = makeTable(LENGTHS, literals, LITERALS, true) && makeTable(LENGTHS + literals, distances, DISTANCES, true);
  return isCode ? ENDED : DAMAGED;
}

/** Reads a block of codes; ENDED: it is read whole. */
function readCodes(literals: usize, distances: usize): i32 {
  // In locals, which are faster.
  let b = bits, n = count, to = out, status = ENDED;
  const mask = maskOf(literals), farMask = maskOf(distances);
  while (true) {
    if (n < 48) {
      if (at + 8 <= stop) {
        b |= load<u64>(at) << n;
        at += (63 - n) >> 3;
        n |= 56;
      } else {
        bits = b;
        count = n;
        fillSlowly();
        b = bits;
        n = count;
      }
    }
    let entry = <i32>load<u16>(literals + (<usize>(b & mask) << 1));
    if (!entry) entry = longSymbol(b, literals);
    b >>= entry & 15;
    n -= entry & 15;
    const symbol = entry >> 4;
    if (n < padding) {
      status = to == outEnd ? FULL : CUT_OFF;
      break;
    }
    if (symbol < 256) {
      if (entry && to < outEnd) {
        store<u8>(to++, symbol);
        continue;
      }
      status = entry ? FULL : DAMAGED;
      break;
    }
    if (symbol == 256) break;
    if (symbol > 285) {
      status = DAMAGED;
      break;
    }
    const further = load<u8>(LENGTH_BITS + symbol - 257);
    let length = <usize>load<u16>(LENGTH_BASE + (<usize>(symbol - 257) << 1)) + (<usize>b & ((1 << further) - 1));
    b >>= further;
    n -= further;
    let far = <i32>load<u16>(distances + (<usize>(b & farMask) << 1));
    if (!far) far = longSymbol(b, distances);
    b >>= far & 15;
    n -= far & 15;
    const kind = far >> 4, isKind = far && kind < 30;
    const bitsMore = isKind ? <i32>load<u8>(DISTANCE_BITS + kind) : 0;
    const distance = isKind ? <usize>load<u16>(DISTANCE_BASE + (<usize>kind << 1)) + (<usize>b & ((1 << bitsMore) - 1)) : 0;
    b >>= bitsMore;
    n -= bitsMore;
    if (n < padding) {
      status = to == outEnd ? FULL : CUT_OFF;
      break;
    }
    if (!isKind || distance > to - begin) {
      status = DAMAGED;
      break;
    }
    const room = outEnd - to, end = to + min(length, room);
    copyBack(to, distance, end);
    to = end;
    if (length > room) {
      status = FULL;
      break;
    }
  }
  bits = b;
  count = n;
  out = to;
  return status;
}

/** Repeats what was written before, up to `end`. */
// @ts-ignore: decorator
@inline
function copyBack(to: usize, distance: usize, end: usize): void {
  let from = to - distance;
  if (distance >= 8) {
    for (; to < end; to += 8, from += 8) store<u64>(to, load<u64>(from));
  } else if (distance == 1) memory.fill(to, load<u8>(from), end - to);
  else for (; to < end; to++, from++) store<u8>(to, load<u8>(from));
}

/** Checksum of RFC 1950. */
function adler(from: usize, to: usize): u32 {
  let a: u32 = 1, b: u32 = 0;
  while (from < to) {
    // As many as 32 bits can sum up.
    const end = min(to, from + 5552);
    for (; from < end; from++) {
      a += load<u8>(from);
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return b << 16 | a;
}
