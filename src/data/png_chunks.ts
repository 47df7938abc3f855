/** Chunks of a PNG file, and what they say of the image before it is decoded. @module */

import { crc32 } from "../core/crc32.ts";
import { exifOrientation, type Orientation } from "./exif_orientation.ts";
import { startsWith } from "./jpeg_frame.ts";
import { layOut, withKernels } from "./picture_kernels.ts";

/** What a PNG file says of its image. */
export interface PngFrame {
  /** Rows. */
  readonly height: number;
  /** Columns. */
  readonly width: number;
  /** Bits of a sample. */
  readonly depth: number;
  /** 0 = grey, 2 = RGB, 3 = palette, 4 = grey with alpha, 6 = RGB with alpha. */
  readonly colourType: number;
  /** Whether its rows come in seven passes. */
  readonly isInterlaced: boolean;
  /** Colours, 3 bytes each. */
  readonly palette: Uint8Array | undefined;
  /** Content of tRNS: alpha of the palette's colours, or the one colour that is transparent. */
  readonly transparency: Uint8Array | undefined;
  /** Parts of the compressed rows, in order. */
  readonly data: readonly Uint8Array[];
  /** How to turn it upright. */
  readonly orientation: Orientation;
}

const SIGNATURE = "\x89PNG\r\n\x1a\n";

/** Bits of a sample that there are for each colour type (PNG specification, table 11.1). */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** Types of the chunks that are read, by their four bytes as a number. */
const TYPES: ReadonlyMap<number, string> = new Map(
  ["PLTE", "IDAT", "IEND", "tRNS", "eXIf", "tEXt", "zTXt", "iTXt"].map((type) => [
    [...type].reduce((code, letter) => code << 8 | letter.charCodeAt(0), 0) >>> 0,
    type,
  ]),
);

/** Whether four bytes are letters, as those of every type are. */
function isLetters(code: number): boolean {
  for (let shift = 0; shift < 32; shift += 8) {
    const letter = (code >>> shift & 0xff) | 0x20;
    if (letter < 0x61 || letter > 0x7a) return false;
  }
  return true;
}

/** Longer texts are passed over; PIL refuses them. */
const MAX_TEXT_BYTES = 1 << 20;

/** Texts that may say how to turn an image, in the order in which they are believed. */
const PROFILES = ["Raw profile type exif", "Raw profile type APP1"];
const XMP = "XML:com.adobe.xmp";

/**
 * Reads all chunks. The image is that of IDAT, also of an animation; what follows its chunks without a gap is its data. Checksums of
 * IDAT are left to that of the compressed data; further chunks whose checksum is wrong are passed over, as libpng does it.
 *
 * @returns `undefined` when what stands before the data is cut off or damaged.
 */
export function readPngFrame(bytes: Uint8Array): PngFrame | undefined {
  if (!startsWith(bytes, `${SIGNATURE}\0\0\0\x0dIHDR`) || bytes.length < 33) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isSound = (at: number, end: number) =>
    end <= bytes.length && crc32(bytes.subarray(at + 4, end - 4)) === view.getUint32(end - 4);
  if (!isSound(8, 33)) return undefined;
  const [depth, colourType, compression, filter, interlace] = bytes.subarray(24, 29);
  const isKnown = DEPTHS[colourType]?.includes(depth) && compression === 0 && filter === 0;
  if (!isKnown || interlace > 1) return undefined;
  const data: Uint8Array[] = [];
  const found = new Map<string, Uint8Array>();
  let previous = "";
  for (let at = 33; at + 8 <= bytes.length;) {
    const end = at + 12 + view.getUint32(at);
    const code = view.getUint32(at + 4);
    const type = TYPES.get(code);
    if (type === undefined) {
      if (!isLetters(code)) break;
      [previous, at] = ["", end];
      continue;
    }
    // The last part of the data may be cut off behind what is needed.
    const content = bytes.subarray(at + 8, Math.min(end - 4, bytes.length));
    if (type === "IEND") break;
    if (type === "IDAT") {
      const isNext = data.length === 0 || previous === "IDAT";
      if (isNext && (content.length > 0 || data.length === 0)) data.push(content);
    } else if (type === "PLTE" && data.length === 0) {
      if (!isSound(at, end)) return undefined;
      found.set(type, content);
    } else {
      const name = nameOf(type, content);
      // Of Exif blocks, those before the data count, as in PIL.
      const isLate = data.length > 0 && (type === "tRNS" || type === "eXIf" && found.get("early"));
      if (name !== undefined && !isLate && isSound(at, end)) {
        found.set(name, name === type ? content : bytes.subarray(at + 4, end - 4));
        if (type === "eXIf" && data.length === 0) found.set("early", content);
      }
    }
    previous = type;
    at = end;
  }
  if (data.length === 0) return undefined;
  return {
    height: view.getUint32(20),
    width: view.getUint32(16),
    depth,
    colourType,
    isInterlaced: interlace === 1,
    palette: found.get("PLTE"),
    transparency: found.get("tRNS"),
    data,
    orientation: orientationOf(found),
  };
}

