/** JPEG files as pixels: reads the segments and has the scans decoded by the kernels. @module */

import {
  type JpegColours,
  type JpegFrame,
  type JpegPart,
  nextSegment,
  word,
} from "./jpeg_frame.ts";
import { type JpegScan, readScanHeader, visits, visitsAreFew } from "./jpeg_scans.ts";
import { JpegTables } from "./jpeg_tables.ts";
import { type Kernels, layOut, lendFromKernels, type LentImage } from "./picture_kernels.ts";

/** Options of {@linkcode decodeJpeg}. */
export interface DecodeJpegOptions {
  /** Name of the file in messages. */
  readonly name: string;
  /**
   * How often height and width of an ordinary file (baseline, grey or YCbCr in one scan, chroma whole, halved across or halved
   * both ways) are halved, rounded up, 0 to 3: libjpeg's scales 1/2, 1/4 and 1/8. Where chroma is halved across only, 2 at most;
   * other files come whole.
   *
   * @default {0}
   */
  readonly halvings?: number;
  /** Whether the file is only to be read, to see that it is whole: the pixels then have no meaning. @default {false} */
  readonly check?: boolean;
}

/** Numbers of colours in the kernels. */
const COLOURS: Readonly<Record<JpegColours, number>> = {
  grey: 0,
  YCbCr: 1,
  RGB: 2,
  CMYK: 3,
  YCCK: 4,
};

/**
 * Decodes a JPEG file as libjpeg-turbo and PIL do it, to the bit; inks become RGB without a colour profile. Files of several
 * scans take 6 bytes a pixel for the coefficients beside the pixels themselves, those of inks 8.
 *
 * @param use Gets the image in the kernels' memory.
 * @returns What `use` returns; `undefined` when the file is cut off or damaged.
 * @throws {UserError} When its scans visit too many blocks, or there is not memory enough.
 */
export function decodeJpeg<T>(
  bytes: Uint8Array,
  frame: JpegFrame,
  { name, halvings = 0, check = false }: DecodeJpegOptions,
  use: (image: LentImage) => T,
): T | undefined {
  const blocks = visits(frame, frame.parts.map((_, i) => i));
  // Every block takes a bit at the least: a small file cannot make us reserve memory for a large image.
  if (blocks > bytes.length * 8 || !visitsAreFew(bytes, frame, name)) return undefined;
  const decoded = (kernels: Kernels) => decode(kernels, bytes, frame, halvings, check);
  return lendFromKernels(decoded, { name, height: frame.height, width: frame.width }, use);
}

function decode(
  kernels: Kernels,
  bytes: Uint8Array,
  frame: JpegFrame,
  halvings: number,
  check: boolean,
): LentImage | undefined {
  const { height, width, parts } = frame;
  const isProgressive = frame.marker === 0xc2;
  const tables = new JpegTables(kernels, bytes, !isProgressive);
  const { file } = tables;
  const most = (factor: (part: JpegPart) => number) => Math.max(...parts.map(factor));
  const [across, down] = [most(({ across }) => across), most(({ down }) => down)];
  kernels.setFrame(height, width, parts.length, across, down);
  const seen = new Set<number>();
  let areas: Areas | undefined;
  let interval = 0;
  for (let at = 2;;) {
    const segment = nextSegment(bytes, at);
    if (segment === undefined) return undefined;
    const { marker, from, to } = segment;
    at = to;
    if (marker === 0xd9) break;
    if (marker === 0xdb && !tables.defineQuantization(segment)) return undefined;
    if (marker === 0xc4 && !tables.defineHuffman(segment)) return undefined;
    if (marker === 0xdd) {
      if (to - from !== 2) return undefined;
      interval = word(bytes, from);
    }
    if (marker !== 0xda) continue;
    const scan = readScanHeader(bytes, segment, frame);
    if (scan === undefined) return undefined;
    for (const part of scan.which) {
      if (!seen.has(part) && !tables.takeQuantization(part, parts[part].quantization)) {
        return undefined;
      }
      seen.add(part);
    }
    if (!takeTables(scan, isProgressive, tables)) return undefined;
    if (isOrdinary(frame, scan)) {
      const image = decodeOrdinary(
        kernels,
        bytes,
        [tables.size, file + to],
        scan,
        interval,
        halvings,
      );
      if (image !== undefined) return image;
    }
    areas ??= reserve(kernels, frame, tables.size, check);
    at = kernels.readScan(
      file + to,
      file + bytes.length,
      scan.which.length,
      packed(scan.which),
      packed(scan.tables.map(([first, others]) => first << 4 | others - 4)),
      isProgressive ? scan.first | scan.last << 8 : -1,
      scan.before | scan.left << 8,
      interval,
    ) >>> 0;
    if (at === 0) return undefined;
    at -= file;
    // All is there, also where the end of the file is not marked. Of progressive files only the mark says so.
    if (!isProgressive && seen.size === parts.length) break;
  }
  if (areas === undefined || seen.size < parts.length) return undefined;
  const channels = parts.length === 1 ? 1 : 3;
  if (!check) kernels.render(COLOURS[frame.colours], areas.scratch, areas.to);
  return { kernels, at: areas.to, height, width, channels };
}

