// Rows of a PNG file: filters undone, samples of any kind brought to RGB of 8 bits, transparent ones over white.

/** How rows are to be read, set before {@linkcode expand}. */
let depth: i32 = 8;
let samples: i32 = 1;
/** Colours of a palette, 3 bytes each, 256 of them; 0 = none. */
let palette: usize = 0;
/** Samples of the one colour that is transparent, 16 bits each; below 0: none is. */
let clear0: i32 = -1;
let clear1: i32 = -1;
let clear2: i32 = -1;

/** Says what rows hold: bits of a sample, samples of a pixel (1 = grey or of a palette, 2 and 4 with alpha). */
export function setRows(bits: i32, perPixel: i32, colours: usize, grey: i32, green: i32, blue: i32): void {
  depth = bits;
  samples = perPixel;
  palette = colours;
  clear0 = grey;
  clear1 = green;
  clear2 = blue;
}

/** Whether each row begins with a filter that there is. */
export function filtersAreKnown(rows: usize, count: i32, rowBytes: usize): bool {
  for (let y = 0; y < count; y++, rows += rowBytes + 1) {
    if (load<u8>(rows) > 4) return false;
  }
  return true;
}

/** Undoes the filters of rows (PNG specification, 9.2), each behind the byte that names its filter, in place. */
export function unfilter(rows: usize, count: i32, rowBytes: usize, pixelBytes: usize): void {
  for (let y = 0; y < count; y++) {
    const filter = load<u8>(rows++), above = y ? rows - rowBytes - 1 : 0, end = rows + rowBytes;
    if (filter == 1) fromLeft(rows, end, pixelBytes);
    else if (filter == 2) {
      if (above) fromAbove(rows, above, end);
    } else if (filter == 3) fromMean(rows, above, end, pixelBytes);
    else if (filter == 4) {
      // In the first row it is the same.
      if (above) fromPaeth(rows, above, end, pixelBytes);
      else fromLeft(rows, end, pixelBytes);
    }
    rows = end;
  }
}

function fromLeft(row: usize, end: usize, step: usize): void {
  for (let at = row + step; at < end; at++) store<u8>(at, load<u8>(at) + load<u8>(at - step));
}

function fromAbove(row: usize, above: usize, end: usize): void {
  for (; row + 16 <= end; row += 16, above += 16) v128.store(row, i8x16.add(v128.load(row), v128.load(above)));
  for (; row < end; row++, above++) store<u8>(row, load<u8>(row) + load<u8>(above));
}

function fromMean(row: usize, above: usize, end: usize, step: usize): void {
  const first = min(end, row + step);
  for (let at = row; at < end; at++) {
    const left = at < first ? 0 : <i32>load<u8>(at - step), up = above ? <i32>load<u8>(above++) : 0;
    store<u8>(at, load<u8>(at) + <u8>((left + up) >> 1));
  }
}

function fromPaeth(row: usize, above: usize, end: usize, step: usize): void {
  const first = min(end, row + step);
  let at = row;
  for (; at < first; at++, above++) store<u8>(at, load<u8>(at) + load<u8>(above));
  if (step == 3 || step == 4) {
    // A pixel at a time.
    let left = i16x8.extend_low_i8x16_u(v128.load32_zero(at - step));
    let corner = i16x8.extend_low_i8x16_u(v128.load32_zero(above - step));
    for (; at + 4 <= end; at += step, above += step) {
      const up = i16x8.extend_low_i8x16_u(v128.load32_zero(above));
      const a = i16x8.sub(up, corner), b = i16x8.sub(left, corner);
      const toLeft = i16x8.abs(a), toUp = i16x8.abs(b), toCorner = i16x8.abs(i16x8.add(a, b));
      const upOrCorner = v128.bitselect(up, corner, i16x8.le_s(toUp, toCorner));
      const isLeft = v128.and(i16x8.le_s(toLeft, toUp), i16x8.le_s(toLeft, toCorner));
      const nearest = v128.bitselect(left, upOrCorner, isLeft);
      const own = v128.load32_zero(at);
      const sum = i8x16.add(own, i8x16.narrow_i16x8_u(nearest, nearest));
      store<u8>(at, <u8>i8x16.extract_lane_u(sum, 0));
      store<u8>(at, <u8>i8x16.extract_lane_u(sum, 1), 1);
      store<u8>(at, <u8>i8x16.extract_lane_u(sum, 2), 2);
      if (step == 4) store<u8>(at, <u8>i8x16.extract_lane_u(sum, 3), 3);
      left = i16x8.extend_low_i8x16_u(sum);
      corner = up;
    }
  }
  for (; at < end; at++, above++) {
    const left = <i32>load<u8>(at - step), up = <i32>load<u8>(above), corner = <i32>load<u8>(above - step);
    const toLeft = abs(up - corner), toUp = abs(left - corner), toCorner = abs(left + up - 2 * corner);
    const nearest = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    store<u8>(at, <i32>load<u8>(at) + nearest);
  }
}

