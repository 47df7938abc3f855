/** JPEG and PNG files as pictures. @module */

import { UserError } from "../core/errors.ts";
import { type Decoded, decodeJpeg, decodePng } from "./codecs.ts";
import { turnUpright } from "./exif_orientation.ts";
import type { Image } from "./image.ts";
import { type ImageFormat, type ImageHeader, readImageHeader } from "./image_header.ts";
import { decodeOrdinaryJpeg } from "./picture_kernels.ts";
import type { PictureShape } from "./picture_store.ts";

/** 192 MB as RGB. */
const MAX_PIXELS = 64_000_000;

/** Options of {@linkcode decodeImage}. */
export interface DecodeOptions {
  /** What to call the file in messages. @default {"the picture"} */
  readonly name?: string;
  /** Pictures of more pixels are refused before they are decoded. @default {64_000_000} 192 MB as RGB */
  readonly maxPixels?: number;
}

/**
 * Decodes a JPEG or PNG file, known by its content: turned upright as EXIF asks, transparent parts over white, CMYK as
 * RGB. A grey JPEG has one channel; all else has three.
 *
 * PNG and ordinary JPEG as PIL decodes them, bit for bit; a JPEG of another kind (progressive, CMYK, rare sampling of chroma)
 * within 3 of 255 of it (another inverse DCT and another chroma upsampling).
 *
 * @param bytes The whole file.
 * @throws {UserError} When it is neither, is cut off or damaged, or is too large.
 *
 * @example
 * ```ts ignore
 * import { decodeImage } from "./decode.ts";
 * const { height, width, channels } = await decodeImage(await Deno.readFile("cat.jpg"));
 * ```
 */
export async function decodeImage(
  bytes: Uint8Array,
  { name = "the picture", maxPixels = MAX_PIXELS }: DecodeOptions = {},
): Promise<Image> {
  const header = readImageHeader(bytes, name);
  checkPixels(header, name, maxPixels);
  const { format, height, width } = header;
  const decoded = format === "PNG" ? await decodePng(bytes) : decodeOrdinaryJpeg(bytes) ??
    await decodeJpeg(header.unmarkedInks ? withAdobeMarker(bytes) : bytes);
  if (decoded === undefined || decoded.height !== height || decoded.width !== width) {
    throw damaged(format, name);
  }
  return turnUpright(toImage(decoded, format), header.orientation);
}

/**
 * Whether {@linkcode decodeImage} will succeed, and what it will give. A JPEG is decoded to an eighth of its height and width, which
 * reads all of it and takes a third of the time; a PNG is decoded.
 *
 * @returns The shape of the picture, upright.
 * @throws {UserError} As `decodeImage`.
 */
export async function checkDecodable(
  bytes: Uint8Array,
  { name = "the picture", maxPixels = MAX_PIXELS }: DecodeOptions = {},
): Promise<PictureShape> {
  const header = readImageHeader(bytes, name);
  checkPixels(header, name, maxPixels);
  const { format, height, width, channels } = header;
  const lies = header.orientation >= 5;
  const shape = { height: lies ? width : height, width: lies ? height : width, channels };
  if (format === "JPEG") {
    const marked = header.unmarkedInks ? withAdobeMarker(bytes) : bytes;
    const decoded = await decodeJpeg(marked, { eighth: true });
    const eighth = (side: number) => Math.ceil(side / 8);
    if (decoded?.height === eighth(height) && decoded.width === eighth(width)) return shape;
  }
  // What cannot be had small may still be had whole.
  await decodeImage(bytes, { name, maxPixels });
  return shape;
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

function toImage({ data, height, width, samples }: Decoded, format: ImageFormat): Image {
  if (samples !== 4) return { data, height, width, channels: samples };
  const rgb = format === "PNG" ? overWhite(data) : fromCmyk(data);
  return { data: rgb, height, width, channels: 3 };
}

/** RGBA with straight alpha to RGB as on white paper, rounded as PIL's `paste` does. */
function overWhite(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(rgba.length / 4 * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    const alpha = rgba[from + 3];
    for (let i = 0; i < 3; i++) {
      rgb[to++] = alpha === 255
        ? rgba[from + i]
        : Math.round((rgba[from + i] * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return rgb;
}

/**
 * The decoder refuses four components unless Adobe's marker (here: version 100, no transform) says what they are. Like
 * PIL, we take them for inverted inks, as Adobe's are.
 */
function withAdobeMarker(jpeg: Uint8Array): Uint8Array {
  // deno-fmt-ignore
  const marker = [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0];
  const marked = new Uint8Array(jpeg.length + marker.length);
  marked.set(jpeg.subarray(0, 2));
  marked.set(marker, 2);
  marked.set(jpeg.subarray(2), 2 + marker.length);
  return marked;
}

/** Inks to light without a colour profile, as PIL does it. */
function fromCmyk(cmyk: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(cmyk.length / 4 * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += 4) {
    const light = 255 - cmyk[from + 3];
    for (let i = 0; i < 3; i++) {
      rgb[to++] = light - Math.round(cmyk[from + i] * light / 255);
    }
  }
  return rgb;
}
