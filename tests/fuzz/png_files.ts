/** PNG files of every kind, and false ones: chunks that are changed and then get their checksums again. @module */
import { crc32, deflateSync } from "node:zlib";
import type { Dice } from "./dice.ts";
import { big, joined, latin1, mutate } from "./mutate.ts";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** A part of a PNG file. */
interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/** Colour types of the specification: samples of a pixel, and the depths that are allowed. */
const COLOURS: Readonly<Record<number, readonly [samples: number, depths: readonly number[]]>> = {
  0: [1, [1, 2, 4, 8, 16]],
  2: [3, [8, 16]],
  3: [1, [1, 2, 4, 8]],
  4: [2, [8, 16]],
  6: [4, [8, 16]],
};

/** A PNG file, usually a sound one, sometimes with lies. */
export function pngFile(dice: Dice): Uint8Array<ArrayBuffer> {
  const chunks = soundChunks(dice);
  if (dice.chance(0.75)) {
    for (let count = dice.size(4); count > 0; count--) changeChunks(chunks, dice);
  }
  const file = joined(
    SIGNATURE,
    ...chunks.map(({ type, data }) => {
      const body = joined(latin1(type), data);
      const sum = dice.chance(0.99) ? crc32(body) : dice.interesting();
      const length = dice.chance(0.99) ? data.length : dice.interesting();
      return joined(big(length, 4), body, big(sum, 4));
    }),
  );
  return dice.chance(0.15) ? mutate(file, dice) : file;
}

function soundChunks(dice: Dice): Chunk[] {
  const [width, height] = [dice.size(80), dice.size(80)];
  const colour = dice.pick([0, 2, 3, 4, 6]);
  const [samples, depths] = COLOURS[colour];
  const depth = dice.pick(depths);
  const interlaced = dice.chance(0.3);
  const header = joined(
    big(width, 4),
    big(height, 4),
    Uint8Array.of(depth, colour, 0, 0, Number(interlaced)),
  );
  const chunks: Chunk[] = [{ type: "IHDR", data: header }];
  if (colour === 3 || dice.chance(0.05)) {
    const entries = dice.chance(0.8) ? 2 ** Math.min(depth, 8) : dice.size(256);
    chunks.push({ type: "PLTE", data: dice.bytes(3 * entries) });
  }
  if (dice.chance(0.3)) chunks.push(sideChunk(dice));
  const rows = filteredRows(dice, { width, height, bits: samples * depth, interlaced });
  const level = dice.pick([0, 1, 9]);
  const packed = deflateSync(rows, { level });
  const cuts = Array.from({ length: dice.size(4) - 1 }, () => dice.below(packed.length + 1)).sort((
    a,
    b,
  ) => a - b);
  [0, ...cuts].forEach((from, i) =>
    chunks.push({ type: "IDAT", data: packed.subarray(from, cuts[i] ?? packed.length) })
  );
  if (dice.chance(0.1)) chunks.push(sideChunk(dice));
  chunks.push({ type: "IEND", data: new Uint8Array(0) });
  return chunks;
}

/** Rows behind the number of their filter, in seven passes where they are interlaced (Adam7). */
function filteredRows(
  dice: Dice,
  { width, height, bits, interlaced }: {
    readonly width: number;
    readonly height: number;
    readonly bits: number;
    readonly interlaced: boolean;
  },
): Uint8Array<ArrayBuffer> {
  // deno-fmt-ignore
  const passes = interlaced
    ? [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]]
    : [[0, 0, 1, 1]];
  const rows: Uint8Array[] = [];
  const even = dice.chance(0.3) ? new Uint8Array(80 * 8) : undefined;
  for (const [x, y, acrossBy, downBy] of passes) {
    const across = Math.ceil((width - x) / acrossBy);
    const down = Math.ceil((height - y) / downBy);
    if (across <= 0 || down <= 0) continue;
    for (let row = 0; row < down; row++) {
      const length = Math.ceil(across * bits / 8);
      rows.push(
        Uint8Array.of(dice.chance(0.999) ? dice.below(5) : dice.below(256)),
        even?.subarray(0, length) ?? dice.bytes(length),
      );
    }
  }
  const whole = joined(...rows);
  if (dice.chance(0.05)) return joined(whole, dice.bytes(dice.size(1000)));
  return dice.chance(0.03) ? whole.slice(0, dice.below(whole.length)) : whole;
}