/**
 * Brings rows without filters to RGB: each `across`-th pixel of each `down`-th row of the image, from the given address on.
 * May be done in place where pixels have 3 bytes or more and `across` and `down` are 1.
 */
export function expand(
  rows: usize, width: i32, height: i32, rowBytes: usize, to: usize, stride: usize, across: usize, down: usize,
): void {
  const step = 3 * across, stepDown = stride * down;
  const isPlain = samples == 3 && depth == 8 && across == 1 && clear0 < 0;
  for (let y = 0; y < height; y++, to += stepDown, rows += rowBytes) {
    rows++;
    if (isPlain) memory.copy(to, rows, rowBytes);
    else if (samples == 1) expandOne(rows, width, to, step);
    else if (depth == 8) expandBytes(rows, width, to, step);
    else expandWords(rows, width, to, step);
  }
}

/** One sample of 1 to 16 bits: grey, or a colour of the palette. */
function expandOne(from: usize, width: i32, to: usize, step: usize): void {
  const isWide = depth == 16, mask = (1 << depth) - 1, scale = isWide ? 1 : 255 / mask;
  for (let x = 0; x < width; x++, to += step) {
    let value: i32;
    if (isWide) value = <i32>bswap<u16>(load<u16>(from + (<usize>x << 1)));
    else {
      const bit = x * depth;
      value = (<i32>load<u8>(from + (<usize>bit >> 3)) >> (8 - depth - (bit & 7))) & mask;
    }
    if (palette) {
      const colour = palette + <usize>(3 * value);
      put(to, load<u8>(colour), load<u8>(colour, 1), load<u8>(colour, 2));
    } else {
      const grey = value == clear0 ? 255 : isWide ? value >> 8 : value * scale;
      put(to, grey, grey, grey);
    }
  }
}

/** Two to four samples of 8 bits. */
function expandBytes(from: usize, width: i32, to: usize, step: usize): void {
  for (let x = 0; x < width; x++, from += samples, to += step) {
    const first = <i32>load<u8>(from);
    if (samples == 2) {
      const grey = overWhite(first, load<u8>(from, 1));
      put(to, grey, grey, grey);
      continue;
    }
    const second = <i32>load<u8>(from, 1), third = <i32>load<u8>(from, 2);
    if (samples == 3) putOpaque(to, first, second, third, 0);
    else {
      const alpha = <i32>load<u8>(from, 3);
      put(to, overWhite(first, alpha), overWhite(second, alpha), overWhite(third, alpha));
    }
  }
}

/** Two to four samples of 16 bits, of which the higher 8 are taken. */
function expandWords(from: usize, width: i32, to: usize, step: usize): void {
  for (let x = 0; x < width; x++, from += 2 * samples, to += step) {
    const first = <i32>load<u8>(from), second = <i32>load<u8>(from, 2);
    if (samples == 2) {
      const grey = overWhite(first, second);
      put(to, grey, grey, grey);
      continue;
    }
    const third = <i32>load<u8>(from, 4);
    if (samples == 3) {
      const a = first << 8 | <i32>load<u8>(from, 1), b = second << 8 | <i32>load<u8>(from, 3);
      putOpaque(to, a, b, third << 8 | <i32>load<u8>(from, 5), 8);
    } else {
      const alpha = <i32>load<u8>(from, 6);
      put(to, overWhite(first, alpha), overWhite(second, alpha), overWhite(third, alpha));
    }
  }
}

// @ts-ignore: decorator
@inline
function putOpaque(to: usize, red: i32, green: i32, blue: i32, shift: i32): void {
  if (red == clear0 && green == clear1 && blue == clear2) put(to, 255, 255, 255);
  else put(to, red >> shift, green >> shift, blue >> shift);
}

// @ts-ignore: decorator
@inline
function put(to: usize, red: i32, green: i32, blue: i32): void {
  store<u8>(to, red);
  store<u8>(to, green, 1);
  store<u8>(to, blue, 2);
}

/** A sample of straight alpha as on white paper, rounded as PIL's `paste` does. */
// @ts-ignore: decorator
@inline
function overWhite(value: i32, alpha: i32): i32 {
  const sum = value * alpha + 255 * (255 - alpha) + 128;
  return (sum + (sum >> 8)) >> 8;
}
