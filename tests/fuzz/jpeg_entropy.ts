/** Blocks of coefficients as the entropy-coded data of JPEG scans (ITU T.81, annexes F and G). @module */
import type { Dice } from "./dice.ts";

/** The coefficients of one component, 64 a block in zigzag order. */
export interface Plane {
  /** Blocks side by side, made up to whole units. */
  readonly across: number;
  /** Blocks that an image of this size has without that: what a scan of this component alone holds. */
  readonly own: readonly [across: number, down: number];
  /** Sampling factors. */
  readonly factors: readonly [across: number, down: number];
  /** Rows of blocks. */
  readonly blocks: readonly Int16Array[];
}

/** What a scan says of itself. */
export interface ScanHeader {
  /** Indices of its components. */
  readonly parts: readonly number[];
  /** First and last coefficient. */
  readonly from: number;
  readonly to: number;
  /** Bits that were sent before, and that this scan leaves out: Ah and Al. */
  readonly before: number;
  readonly after: number;
  /** Whether it is one of a progressive file. */
  readonly progressive: boolean;
  /** Units between restarts; 0 = none. */
  readonly restart: number;
}

/** A Huffman table: how many codes there are of each length, 1 to 16, and their symbols in order. */
export interface CodeTable {
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
}

/** A table in which every symbol has a code: short ones alike, or seven short ones and the rest of 16 bits. */
export function codeTable(dice: Dice, symbols: number): CodeTable {
  const order = Array.from({ length: symbols }, (_, i) => i);
  const counts = Array<number>(16).fill(0);
  if (dice.chance(0.6)) {
    counts[Math.ceil(Math.log2(symbols + 1)) - 1] = symbols;
    return { counts, symbols: order };
  }
  for (let i = order.length - 1; i > 0; i--) {
    const j = dice.below(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  const short = Math.min(7, symbols - 1);
  for (let i = 0; i < short; i++) counts[i] = 1;
  counts[15] = symbols - short;
  return { counts, symbols: order };
}

type Code = readonly [bits: number, length: number];

function codesOf({ counts, symbols }: CodeTable): Code[] {
  const codes: Code[] = [];
  let code = 0, next = 0;
  for (let length = 1; length <= 16; length++) {
    for (let i = 0; i < counts[length - 1]; i++) codes[symbols[next++]] = [code++, length];
    code *= 2;
  }
  return codes;
}

/** Bits one behind the other, with a zero behind each 0xff. */
class BitWriter {
  readonly bytes: number[] = [];
  #held = 0;
  #count = 0;

  /** @param length At most 16. */
  put(bits: number, length: number): void {
    this.#held = this.#held << length | bits & (1 << length) - 1;
    this.#count += length;
    while (this.#count >= 8) {
      this.#count -= 8;
      const byte = this.#held >>> this.#count & 0xff;
      this.bytes.push(byte);
      if (byte === 0xff) this.bytes.push(0);
    }
    this.#held &= 0x7f;
  }

  /** Fills the last byte with ones. */
  end(): void {
    while (this.#count > 0) this.put(1, 1);
  }

  marker(code: number): void {
    this.end();
    this.bytes.push(0xff, code);
  }
}

/** The data of a scan, without its header. */
export function encodeScan(
  planes: readonly Plane[],
  scan: ScanHeader,
  tables: { readonly dc: CodeTable; readonly ac: CodeTable },
): Uint8Array<ArrayBuffer> {
  const out = new BitWriter();
  const [dc, ac] = [codesOf(tables.dc), codesOf(tables.ac)];
  const last = new Map<number, number>();
  const block = (part: number, row: number, column: number) => {
    const plane = planes[part];
    const data = plane.blocks[row].subarray(64 * column, 64 * column + 64);
    if (scan.from === 0) {
      const value = data[0] >> scan.after;
      if (scan.before > 0) out.put(value & 1, 1);
      else putDifference(out, dc, value - (last.get(part) ?? 0));
      last.set(part, value);
    }
    if (scan.to === 0) return;
    if (scan.before > 0) putRefinement(out, ac, data, scan);
    else putCoefficients(out, ac, data, scan);
  };
  let units = 0;
  const unit = () => {
    if (scan.restart > 0 && units > 0 && units % scan.restart === 0) {
      out.marker(0xd0 + (units / scan.restart - 1) % 8);
      last.clear();
    }
    units++;
  };
  if (scan.parts.length === 1) {
    const [across, down] = planes[scan.parts[0]].own;
    for (let y = 0; y < down; y++) {
      for (let x = 0; x < across; x++) {
        unit();
        block(scan.parts[0], y, x);
      }
    }
  } else {
    const [{ factors: [h, v], across, blocks }] = planes;
    for (let y = 0; y < blocks.length / v; y++) {
      for (let x = 0; x < across / h; x++) {
        unit();
        for (const part of scan.parts) {
          const [high, wide] = [planes[part].factors[1], planes[part].factors[0]];
          for (let j = 0; j < high; j++) {
            for (let i = 0; i < wide; i++) block(part, y * high + j, x * wide + i);
          }
        }
      }
    }
  }
  out.end();
  return Uint8Array.from(out.bytes);
}

function putValue(out: BitWriter, value: number, size: number): void {
  out.put(value < 0 ? value + (1 << size) - 1 : value, size);
}

function putDifference(out: BitWriter, codes: readonly Code[], difference: number): void {
  const size = 32 - Math.clz32(Math.abs(difference));
  out.put(...codes[size]);
  putValue(out, difference, size);
}

function putCoefficients(
  out: BitWriter,
  codes: readonly Code[],
  data: Int16Array,
  { from, to, after }: ScanHeader,
): void {
  let run = 0;
  for (let k = Math.max(1, from); k <= to; k++) {
    const value = Math.trunc(data[k] / (1 << after));
    if (value === 0) {
      run++;
      continue;
    }
    for (; run > 15; run -= 16) out.put(...codes[0xf0]);
    const size = 32 - Math.clz32(Math.abs(value));
    out.put(...codes[run << 4 | size]);
    putValue(out, value, size);
    run = 0;
  }
  if (run > 0) out.put(...codes[0]);
}

/** One bit more of each coefficient (G.1.2.3), each block for itself. */
function putRefinement(
  out: BitWriter,
  codes: readonly Code[],
  data: Int16Array,
  { from, to, after }: ScanHeader,
): void {
  const level = (k: number) => Math.abs(data[k]) >> after;
  let lastNew = -1;
  for (let k = Math.max(1, from); k <= to; k++) if (level(k) === 1) lastNew = k;
  let run = 0;
  let corrections: number[] = [];
  const putCorrections = () => {
    for (const bit of corrections) out.put(bit, 1);
    corrections = [];
  };
  for (let k = Math.max(1, from); k <= to; k++) {
    if (level(k) === 0) {
      run++;
      continue;
    }
    for (; run > 15 && k <= lastNew; run -= 16) {
      out.put(...codes[0xf0]);
      putCorrections();
    }
    if (level(k) > 1) {
      corrections.push(level(k) & 1);
      continue;
    }
    out.put(...codes[run << 4 | 1]);
    out.put(data[k] < 0 ? 0 : 1, 1);
    putCorrections();
    run = 0;
  }
  if (run > 0 || corrections.length > 0) {
    out.put(...codes[0]);
    putCorrections();
  }
}