/** A chunk beside the pixels, true or not. */
function sideChunk(dice: Dice): Chunk {
  const made: readonly (() => Chunk)[] = [
    () => ({ type: "tRNS", data: dice.bytes(dice.pick([1, 2, 6, dice.size(256)])) }),
    () => ({ type: "gAMA", data: big(dice.interesting(), 4) }),
    () => ({ type: "eXIf", data: exifBlock(dice) }),
    () => ({ type: "zTXt", data: packedText(dice) }),
    () => ({ type: "tEXt", data: latin1(`Comment\0${"x".repeat(dice.size(300))}`) }),
    () => ({
      type: "iTXt",
      data: joined(latin1("XML:com.adobe.xmp\0\0\0\0\0"), dice.bytes(dice.size(60))),
    }),
    () => ({ type: "iCCP", data: joined(latin1("icc\0\0"), deflateSync(dice.bytes(60))) }),
    () => ({ type: "acTL", data: joined(big(dice.interesting(), 4), big(dice.below(3), 4)) }),
    () => ({
      type: "fcTL",
      data: joined(...Array.from({ length: 5 }, () => big(dice.size(90), 4)), dice.bytes(6)),
    }),
    () => ({ type: "fdAT", data: joined(big(dice.below(4), 4), deflateSync(dice.bytes(50))) }),
    () => ({
      type: dice.pick(["sBIT", "bKGD", "pHYs", "cHRM", "sRGB", "hIST", "sPLT", "tIME", "CgBI"]),
      data: dice.bytes(dice.size(40)),
    }),
  ];
  return dice.pick(made)();
}

/** ImageMagick's way to keep EXIF: hexadecimal digits in a compressed text; at times a bomb. */
function packedText(dice: Dice): Uint8Array<ArrayBuffer> {
  const exif = joined(latin1("Exif\0\0"), exifBlock(dice));
  const hex = Array.from(exif, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const text = dice.chance(0.05)
    ? "0".repeat(1 << 20)
    : `\nexif\n${String(exif.length).padStart(8)}\n${hex.replace(/(.{72})/g, "$1\n")}\n`;
  return joined(latin1("Raw profile type exif\0\0"), deflateSync(latin1(text)));
}

/** A TIFF directory with an orientation, or nonsense. */
export function exifBlock(dice: Dice): Uint8Array<ArrayBuffer> {
  const bigEndian = dice.chance(0.5);
  const number = (value: number, width: 2 | 4) =>
    bigEndian ? big(value, width) : big(value, width).reverse();
  const entries = dice.below(4);
  const block = joined(
    latin1(bigEndian ? "MM" : "II"),
    number(42, 2),
    number(dice.chance(0.9) ? 8 : dice.interesting(), 4),
    number(dice.chance(0.9) ? entries : dice.interesting(), 2),
    ...Array.from({ length: entries }, () =>
      joined(
        number(dice.chance(0.7) ? 0x0112 : dice.below(65536), 2),
        number(dice.pick([1, 3, 3, 3, 4, 5, 9, 255]), 2),
        number(dice.chance(0.9) ? 1 : dice.interesting(), 4),
        number(dice.chance(0.9) ? dice.below(10) : dice.interesting(), 2),
        number(0, 2),
      )),
    number(0, 4),
  );
  return dice.chance(0.2) ? mutate(block, dice) : block;
}

function changeChunks(chunks: Chunk[], dice: Dice): void {
  if (chunks.length === 0) return;
  const at = dice.below(chunks.length);
  const { type, data } = chunks[at];
  const changes: readonly (() => void)[] = [
    () => chunks.splice(at, 1),
    () => chunks.splice(at, 0, ...Array(dice.size(50)).fill(chunks[at])),
    () => {
      const other = dice.below(chunks.length);
      [chunks[at], chunks[other]] = [chunks[other], chunks[at]];
    },
    () => chunks[at] = { type, data: mutate(data, dice) },
    () => chunks[at] = { type: dice.pick(["IDAT", "PLTE", "tRNS", "IEND", "abcd", "ABCD"]), data },
    () => chunks.splice(at, 0, sideChunk(dice)),
    () => changeHeader(chunks, dice),
    () => changeHeader(chunks, dice),
    () => {
      if (!dice.chance(0.1)) return;
      // A bomb: many rows of nothing in few bytes.
      const rows = new Uint8Array(dice.size(1 << 24));
      chunks[at] = { type: "IDAT", data: deflateSync(rows, { level: 1 }) };
    },
  ];
  dice.pick(changes)();
}

function changeHeader(chunks: Chunk[], dice: Dice): void {
  const at = chunks.findIndex(({ type, data }) => type === "IHDR" && data.length === 13);
  if (at < 0) return;
  const data = chunks[at].data.slice();
  const field = dice.below(7);
  if (field < 2) {
    const side = dice.chance(0.8) ? dice.size(400) : dice.chance(0.5) ? dice.size(8000) : -1;
    data.set(big(side < 0 ? dice.interesting() : side, 4), 4 * field);
  } else {data[6 + field] = dice.chance(0.8)
      ? dice.pick([0, 1, 2, 3, 4, 6, 8, 16])
      : dice.below(256);}
  chunks[at] = { type: "IHDR", data };
}
