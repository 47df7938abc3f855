/** Pictures as PNG files. @module */

import { crc32 } from "../core/crc32.ts";
import { checkedImage, type Image } from "./image.ts";

/** First bytes of every PNG file. */
const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Colour types of the specification: grey, and red, green, blue. */
const COLOUR_TYPE = { 1: 0, 3: 2 } as const;

/** The filter that suits photographs and drawings alike; one and the same for each row. */
const PAETH = 4;

/**
 * Writes a picture as a PNG file: 8 bits a sample, grey or RGB, nothing lost.
 *
 * @throws {UserError} When the picture's data do not have its size.
 *
 * @example
 * ```ts
 * import { encodePng } from "./encode_png.ts";
 * const file = await encodePng({ data: Uint8Array.of(0, 255), height: 1, width: 2, channels: 1 });
 * if (String.fromCharCode(...file.subarray(1, 4)) !== "PNG") throw new Error();
 * ```
 */
export async function encodePng(given: Image): Promise<Uint8Array<ArrayBuffer>> {
  const image = checkedImage(given);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, image.width);
  view.setUint32(4, image.height);
  header[8] = 8; // bits a sample
  header[9] = COLOUR_TYPE[image.channels];
  const chunks = [
    chunk("IHDR", header),
    chunk("IDAT", await deflate(filtered(image))),
    chunk("IEND", new Uint8Array(0)),
  ];
  const file = new Uint8Array(
    chunks.reduce((length, part) => length + part.length, SIGNATURE.length),
  );
  file.set(SIGNATURE);
  let at = SIGNATURE.length;
  for (const part of chunks) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/** Rows as differences from what the Paeth filter expects, each behind the filter's number. */
function filtered({ data, height, width, channels }: Image): Uint8Array<ArrayBuffer> {
  const stride = width * channels;
  const out = new Uint8Array(height * (stride + 1));
  let to = 0;
  for (let y = 0; y < height; y++) {
    out[to++] = PAETH;
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x >= channels ? data[at - channels] : 0;
      const above = y > 0 ? data[at - stride] : 0;
      const corner = x >= channels && y > 0 ? data[at - stride - channels] : 0;
      out[to++] = data[at] - paeth(left, above, corner); // modulo 256, by the array
    }
  }
  return out;
}

/** Whichever of the three is nearest to left + above - corner; of equal ones the first (PNG specification, 9.4). */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** Compressed in zlib's form, which is PNG's. */
async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Length, type, data, checksum. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length + 12);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i);
  out.set(data, 8);
  view.setUint32(8 + data.length, crc32(out.subarray(4, 8 + data.length)));
  return out;
}
