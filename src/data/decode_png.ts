/** PNG files as pixels. @module */

import { type Kernels, layOut, lendFromKernels, type LentImage } from "./picture_kernels.ts";
import type { PngFrame } from "./png_chunks.ts";

/** Options of {@linkcode decodePng}. */
export interface DecodePngOptions {
  /** Name of the file in messages. */
  readonly name: string;
  /** Whether the file is only to be read, to see that it is whole: the pixels then have no meaning. @default {false} */
  readonly check?: boolean;
}

/** Samples of a pixel, by colour type. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Where the seven passes of an interlaced image begin, and their steps (PNG specification, 8.2). */
const PASSES: readonly (readonly [left: number, top: number, across: number, down: number])[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** Deflate makes at most so many bytes of one. */
const MOST_PER_BYTE = 1032;

/** Numbers by which the kernels say how unpacking ended. */
const ENDED = 1;
const FULL = 2;

/**
 * Decodes a PNG file to RGB of 8 bits: of 16 bits the higher 8 are taken, transparent parts lie over white. Nothing is unpacked beyond
 * the rows that the header announces; what the data hold beyond these is passed over, as libpng and PIL do it. Takes the rows as they are
 * stored, at most 8 bytes a pixel, beside 6 bytes a pixel, 3 where rows have 3 or 4.
 *
 * @param use Gets the image in the kernels' memory.
 * @returns What `use` returns; `undefined` when the file is cut off or damaged.
 * @throws {UserError} When there is not memory enough.
 */
export function decodePng<T>(
  frame: PngFrame,
  { name, check = false }: DecodePngOptions,
  use: (image: LentImage) => T,
): T | undefined {
  const passes = passesOf(frame);
  const rowsBytes = passes.reduce((sum, { height, rowBytes }) => sum + height * (1 + rowBytes), 0);
  const dataBytes = frame.data.reduce((sum, part) => sum + part.length, 0);
  // A small file cannot make us reserve memory for a large image.
  const isPossible = rowsBytes <= dataBytes * MOST_PER_BYTE;
  if (!isPossible || frame.colourType === 3 && frame.palette === undefined) return undefined;
  const decoded = (kernels: Kernels) =>
    decode(kernels, frame, passes, [dataBytes, rowsBytes], check);
  return lendFromKernels(decoded, { name, height: frame.height, width: frame.width }, use);
}

interface Pass {
  readonly width: number;
  readonly height: number;
  readonly rowBytes: number;
  readonly place: typeof PASSES[number];
}

function passesOf({ width, height, depth, colourType, isInterlaced }: PngFrame): Pass[] {
  const passes = (isInterlaced ? PASSES : [[0, 0, 1, 1] as const]).map((place) => {
    const [left, top, across, down] = place;
    const columns = Math.ceil((width - left) / across);
    const rowBytes = Math.ceil(columns * depth * SAMPLES[colourType] / 8);
    return { width: columns, height: Math.ceil((height - top) / down), rowBytes, place };
  });
  return passes.filter(({ width, height }) => width > 0 && height > 0);
}

function decode(
  kernels: Kernels,
  frame: PngFrame,
  passes: readonly Pass[],
  [dataBytes, rowsBytes]: readonly [number, number],
  check: boolean,
): LentImage | undefined {
  const { height, width, depth, colourType, isInterlaced } = frame;
  const pixelBits = depth * SAMPLES[colourType];
  // Where rows are no shorter than those of RGB, they make room for them as they are read.
  const isInPlace = !isInterlaced && pixelBits >= 24;
  const apart = check || isInPlace ? 0 : height * width * 3;
  const [palette, rows, pixels, packed] = layOut(kernels, [768, rowsBytes, apart, dataBytes]);
  const memory = new Uint8Array(kernels.memory.buffer);
  let at = packed;
  for (const part of frame.data) {
    memory.set(part, at);
    at += part.length;
  }
  const status = kernels.inflate(packed, dataBytes, rows, rowsBytes);
  if (status !== ENDED && status !== FULL || kernels.inflated() !== rowsBytes) return undefined;
  let row = rows;
  for (const { height, rowBytes } of passes) {
    if (kernels.filtersAreKnown(row, height, rowBytes) === 0) return undefined;
    row += height * (1 + rowBytes);
  }
  const to = isInPlace ? rows : pixels;
  const image: LentImage = { kernels, at: to, height, width, channels: 3 };
  if (check) return image;
  if (colourType === 3) memory.set(paletteOf(frame), palette);
  const clear = clearColour(frame);
  kernels.setRows(depth, SAMPLES[colourType], colourType === 3 ? palette : 0, ...clear);
  row = rows;
  for (const { width: columns, height, rowBytes, place: [left, top, across, down] } of passes) {
    kernels.unfilter(row, height, rowBytes, Math.ceil(pixelBits / 8));
    const first = to + 3 * (top * width + left);
    kernels.expand(row, columns, height, rowBytes, first, 3 * width, across, down);
    row += height * (1 + rowBytes);
  }
  return image;
}

/** The palette's 256 colours, over white where they are transparent; those that it lacks are black. */
function paletteOf({ palette, transparency }: PngFrame): Uint8Array {
  const colours = new Uint8Array(768);
  if (palette) colours.set(palette.subarray(0, Math.min(768, palette.length - palette.length % 3)));
  for (const [i, alpha] of transparency?.subarray(0, 256).entries() ?? []) {
    for (let at = 3 * i; at < 3 * i + 3; at++) {
      colours[at] = Math.round((colours[at] * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return colours;
}

/** Samples of the one colour that is transparent; -1 where there is none. */
function clearColour({ colourType, depth, transparency }: PngFrame): [number, number, number] {
  const samples = colourType === 0 ? 1 : colourType === 2 ? 3 : 0;
  if (samples === 0 || transparency === undefined || transparency.length < 2 * samples) {
    return [-1, -1, -1];
  }
  const sample = (i: number) =>
    (transparency[2 * i] << 8 | transparency[2 * i + 1]) & (1 << depth) - 1;
  return samples === 1 ? [sample(0), -1, -1] : [sample(0), sample(1), sample(2)];
}
