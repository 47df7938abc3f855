/** One look at each picture of a data set. @module */

import { UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { sha256Hex } from "../core/sha256.ts";
import { colourMode } from "../data/colour_mode.ts";
import type { ImageDataset } from "../data/dataset.ts";
import type { Image } from "../data/image.ts";
import { breathe } from "../train/breathe.ts";

/** A picture that cannot be read. */
export interface BrokenPicture {
  /** Its index. */
  readonly row: number;
  /** What it is called: a path, or a row of a table. */
  readonly name: string;
  /** Why, in words. */
  readonly reason: string;
}

/** What reading all pictures tells. */
export interface PictureReading {
  /** SHA-256 of each picture's file, else of its pixels; `undefined` where it cannot be read. */
  readonly hashes: readonly (string | undefined)[];
  /** Pictures that cannot be read or decoded. */
  readonly broken: readonly BrokenPicture[];
  /** Number of pictures by how their colours are kept: `RGB`, `grey`, of files also `CMYK`, `palette` …; see `colourMode`. */
  readonly colours: Readonly<Record<string, number>>;
}

/** What is asked of a data set. */
export type ReadableData = Pick<
  ImageDataset,
  "length" | "images" | "bytes" | "name" | "size"
>;

/** Pixels that are decoded at once, in pictures of any size: 48 MB of colour; a single larger picture takes what it takes. */
const DECODED_PIXELS = 16_000_000;

/**
 * Reads and decodes every picture once, a few at a time.
 *
 * @throws Whatever is no fault of a file: the signal's reason, a lost connection.
 */
export async function readPictures(
  data: ReadableData,
  { onProgress, signal }: ProgressOptions = {},
): Promise<PictureReading> {
  const hashes: (string | undefined)[] = [];
  const broken: BrokenPicture[] = [];
  const colours: Record<string, number> = {};
  for (const rows of groupsOf(data)) {
    for (const one of await readGroup(data, rows, signal)) {
      const { row, image, error } = one;
      if (error !== undefined) {
        broken.push({ row, name: data.name(row), reason: reasonOf(error, data.name(row)) });
        hashes.push(undefined);
        continue;
      }
      const file = await data.bytes(row);
      const colour = file && colourMode(file) || (image.channels === 1 ? "grey" : "RGB");
      colours[colour] = (colours[colour] ?? 0) + 1;
      hashes.push(await sha256Hex(file ?? pixelsWithSize(image)));
    }
    onProgress?.({ stage: "read", done: hashes.length, total: data.length, unit: "images" });
    await breathe(signal);
  }
  return { hashes, broken, colours };
}

/** A picture, or why there is none. */
type Outcome =
  | { readonly row: number; readonly image: Image; readonly error?: undefined }
  | { readonly row: number; readonly image?: undefined; readonly error: UserError };

/** Decodes pictures together, which may be quicker; only where one fails, each by itself. */
async function readGroup(
  data: ReadableData,
  rows: readonly number[],
  signal: AbortSignal | undefined,
): Promise<Outcome[]> {
  try {
    const images = await data.images(rows, { signal });
    return images.map((image, i) => ({ row: rows[i], image }));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (rows.length === 1) return [{ row: rows[0], error }];
    const outcomes: Outcome[] = [];
    for (const row of rows) outcomes.push(...await readGroup(data, [row], signal));
    return outcomes;
  }
}

/** Rows in order, in groups of one or more that may be decoded together. */
function* groupsOf(data: ReadableData): Generator<number[]> {
  let group: number[] = [];
  let pixels = 0;
  for (let row = 0; row < data.length; row++) {
    const { height, width } = data.size(row);
    if (group.length > 0 && pixels + height * width > DECODED_PIXELS) {
      yield group;
      group = [];
      pixels = 0;
    }
    group.push(row);
    pixels += height * width;
  }
  if (group.length > 0) yield group;
}

/** A picture of other pixels or another size has other bytes. */
function pixelsWithSize({ data, height, width, channels }: Image): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  [height, width, channels].forEach((value, i) => view.setUint32(4 * i, value));
  bytes.set(data, 12);
  return bytes;
}

/** What an error says behind the name of the file. */
function reasonOf({ message }: UserError, name: string): string {
  return message.replace(`Cannot read ${name}: `, "");
}