/** What a chunk is kept as: its type, or of a text that matters its keyword. Of several of one name the last one counts. */
function nameOf(type: string, content: Uint8Array): string | undefined {
  if (type === "tRNS" || type === "eXIf") return type;
  if (type !== "tEXt" && type !== "zTXt" && type !== "iTXt") return undefined;
  return [...PROFILES, XMP].find((keyword) => startsWith(content, `${keyword}\0`));
}

/** As PIL finds it: from eXIf, else from ImageMagick's profiles; from XMP where neither has it. */
function orientationOf(found: ReadonlyMap<string, Uint8Array>): Orientation {
  let exif = found.get("eXIf");
  for (const keyword of PROFILES) exif ??= profileOf(textOf(found.get(keyword)));
  const orientation = exif && exifOrientation(exif);
  if (orientation !== undefined) return orientation;
  const digit = textOf(found.get(XMP))?.match(/tiff:Orientation(?:="|>)([0-9])/)?.[1];
  return digit !== undefined && digit >= "1" && digit <= "8" ? Number(digit) as Orientation : 1;
}

/** The text of a chunk, from its type on, of one byte a character. */
function textOf(chunk: Uint8Array | undefined): string | undefined {
  if (chunk === undefined) return undefined;
  const type = String.fromCharCode(...chunk.subarray(0, 4));
  let at = chunk.indexOf(0) + 1;
  let isPacked = type === "zTXt";
  if (type === "iTXt") { // flag, method, language, translated keyword
    isPacked = chunk[at] !== 0;
    if (isPacked && chunk[at + 1] !== 0) return undefined;
    at = chunk.indexOf(0, chunk.indexOf(0, at + 2) + 1) + 1;
    if (at === 0) return undefined;
  } else if (isPacked && chunk[at++] !== 0) return undefined;
  const content = chunk.subarray(at);
  const text = isPacked ? inflated(content) : content;
  return text && new TextDecoder("latin1").decode(text);
}

/** Unpacks what is short enough. */
function inflated(bytes: Uint8Array): Uint8Array | undefined {
  return withKernels((kernels) => {
    const [from, to] = layOut(kernels, [bytes.length, MAX_TEXT_BYTES]);
    const memory = new Uint8Array(kernels.memory.buffer);
    memory.set(bytes, from);
    const status = kernels.inflate(from, bytes.length, to, MAX_TEXT_BYTES);
    const length = kernels.inflated();
    return status === 0 || length === MAX_TEXT_BYTES ? undefined : memory.slice(to, to + length);
  });
}

/** The Exif block of a profile: an empty line, its name, its length, then hexadecimal digits. */
function profileOf(text: string | undefined): Uint8Array | undefined {
  const digits = text?.split("\n").slice(3).join("").replace(/\s/g, "");
  if (digits === undefined || !/^(?:[0-9a-f]{2})+$/i.test(digits)) return undefined;
  const block = Uint8Array.from(
    { length: digits.length / 2 },
    (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
  return startsWith(block, "Exif\0\0") ? block.subarray(6) : block;
}
