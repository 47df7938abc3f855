// Tables of the prefix codes of deflate (RFC 1951, 3.2.2).

/** Bits of a code that are looked up at once. */
export const FAST_BITS: i32 = 10;
const MOST_BITS: i32 = 15;
// A table: up to 2^10 words (symbol << 4 | length; 0 = a longer code or none), then by length the first code, the number of codes
// and the place of their symbols, then the symbols: 2816 bytes in all.
const FIRST: usize = 2 << FAST_BITS;
const COUNT: usize = FIRST + 64;
const INDEX: usize = COUNT + 64;
const SYMBOLS: usize = INDEX + 64;

/** Order of the code lengths' own lengths (RFC 1951, 3.2.7). */
export const ORDER: usize = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);
/** Lengths and distances of symbols, and their further bits (RFC 1951, 3.2.5). */
export const LENGTH_BASE: usize = memory.data<u16>([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
]);
export const LENGTH_BITS: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
]);
export const DISTANCE_BASE: usize = memory.data<u16>([
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193,
  12289, 16385, 24577,
]);
export const DISTANCE_BITS: usize = memory.data<u8>([
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
]);

/** Makes a table of the code lengths of symbols. @returns whether they are those of a code (as zlib decides it). */
export function makeTable(lengths: usize, symbols: i32, table: usize, mayBeIncomplete: bool): bool {
  memory.fill(table + FIRST, 0, SYMBOLS - FIRST);
  for (let symbol = 0; symbol < symbols; symbol++) {
    const length = <usize>load<u8>(lengths + symbol) << 2;
    store<i32>(table + COUNT + length, load<i32>(table + COUNT + length) + 1);
  }
  store<i32>(table + COUNT, 0);
  let code = 0, index = 0, left = 1, most = 0;
  for (let length = 1; length <= MOST_BITS; length++) {
    const place = <usize>length << 2, codes = load<i32>(table + COUNT + place);
    code <<= 1;
    left = (left << 1) - codes;
    if (left < 0) return false;
    store<i32>(table + FIRST + place, code);
    store<i32>(table + INDEX + place, index);
    code += codes;
    index += codes;
    if (codes) most = length;
  }
  // One code of one bit, or none at all, may leave others unused.
  if (left > 0 && most && !(mayBeIncomplete && most == 1)) return false;
  for (let symbol = 0; symbol < symbols; symbol++) {
    const length = <i32>load<u8>(lengths + symbol), place = <usize>length << 2;
    if (!length) continue;
    const next = load<i32>(table + INDEX + place);
    store<i32>(table + INDEX + place, next + 1);
    store<u16>(table + SYMBOLS + (<usize>next << 1), <u16>symbol);
  }
  // Places of the first symbols again, and what can be looked up at once: no more bits than there are in codes, since a block of
  // few bytes has few codes and must cost little.
  const fast = min(FAST_BITS, most);
  memory.fill(table, 0, 2 << fast);
  store<i32>(table + FIRST, (1 << fast) - 1);
  index = 0;
  for (let length = 1; length <= MOST_BITS; length++) {
    const place = <usize>length << 2, codes = load<i32>(table + COUNT + place);
    store<i32>(table + INDEX + place, index);
    if (length <= fast) {
      let next = load<i32>(table + FIRST + place);
      for (let i = index; i < index + codes; i++, next++) {
        const entry = <u16>(<i32>load<u16>(table + SYMBOLS + (<usize>i << 1)) << 4 | length);
        for (let j = reversed(next, length); j < 1 << fast; j += 1 << length) {
          store<u16>(table + (<usize>j << 1), entry);
        }
      }
    }
    index += codes;
  }
  return true;
}

function reversed(code: i32, length: i32): i32 {
  let turned = 0;
  for (let i = 0; i < length; i++, code >>= 1) turned = turned << 1 | (code & 1);
  return turned;
}

/** Which bits are looked up at once. */
// @ts-ignore: decorator
@inline
export function maskOf(table: usize): u64 {
  return <u64>load<u32>(table + FIRST);
}

/** The symbol that begins in some bits, << 4 | its length; 0: there is none. */
export function longSymbol(bits: u64, table: usize): i32 {
  let code = 0;
  for (let length = 1; length <= MOST_BITS; length++) {
    code = code << 1 | (<i32>(bits >> (length - 1)) & 1);
    const place = <usize>length << 2, index = code - load<i32>(table + FIRST + place);
    if (index >= 0 && index < load<i32>(table + COUNT + place)) {
      const symbol = <i32>load<u16>(table + SYMBOLS + (<usize>(load<i32>(table + INDEX + place) + index) << 1));
      return symbol << 4 | length;
    }
  }
  return 0;
}
