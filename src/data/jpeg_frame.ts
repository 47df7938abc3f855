/** Segments of a JPEG file, and what they say of the image before it is decoded. @module */

/** A segment. */
export interface JpegSegment {
  /** Second byte of its marker, for example 0xda for the start of a scan. */
  readonly marker: number;
  /** Where its content begins, behind the length. */
  readonly from: number;
  /** Where it ends. */
  readonly to: number;
}

/** A component of a JPEG file. */
export interface JpegPart {
  /** Its name in scans. */
  readonly id: number;
  /** Sampling factors, 1 to 4. */
  readonly across: number;
  /** Rows, as `across`. */
  readonly down: number;
  /** Number of its quantization table, 0 to 3. */
  readonly quantization: number;
}

/** Colours of a JPEG file; the last two are inks. */
export type JpegColours = "grey" | "YCbCr" | "RGB" | "CMYK" | "YCCK";

/** What a JPEG file says before its first scan. */
export interface JpegFrame {
  /** Second byte of the frame's marker: 0xc0 and 0xc1 are sequential, 0xc2 is progressive. */
  readonly marker: number;
  /** Bits of a sample. */
  readonly bits: number;
  /** Rows. */
  readonly height: number;
  /** Columns. */
  readonly width: number;
  /** Components. */
  readonly parts: readonly JpegPart[];
  /** What the components are. */
  readonly colours: JpegColours;
  /** The first Exif block, from its byte order mark on. */
  readonly exif: Uint8Array | undefined;
}

/** Markers that stand alone: TEM, SOI, EOI (ITU T.81, table B.1), beside RST0 to RST7. */
function isAlone(marker: number): boolean {
  return marker === 0x01 || marker === 0xd8 || marker === 0xd9;
}

/** Start of frame: 0xc0 to 0xcf but for DHT, JPG and DAC. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/**
 * The next segment. Bytes before its marker are passed over, as libjpeg does it, also the data of a scan.
 *
 * @param at Where to look; 2 for the first one.
 * @returns `undefined` when there is none that is whole.
 */
export function nextSegment(bytes: Uint8Array, at: number): JpegSegment | undefined {
  while (true) {
    if (bytes[at] !== 0xff) at = bytes.indexOf(0xff, at); // a call for each segment would cost more than the segment
    if (at < 0) return undefined;
    while (bytes[at] === 0xff) at++; // fill bytes
    if (at >= bytes.length) return undefined;
    const marker = bytes[at++];
    if (marker === 0 || marker >= 0xd0 && marker <= 0xd7) continue; // amid the data of a scan
    if (isAlone(marker)) return { marker, from: at, to: at };
    const to = at + word(bytes, at);
    return to >= at + 2 && to <= bytes.length ? { marker, from: at + 2, to } : undefined;
  }
}

/**
 * Reads all up to the first scan.
 *
 * @returns `undefined` when it is cut off or damaged.
 */
export function readJpegFrame(bytes: Uint8Array): JpegFrame | undefined {
  let frame: Omit<JpegFrame, "colours" | "exif"> | undefined;
  let exif: Uint8Array | undefined;
  let isJfif = false;
  let transform: number | undefined;
  for (let at = 2;;) {
    const segment = nextSegment(bytes, at);
    if (segment === undefined) return undefined;
    const { marker, from, to } = segment;
    const body = () => bytes.subarray(from, to);
    if (marker === 0xda) break;
    if (marker === 0xe0 && to - from >= 14 && startsWith(body(), "JFIF\0")) isJfif = true;
    else if (marker === 0xe1 && exif === undefined && startsWith(body(), "Exif\0")) {
      exif = body().subarray(6);
    } else if (marker === 0xee && to - from >= 12 && startsWith(body(), "Adobe")) {
      transform = bytes[from + 11];
    } else if (isFrame(marker)) {
      if (frame !== undefined) return undefined;
      frame = readFrame(marker, body());
      if (frame === undefined) return undefined;
    } else if (marker === 0xd9) return undefined;
    at = to;
  }
  const colours = frame && coloursOf(frame.parts.map(({ id }) => id), isJfif, transform);
  return frame && colours && { ...frame, colours, exif };
}

function readFrame(
  marker: number,
  body: Uint8Array,
): Omit<JpegFrame, "colours" | "exif"> | undefined {
  const count = body[5];
  if (body.length < 6 || body.length !== 6 + 3 * count) return undefined;
  const parts: JpegPart[] = [];
  for (let at = 6; at < body.length; at += 3) {
    const [id, factors, quantization] = body.subarray(at, at + 3);
    const [across, down] = [factors >> 4, factors & 15];
    if (across < 1 || across > 4 || down < 1 || down > 4 || quantization > 3) return undefined;
    // One component has nothing to be sampled beside.
    parts.push({
      id,
      across: count === 1 ? 1 : across,
      down: count === 1 ? 1 : down,
      quantization,
    });
  }
  const [height, width] = [word(body, 1), word(body, 3)];
  return { marker, bits: body[0], height, width, parts };
}

/** What the components are: as libjpeg decides it, by JFIF's word, then Adobe's, then the components' names. */
function coloursOf(
  ids: readonly number[],
  isJfif: boolean,
  transform: number | undefined,
): JpegColours | undefined {
  switch (ids.length) {
    case 1:
      return "grey";
    case 3:
      if (isJfif) return "YCbCr";
      if (transform !== undefined) return transform === 0 ? "RGB" : "YCbCr";
      return String.fromCharCode(...ids) === "RGB" ? "RGB" : "YCbCr";
    case 4:
      return transform === undefined || transform === 0 ? "CMYK" : "YCCK";
  }
}

/** Whether bytes begin with a text of one byte a character. */
export function startsWith(bytes: Uint8Array, text: string): boolean {
  if (bytes.length < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Two bytes as a number, the higher one first. */
export function word(bytes: Uint8Array, at: number): number {
  return bytes[at] << 8 | bytes[at + 1];
}