/** Four numbers of a byte as one. */
function packed(numbers: readonly number[]): number {
  return numbers.reduce((sum, number, i) => sum | number << 8 * i, 0);
}

/** Has the tables made that a scan uses. @returns whether they are there, and the scan is one that may be. */
function takeTables(scan: JpegScan, isProgressive: boolean, tables: JpegTables): boolean {
  const { which, first, last, before, left } = scan;
  if (isProgressive) {
    // ITU T.81, G.1.1.1.
    const isBand = first === 0 ? last === 0 : first <= last && last < 64 && which.length === 1;
    if (!isBand || left > 13 || before !== 0 && left !== before - 1) return false;
    if (first === 0 && before !== 0) return true; // bits without codes
  }
  return scan.tables.every(([dc, ac]) =>
    (isProgressive && first > 0 || tables.takeHuffman(dc)) &&
    (isProgressive && first === 0 || tables.takeHuffman(ac))
  );
}

/** Places in the kernels' memory. */
interface Areas {
  readonly scratch: number;
  readonly to: number;
}

/** Makes room for all coefficients, for what is made of them, and for the image. */
function reserve(kernels: Kernels, frame: JpegFrame, fileBytes: number, check: boolean): Areas {
  const { height, width, parts } = frame;
  const blocks = parts.map((_, i) => visits(frame, [i]));
  const coefficients = blocks.map((count) => count * 128);
  const masks = blocks.map((count) => count * 8);
  const pixels = check ? 0 : height * width * (parts.length === 1 ? 1 : 3);
  const sizes = [fileBytes, ...coefficients, ...masks, kernels.scratchBytes(), pixels];
  const places = layOut(kernels, sizes);
  const memory = new Uint8Array(kernels.memory.buffer);
  for (const [i, { across, down }] of parts.entries()) {
    const [at, mask] = [places[1 + i], places[1 + parts.length + i]];
    memory.fill(0, at, at + coefficients[i]);
    memory.fill(0, mask, mask + masks[i]);
    kernels.setPart(i, across, down, at, mask);
  }
  const [scratch, to] = places.slice(-2);
  return { scratch, to };
}

/** Whether it is of the kind that is decoded without holding its coefficients. */
function isOrdinary({ marker, parts, colours }: JpegFrame, { which }: JpegScan): boolean {
  if (marker === 0xc2 || which.length !== parts.length) return false;
  const [luma, ...chroma] = parts;
  const isSampled = luma.across <= 2 && luma.down <= luma.across;
  return (colours === "grey" || colours === "YCbCr") && isSampled &&
    chroma.every(({ across, down }) => across === 1 && down === 1);
}

/** @returns `undefined` for a file that is not flawless, or narrower than the kernels can do it. */
function decodeOrdinary(
  kernels: Kernels,
  bytes: Uint8Array,
  [fileBytes, from]: readonly [number, number],
  { tables }: JpegScan,
  interval: number,
  halvings: number,
): LentImage | undefined {
  if (kernels.scale(halvings) === 0) return undefined;
  const [height, width, channels] = [
    kernels.height(),
    kernels.width(),
    tables.length === 1 ? 1 : 3,
  ] as const;
  const length = height * width * channels;
  const [file, planes, to] = layOut(kernels, [fileBytes, kernels.planeBytes(), length]);
  const which = packed(tables.map(([first, others]) => first << 4 | others - 4));
  if (kernels.decode(from, file + bytes.length, which, interval, planes, to) === 0) {
    return undefined;
  }
  return { kernels, at: to, height, width, channels };
}
