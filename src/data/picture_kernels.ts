/** The boundary to graft's own kernels for pictures in WebAssembly. @module */

import { decodeBase64 } from "../core/base64.ts";
import { UserError } from "../core/errors.ts";
import { givenModule } from "../core/given_modules.ts";
import { base64 } from "./_codecs/lib/kernels.ts";
import type { Image } from "./image.ts";
import type { ResampleWeights } from "./resample_weights.ts";

/** Addresses are 32-bit numbers; the callers lay memory out from `base` on. See the sources in `_codecs/assembly`. */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  base(): number;
  setFrame(height: number, width: number, components: number, across: number, down: number): void;
  setPart(part: number, across: number, down: number, coefficients: number, masks: number): void;
  setQuantization(part: number, from: number, bytes: number): void;
  setTable(index: number, counts: number, end: number): number;
  scale(halvings: number): number;
  planeBytes(): number;
  width(): number;
  height(): number;
  decode(
    from: number,
    end: number,
    tables: number,
    interval: number,
    planes: number,
    to: number,
  ): number;
  readScan(
    from: number,
    end: number,
    count: number,
    which: number,
    tables: number,
    band: number,
    approximation: number,
    interval: number,
  ): number;
  scratchBytes(): number;
  render(colours: number, scratch: number, to: number): void;
  inflate(from: number, size: number, to: number, capacity: number): number;
  inflated(): number;
  setRows(
    bits: number,
    perPixel: number,
    colours: number,
    grey: number,
    green: number,
    blue: number,
  ): void;
  filtersAreKnown(rows: number, count: number, rowBytes: number): number;
  unfilter(rows: number, count: number, rowBytes: number, pixelBytes: number): void;
  expand(
    rows: number,
    width: number,
    height: number,
    rowBytes: number,
    to: number,
    stride: number,
    across: number,
    down: number,
  ): void;
  resizeRows: ResizeRows;
  resizeGreyRows: ResizeRows;
  resizeColumns(
    from: number,
    to: number,
    rows: number,
    stride: number,
    pairs: number,
    starts: number,
    shares: number,
  ): void;
}

type ResizeRows = (
  from: number,
  to: number,
  rows: number,
  stride: number,
  length: number,
  groups: number,
  starts: number,
  shares: number,
) => void;

/** Memory of WebAssembly never shrinks: an instance that a large image has blown up beyond this is not kept. */
let mostKept = 64 << 20;
/** Kernels read and write vectors: up to this much past the end of what they work on. */
const SLACK = 64;

let compiled: WebAssembly.Module | undefined;
let kept: Kernels | undefined;

/** The compiled kernels, also for other threads. */
export function pictureKernels(): WebAssembly.Module {
  return compiled ??= givenModule("pictures") ?? new WebAssembly.Module(decodeBase64(base64));
}

/** Keeps the kernels' memory from now on however large it is: on a thread whose images are bounded by whoever sends them. */
export function keepAllMemory(): void {
  mostKept = Infinity;
}

/** Runs `work` on the kernels; what it returns must not be in their memory. */
export function withKernels<T>(work: (kernels: Kernels) => T): T {
  const kernels = kept ?? new WebAssembly.Instance(pictureKernels()).exports as unknown as Kernels;
  kept = undefined; // so that nothing is kept when it traps
  const result = work(kernels);
  if (kernels.memory.buffer.byteLength <= mostKept) kept = kernels;
  return result;
}

/** Lays areas of so many bytes out one behind the other, from `from` on, and makes sure of the memory; views of it are void then. */
export function layOut(
  { memory, base }: Kernels,
  sizes: readonly number[],
  from: number = base(),
): number[] {
  let at = from;
  const places = sizes.map((size) => {
    const place = at;
    at += areaBytes(size);
    return place;
  });
  const missing = at - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  return places;
}

/** What an area of so many bytes takes. */
function areaBytes(size: number): number {
  return Math.ceil((size + SLACK) / 16) * 16;
}

/**
 * An image in the kernels' memory, as decoding lends it to a callback: when that returns, the memory is used for something else. No
 * {@linkcode Image}, so that it cannot be taken for one; {@linkcode copyLent} makes one.
 */
export interface LentImage extends Omit<Image, "data"> {
  /** What its pixels are in the memory of; the rest of that is free. */
  readonly kernels: Kernels;
  /** Address of the pixels. */
  readonly at: number;
}

/**
 * Decodes an image on the kernels and lends it.
 *
 * @param image `name` is what messages call the file; height and width are those that it announces.
 * @param use Gets the image in the kernels' memory.
 * @returns What `use` returns; `undefined` when `decode` does.
 * @throws {UserError} When memory does not suffice for `decode` or `use`.
 */
