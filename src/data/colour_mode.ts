/** How a picture file keeps its colours. @module */

/** Names of PNG's colour types (PNG specification, table 11.1). */
const PNG_TYPES: Readonly<Record<number, string>> = {
  0: "grey",
  2: "RGB",
  3: "palette",
  4: "grey with alpha",
  6: "RGB with alpha",
};

/** Names of JPEG files by their number of components. */
const JPEG_COMPONENTS: Readonly<Record<number, string>> = { 1: "grey", 3: "RGB", 4: "CMYK" };

/**
 * Says how a JPEG or PNG file keeps its colours: `grey`, `RGB`, `CMYK`, `palette`, with `, 16 bits` where a sample has more
 * than 8, with ` with alpha` where pixels may be transparent.
 *
 * @param bytes A file that can be decoded.
 * @returns `undefined` when it is none of the two, or of a kind that is not known.
 *
 * @example
 * ```ts
 * import { colourMode } from "./colour_mode.ts";
 * import { encodePng } from "./encode_png.ts";
 * const png = await encodePng({ data: Uint8Array.of(0), height: 1, width: 1, channels: 1 });
 * if (colourMode(png) !== "grey") throw new Error();
 * ```
 */
export function colourMode(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0x89 && bytes.length > 25) { // IHDR comes first: 8 bytes of width and height, depth, type
    const name = PNG_TYPES[bytes[25]];
    return name !== undefined && bytes[24] === 16 ? `${name}, 16 bits` : name;
  }
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return JPEG_COMPONENTS[jpegComponents(bytes) ?? 0];
  return undefined;
}

/** Number of components, from the start of frame: marker 0xc0 to 0xcf but for DHT, JPG and DAC (ITU T.81, table B.1). */
function jpegComponents(bytes: Uint8Array): number | undefined {
  let at = 2;
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1];
    if (marker === 0xff) { // a fill byte
      at++;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 &&
      marker !== 0xcc;
    if (isFrame) return bytes[at + 9]; // behind the length, the depth, the height and the width
    at += 2 + (bytes[at + 2] << 8 | bytes[at + 3]);
  }
  return undefined;
}
