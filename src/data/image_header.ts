/** What a picture file is and how large, read before anything is decoded. @module */

import { UserError } from "../core/errors.ts";
import { exifOrientation, type Orientation } from "./exif_orientation.ts";
import { whatItIs } from "./file_kind.ts";
import { type JpegFrame, readJpegFrame } from "./jpeg_frame.ts";
import { type PngFrame, readPngFrame } from "./png_chunks.ts";

/** What can be decoded. */
export type ImageFormat = "JPEG" | "PNG";

/** What a picture file says of itself. */
export interface ImageHeader {
  /** The format. */
  readonly format: ImageFormat;
  /** Rows as stored, before it is turned upright; above 0. */
  readonly height: number;
  /** Columns as stored; above 0. */
  readonly width: number;
  /** Channels of the decoded picture: only a JPEG of one component is grey. */
  readonly channels: 1 | 3;
  /** How to turn it upright. */
  readonly orientation: Orientation;
  /** Of a JPEG, what stands before its pixels. */
  readonly jpeg?: JpegFrame;
  /** Of a PNG, its chunks. */
  readonly png?: PngFrame;
}

/** Signatures of picture files, of one byte a character; what has no {@linkcode ImageFormat} is known by name only. */
const SIGNATURES: readonly (readonly [start: RegExp, kind: string])[] = [
  [/^\xff\xd8\xff/, "JPEG"],
  [/^\x89PNG/, "PNG"],
  [/^GIF8/, "GIF"],
  [/^BM[^]{4}\0\0\0\0/, "BMP"],
  [/^RIFF[^]{4}WEBP/, "WebP"],
  [/^[^]{4}ftyp(avif|avis)/, "AVIF"],
  [/^[^]{4}ftyp(hei[a-z]|hev[a-z]|mif1|msf1)/, "HEIC"],
  [/^(II\*\0|MM\0\*)/, "TIFF"],
  [/^(\xff\n|\0\0\0\fJXL )/, "JPEG XL"],
  [/^(\0\0\0\fjP {2}|\xff\x4f\xff\x51)/, "JPEG 2000"],
];

/**
 * Names the kind of picture that a file holds, by its first bytes; it may be one that cannot be decoded.
 *
 * @param head The first bytes of the file; 12 are enough.
 * @returns `undefined` when it is no picture.
 *
 * @example
 * ```ts
 * import { pictureKind } from "./image_header.ts";
 * if (pictureKind(new TextEncoder().encode("GIF89a")) !== "GIF") throw new Error();
 * if (pictureKind(new TextEncoder().encode("y,0,1,2,3")) !== undefined) throw new Error();
 * ```
 */
export function pictureKind(head: Uint8Array): string | undefined {
  const start = String.fromCharCode(...head.subarray(0, 16));
  return SIGNATURES.find(([signature]) => signature.test(start))?.[1];
}

/**
 * Reads format, size and orientation of a JPEG or PNG file.
 *
 * @param bytes The whole file.
 * @param name What to call it in messages.
 * @throws {UserError} When it is neither, is cut off within its header, or has no pixels.
 */
export function readImageHeader(bytes: Uint8Array, name: string): ImageHeader {
  const kind = pictureKind(bytes);
  const header = kind === "JPEG"
    ? readJpegHeader(bytes, name)
    : kind === "PNG"
    ? readPngHeader(bytes, name)
    : undefined;
  if (header === undefined) throw new UserError(`Cannot read ${name}: ${whatElse(bytes, kind)}`);
  if (header.width > 0 && header.height > 0) return header;
  throw new UserError(
    `Cannot read ${name}: the picture is ${header.width} x ${header.height} pixels, expected at least 1 x 1`,
  );
}

function whatElse(bytes: Uint8Array, kind: string | undefined): string {
  if (kind !== undefined) {
    return `it is ${kind === "AVIF" ? "an" : "a"} ${kind} picture; convert it to JPEG or PNG`;
  }
  return `${whatItIs(bytes)}, expected a JPEG or PNG picture`;
}

function cutOff(name: string, format: ImageFormat): UserError {
  return new UserError(`Cannot read ${name}: the ${format} is cut off or damaged; get it again`);
}

function readJpegHeader(bytes: Uint8Array, name: string): ImageHeader {
  const frame = readJpegFrame(bytes);
  if (frame === undefined) throw cutOff(name, "JPEG");
  const { height, width, marker, bits, parts, exif } = frame;
  const across = Math.max(...parts.map((part) => part.across));
  const down = Math.max(...parts.map((part) => part.down));
  const isUneven = parts.some((part) => across % part.across !== 0 || down % part.down !== 0);
  if (marker > 0xc2 || bits !== 8 || isUneven) {
    throw new UserError(
      `Cannot read ${name}: it is a JPEG of a rare kind (lossless, arithmetic-coded, of more than 8 bits, or sampled in ` +
        "fractions); convert it to ordinary JPEG or PNG",
    );
  }
  return {
    format: "JPEG",
    height,
    width,
    channels: parts.length === 1 ? 1 : 3,
    orientation: exif && exifOrientation(exif) || 1,
    jpeg: frame,
  };
}

function readPngHeader(bytes: Uint8Array, name: string): ImageHeader {
  const png = readPngFrame(bytes);
  if (png === undefined) throw cutOff(name, "PNG");
  const { height, width, orientation } = png;
  return { format: "PNG", height, width, channels: 3, orientation, png };
}
