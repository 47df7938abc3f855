/** JPEG and PNG files as pictures. @module */

import { UserError } from "../core/errors.ts";
import { bytesOf, type FileBytes, holdsBytes } from "../core/given_bytes.ts";
import { awaitAdvice, givenKind } from "../core/given_kind.ts";
import { decodeJpeg } from "./decode_jpeg.ts";
import { decodePng } from "./decode_png.ts";
import { type Orientation, turnUpright } from "./exif_orientation.ts";
import type { Image } from "./image.ts";
import { type ImageFormat, type ImageHeader, readImageHeader } from "./image_header.ts";
import { copyLent, layOutBeside, type LentImage, lentPixels } from "./picture_kernels.ts";
import type { PictureShape } from "./picture_store.ts";
import type { PixelSize } from "./resize.ts";

/** 192 MB as RGB. */
const MAX_PIXELS = 64_000_000;

/** Options of {@linkcode decodeImage}. */
export interface DecodeOptions {
  /** What to call the file in messages. @default {"the picture"} */
  readonly name?: string;
  /** Pictures of more pixels are refused before they are decoded. @default {64_000_000} 192 MB as RGB */
  readonly maxPixels?: number;
  /**
   * Height and width, upright, that are enough: an ordinary JPEG is then decoded to a half, a quarter or an eighth of its size,
   * which is faster and takes less memory, as long as both sides stay this large and are halved without a rest. See
   * {@linkcode halvings}.
   *
   * @default the whole size
   */
  readonly atLeast?: PixelSize;
}

/** JPEG can leave out the finer parts of a picture three times. */
const MOST_HALVINGS = 3;

/**
 * How often a picture is halved while it is decoded. Only sides that are divided without a rest, as those of cameras are: else the last row
 * and column would show less than the others, and all that is resized would be shifted by a part of a pixel.
 *
 * @param size Of the whole picture.
 * @param atLeast What has to be left; `undefined` for the whole picture.
 * @returns 0 to 3.
 *
 * @example
 * ```ts
 * import { halvings } from "./decode.ts";
 * const photo = { height: 3024, width: 4032 };
 * if (halvings(photo, { height: 672, width: 672 }) !== 2) throw new Error();
 * if (halvings({ ...photo, width: 4033 }, { height: 1, width: 1 }) !== 0) throw new Error();
 * ```
 */
export function halvings({ height, width }: PixelSize, atLeast: PixelSize | undefined): number {
  let count = 0;
  if (atLeast === undefined) return count;
  const fits = (side: number, least: number) => side % 2 === 0 && side / 2 >= least;
  while (count < MOST_HALVINGS && fits(height, atLeast.height) && fits(width, atLeast.width)) {
    [height, width, count] = [height / 2, width / 2, count + 1];
  }
  return count;
}

/**
 * Decodes a JPEG or PNG file, known by its content: turned upright as EXIF asks, transparent parts over white, CMYK as
 * RGB. A grey JPEG has one channel; all else has three.
 *
 * As PIL decodes them, bit for bit; PIL also smooths a progressive JPEG whose last scans are missing.
 *
 * @param file The bytes of the whole file.
 * @throws {UserError} When they are none, of neither kind, cut off or damaged, or the picture is too large.
 *
 * @example
 * ```ts
 * import { decodeImage } from "./decode.ts";
 * import { encodePng } from "./encode_png.ts";
 * const dots = { height: 1, width: 2, channels: 1, data: Uint8Array.of(0, 255) } as const;
 * const { width, data } = await decodeImage(await encodePng(dots)); // or: Deno.readFile("cat.jpg")
 * if (width !== 2 || data[3] !== 255) throw new Error(data.join());
 * ```
 */
export async function decodeImage(
  file: FileBytes,
  options: DecodeOptions = {},
): Promise<Image> {
  return await lendDecoded(file, options, copyLent);
}

/**
 * Decodes a file as {@linkcode decodeImage} does, without a copy of its pixels: lends them where they were decoded.
 *
 * @param use Gets the image; it is gone when this returns.
 * @returns What `use` returns.
 * @throws {UserError} As `decodeImage`.
 */
export async function lendDecoded<T>(
  file: FileBytes,
  { name = "the picture", maxPixels = MAX_PIXELS, atLeast }: DecodeOptions,
  use: (image: LentImage) => T,
): Promise<T> {
  if (!holdsBytes(file)) {
    throw new UserError(
      `Cannot read ${name}: it is ${givenKind(file)}, expected the bytes of a JPEG or PNG file` +
        (awaitAdvice(file) === undefined ? "" : `; ${awaitAdvice(file)}`),
    );
  }
  const bytes = await bytesOf(file);
  const header = readImageHeader(bytes, name);
  checkPixels(header, name, maxPixels);
  const { format, jpeg, png, orientation } = header;
  const lend = (image: LentImage) => ({ result: use(turnLent(image, orientation)) });
  const lent = jpeg
    ? decodeJpeg(bytes, jpeg, { name, halvings: halvings(uprightShape(header), atLeast) }, lend)
    : png && decodePng(png, { name }, lend);
  if (lent === undefined) throw damaged(format, name);
  return lent.result;
}

/** {@linkcode turnUpright} within the kernels' memory. */
function turnLent(image: LentImage, orientation: Orientation): LentImage {
  if (orientation === 1) return image;
  const [at] = layOutBeside(image, [lentPixels(image).length]);
  const out = lentPixels({ ...image, at });
  const { height, width } = turnUpright(
    { ...image, data: lentPixels(image) },
    orientation,
    out,
  );
  return { ...image, at, height, width };
}

function uprightShape({ height, width, channels, orientation }: ImageHeader): PictureShape {
  const lies = orientation >= 5;
  return { height: lies ? width : height, width: lies ? height : width, channels };
}

/**
 * Whether {@linkcode decodeImage} will succeed, and what it will give. A JPEG is decoded to an eighth of its height and width, which
 * reads all of it and takes a fifth of the time; a PNG is unpacked.
 *
 * @returns The shape of the picture, upright.
 * @throws {UserError} As `decodeImage`.
 */
export function checkDecodable(
  bytes: Uint8Array,
  { name = "the picture", maxPixels = MAX_PIXELS }: DecodeOptions = {},
): PictureShape {
  const header = readImageHeader(bytes, name);
  checkPixels(header, name, maxPixels);
  const { jpeg, png } = header;
  const isWhole = jpeg
    ? decodeJpeg(bytes, jpeg, { name, halvings: MOST_HALVINGS, check: true }, () => true)
    : png && decodePng(png, { name, check: true }, () => true);
  if (!isWhole) throw damaged(header.format, name);
  return uprightShape(header);
}

/**
 * The shape of the picture in a file, upright, by what the file says of itself.
 *
 * @throws {UserError} When it is neither JPEG nor PNG, its header is damaged, or it has too many pixels.
 */
export function encodedShape(
  bytes: Uint8Array,
  { name = "the picture", maxPixels = MAX_PIXELS }: DecodeOptions = {},
): PictureShape {
  const header = readImageHeader(bytes, name);
  checkPixels(header, name, maxPixels);
  return uprightShape(header);
}

function checkPixels({ height, width }: ImageHeader, name: string, maxPixels: number): void {
  if (height * width <= maxPixels) return;
  throw new UserError(
    `Cannot read ${name}: the picture is ${width} x ${height} pixels, expected at most ` +
      `${maxPixels / 1e6} million; scale it down`,
  );
}

function damaged(format: ImageFormat, name: string): UserError {
  return new UserError(`Cannot read ${name}: the ${format} is cut off or damaged; get it again`);
}
