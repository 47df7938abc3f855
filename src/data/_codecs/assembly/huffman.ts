// Huffman codes of a JPEG scan: the tables, the bits, and the coefficients of a block of an ordinary file. Whatever is not
// as it should be ends with `false`.

const FAST_BITS: i32 = 10;
// A table: 2^10 words (length << 8 | symbol; 0 = a longer code), then by length the last code and what leads from a
// code to its symbol, then the symbols.
const LAST: usize = 2 << FAST_BITS;
const OFFSET: usize = LAST + 80;
const SYMBOLS: usize = OFFSET + 80;
export const TABLE_BYTES: usize = SYMBOLS + 256;

export const ZIGZAG: usize = memory.data<u8>([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55,
  62, 63,
]);

/** Makes a table of 16 counts and the symbols behind them; `end` is where the segment ends. 0 = not possible. */
export function makeTable(counts: usize, end: usize, table: usize): usize {
  let symbol = counts + 16, code = 0, index = 0;
  memory.fill(table, 0, TABLE_BYTES);
  for (let length = 1; length <= 16; length++) {
    const count = <i32>load<u8>(counts + length - 1);
    store<i32>(table + OFFSET + (length << 2), index - code);
    for (let i = 0; i < count; i++, code++, index++, symbol++) {
      if (symbol >= end || index > 255 || code >= 1 << length) return 0;
      const value = load<u8>(symbol);
      store<u8>(table + SYMBOLS + index, value);
      if (length <= FAST_BITS) {
        const spare = FAST_BITS - length;
        for (let j = 0; j < 1 << spare; j++) {
          store<u16>(table + (<usize>((code << spare) + j) << 1), <u16>(length << 8 | <i32>value));
        }
      }
    }
    store<i32>(table + LAST + (length << 2), count ? code - 1 : -1);
    code <<= 1;
  }
  return symbol;
}

/** Unread bits, the next one highest, and their number; `padding` of them stand for data that are missing. */
let bits: u64 = 0;
let count: i32 = 0;
let padding: i32 = 0;
let at: usize = 0;
let stop: usize = 0;

/** Begins to read at `start`. */
export function beginBits(start: usize, end: usize): void {
  bits = 0;
  count = 0;
  padding = 0;
  at = start;
  stop = end;
}

/** More than 32 unread bits, by four bytes where none of them is 0xff. */
function fill(): void {
  const word = load<u32>(at), not = ~word;
  if (at + 4 <= stop && !((not - 0x01010101) & ~not & 0x80808080)) {
    bits |= <u64>bswap<u32>(word) << (32 - count);
    count += 32;
    at += 4;
  } else bits = fillSlowly(bits, count);
}

/** The next symbol by a table; below 0: there is no such code. Then 16 bits are there without filling. */
// @ts-ignore: decorator
@inline
export function readSymbol(table: usize): i32 {
  if (count < 32) fill();
  let entry = <i32>load<u16>(table + (<usize>(bits >> (64 - FAST_BITS)) << 1));
  if (!entry) entry = longCode(bits, table);
  if (!entry) return -1;
  const length = entry >> 8;
  bits <<= length;
  count -= length;
  return entry & 255;
}

/** The next bits as a number, 1 to 16 of them. */
// @ts-ignore: decorator
@inline
export function readBits(size: i32): i32 {
  if (count < size) fill();
  const value = <i32>(bits >> (64 - size));
  bits <<= size;
  count -= size;
  return value;
}

/** A number of so many bits, the first of which says that it is not below 0. */
// @ts-ignore: decorator
@inline
export function readSigned(size: i32): i32 {
  if (!size) return 0;
  const value = readBits(size);
  return value >> (size - 1) ? value : value + 1 - (1 << size);
}

/** The place of the next marker, whatever stands before it; the end if there is none. */
export function nextMarker(): usize {
  for (; at + 1 < stop; at++) {
    if (load<u8>(at) != 0xff) continue;
    const marker = load<u8>(at + 1);
    if (marker != 0 && marker != 0xff) return at;
  }
  return stop;
}

/** The place of the marker behind data that were read to the end; 0 = there are more, or too few were there. */
export function endBits(): usize {
  const left = count - padding;
  if (left < 0 || left > 7) return 0;
  if (at + 1 >= stop || load<u8>(at) != 0xff) return 0;
  while (at + 1 < stop && load<u8>(at + 1) == 0xff) at++;
  return at;
}

/** Whether more was read than there is. */
export function overrun(): bool {
  return count < padding;
}

/** Fills up to more than 56 bits, byte by byte: where a 0xff may stand, or the end. */
function fillSlowly(b: u64, n: i32): u64 {
  let from = at;
  while (n <= 56) {
    let byte: u64 = 0;
    if (from < stop && load<u8>(from) != 0xff) byte = load<u8>(from++);
    else if (from + 1 < stop && load<u8>(from + 1) == 0) {
      byte = 0xff;
      from += 2;
    } else padding += 8;
    b |= byte << (56 - n);
    n += 8;
  }
  at = from;
  count = n;
  return b;
}

/** Code at the front of `b`: length << 8 | symbol, 0 = none such. */
function longCode(b: u64, table: usize): i32 {
  for (let length = FAST_BITS + 1; length <= 16; length++) {
    const code = <i32>(b >> (64 - length));
    if (code <= load<i32>(table + LAST + (length << 2))) {
      const index = code + load<i32>(table + OFFSET + (length << 2));
      return length << 8 | <i32>load<u8>(table + SYMBOLS + (index & 255));
    }
  }
  return 0;
}

/** Prediction of the next first coefficient. */
export let level: i32 = 0;
/** Whether the last block had no coefficient but the first. */
export let onlyFirst: bool = false;

/** Reads a block; coefficients go to `block`, which is all 0, multiplied by `quantization` (zigzag, 16 bits). */
export function readBlock(
  first: usize, others: usize, quantization: usize, block: usize, prediction: i32,
): bool {
  let b = bits, n = count;
  let table = first;
  let k = 0;
  onlyFirst = true;
  while (k < 64) {
    if (n < 32) {
      const word = load<u32>(at), not = ~word;
      // No byte is 0xff: none of `not` is 0.
      if (at + 4 <= stop && !((not - 0x01010101) & ~not & 0x80808080)) {
        b |= <u64>bswap<u32>(word) << (32 - n);
        n += 32;
        at += 4;
      } else {
        b = fillSlowly(b, n);
        n = count;
      }
    }
    let entry = <i32>load<u16>(table + (<usize>(b >> (64 - FAST_BITS)) << 1));
    if (!entry) entry = longCode(b, table);
    if (!entry) return false;
    const length = entry >> 8;
    b <<= length;
    n -= length;
    const size = entry & (k ? 15 : 255);
    if (k) {
      const run = (entry & 255) >> 4;
      if (!size) {
        if (run == 0) break;
        if (run != 15) return false;
        k += 16;
        if (k > 63) return false;
        continue;
      }
      k += run;
      if (k > 63 || size > 10) return false;
    } else if (size > 11) return false;
    let value = 0;
    if (size) {
      const raw = <i32>(b >> (64 - size));
      // A leading 0 says that it is below 0.
      value = raw + (<i32>(<i64>b >> 63) + 1) * (1 - (1 << size));
      b <<= size;
      n -= size;
    }
    if (k) onlyFirst = false;
    else {
      value += prediction;
      level = value;
      table = others;
    }
    store<i16>(block + (<usize>load<u8>(ZIGZAG + k) << 1), <i16>(value * <i32>load<u16>(quantization + (<usize>k << 1))));
    k++;
  }
  bits = b;
  count = n;
  return true;
}