export function lendFromKernels<T>(
  decode: (kernels: Kernels) => LentImage | undefined,
  { name, height, width }: {
    readonly name: string;
    readonly height: number;
    readonly width: number;
  },
  use: (image: LentImage) => T,
): T | undefined {
  try {
    return withKernels((kernels) => {
      const image = decode(kernels);
      return image && use(image);
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(
      `Cannot read ${name}: there is no memory left to decode ${width} x ${height} pixels; scale the image down`,
    );
  }
}

/** The pixels of a lent image where they are: valid until memory is laid out. */
export function lentPixels({ kernels, at, height, width, channels }: LentImage): Uint8Array {
  return new Uint8Array(kernels.memory.buffer, at, height * width * channels);
}

/** An image of its own. */
export function copyLent(image: LentImage): Image {
  const { height, width, channels } = image;
  return { data: lentPixels(image).slice(), height, width, channels };
}

/** {@linkcode layOut} before a lent image, or else behind it, with `over` bytes that may be read past its pixels. */
export function layOutBeside(image: LentImage, sizes: readonly number[], over = 0): number[] {
  const { kernels, at } = image;
  const needed = sizes.reduce((sum, size) => sum + areaBytes(size), 0);
  const [, behind] = layOut(kernels, [lentPixels(image).length + over, 0], at);
  return layOut(kernels, sizes, kernels.base() + needed <= at ? kernels.base() : behind);
}

/** How one side of pictures is resized. */
interface Side {
  readonly length: number;
  readonly starts: Int32Array;
  /** See {@linkcode packShares}. */
  readonly shares: Int16Array;
  /** Groups of taps. */
  readonly groups: number;
}

/**
 * Prepares resizing as PIL does it for pictures of one size. A side whose length stays is left out, as in PIL.
 *
 * @param shares PIL's whole-number shares of columns and rows, 22 bits of fraction.
 * @returns What resizes a picture into `out`; a lent one stays as it is.
 */
export function createPictureResizer(
  { height, width }: Pick<Image, "height" | "width">,
  channels: 1 | 3,
  [columns, across]: readonly [ResampleWeights, Int32Array],
  [rows, down]: readonly [ResampleWeights, Int32Array],
): (pixels: Uint8Array | LentImage, out: Uint8Array) => void {
  const perGroup = channels === 1 ? 8 : 2;
  const wide = columns.length === width ? undefined : side(columns, across, perGroup);
  const high = rows.length === height ? undefined : side(rows, down, 2);
  const stride = columns.length * channels;
  const resize = (image: LentImage, out: Uint8Array) => {
    const { kernels, at } = image;
    const [middle, to, starts0, shares0, starts1, shares1] = layOutBeside(image, [
      // Taps are made up to whole pairs, so that a row past the last may be read, of no weight.
      wide ? (height + 2) * stride : 0,
      high ? rows.length * stride : 0,
      wide ? wide.starts.byteLength : 0,
      wide ? wide.shares.byteLength : 0,
      high ? high.starts.byteLength : 0,
      high ? high.shares.byteLength : 0,
    ], wide ? 0 : 2 * stride);
    const { buffer } = kernels.memory;
    let result = at;
    if (wide) {
      new Int32Array(buffer).set(wide.starts, starts0 / 4);
      new Int16Array(buffer).set(wide.shares, shares0 / 2);
      const resizeRows = channels === 1 ? kernels.resizeGreyRows : kernels.resizeRows;
      resizeRows(
        at,
        middle,
        height,
        width * channels,
        columns.length,
        wide.groups,
        starts0,
        shares0,
      );
      result = middle;
    }
    if (high) {
      new Int32Array(buffer).set(high.starts, starts1 / 4);
      new Int16Array(buffer).set(high.shares, shares1 / 2);
      kernels.resizeColumns(result, to, rows.length, stride, high.groups, starts1, shares1);
      result = to;
    }
    out.set(new Uint8Array(buffer, result, rows.length * stride));
  };
  return (pixels, out) => {
    if ("kernels" in pixels) return resize(pixels, out);
    if (!wide && !high) return out.set(pixels);
    withKernels((kernels) => {
      const [at] = layOut(kernels, [pixels.length]);
      new Uint8Array(kernels.memory.buffer).set(pixels, at);
      resize({ kernels, at, height, width, channels }, out);
    });
  };
}

/** Bits of the lower part of a share: both parts fit 16 bits with a sign. */
const LOWER_BITS = 11;

/** Shares in groups of taps, missing ones 0: for each group the upper parts of all its taps, then the lower ones. */
function side(
  { length, taps, starts }: ResampleWeights,
  shares: Int32Array,
  perGroup: number,
): Side {
  const groups = Math.ceil(taps / perGroup);
  const packed = new Int16Array(length * groups * perGroup * 2);
  for (let i = 0; i < length; i++) {
    for (let tap = 0; tap < taps; tap++) {
      const share = shares[i * taps + tap];
      const place = tap % perGroup; // perGroup is 2 or 8
      const at = (i * groups * perGroup + tap - place) * 2 + place;
      packed[at] = share >> LOWER_BITS;
      packed[at + perGroup] = share & ((1 << LOWER_BITS) - 1);
    }
  }
  return { length, starts, shares: packed, groups };
}
