/** What tells each picture of a data set from the others. @module */

import type { ProgressOptions } from "../core/progress.ts";
import { sha256Hex } from "../core/sha256.ts";
import { colourMode } from "../data/colour_mode.ts";
import type { ImageDataset } from "../data/dataset.ts";
import type { Image } from "../data/image.ts";
import { breathe } from "../train/breathe.ts";

/** What {@linkcode identify} finds. */
export interface Identity {
  /** SHA-256 of each picture's file, else of its pixels. */
  readonly hashes: readonly string[];
  /** Number of pictures by how their colours are kept: `RGB`, `grey`, of files also `CMYK`, `palette` …; see `colourMode`. */
  readonly colours: Readonly<Record<string, number>>;
}

/** What is asked of a data set. */
export type IdentifiedData = Pick<ImageDataset, "length" | "image" | "bytes">;

/** Milliseconds between turns of the event loop. */
const BREATHE_MS = 50;

/**
 * Reads every picture once, one at a time; files are not decoded.
 *
 * @throws {UserError} When a file can no longer be read.
 */
export async function identify(
  data: IdentifiedData,
  { onProgress, signal }: ProgressOptions = {},
): Promise<Identity> {
  const hashes: string[] = [];
  const colours: Record<string, number> = {};
  let breathed = performance.now();
  for (let row = 0; row < data.length; row++) {
    const file = await data.bytes(row);
    const image = file === undefined ? await data.image(row) : undefined;
    hashes.push(await sha256Hex(file ?? pixelsWithSize(image!)));
    const colour = file === undefined ? undefined : colourMode(file);
    const name = colour ?? (image?.channels === 1 ? "grey" : "RGB");
    colours[name] = (colours[name] ?? 0) + 1;
    if (performance.now() - breathed < BREATHE_MS && row + 1 < data.length) continue;
    onProgress?.({ stage: "read", done: row + 1, total: data.length, unit: "images" });
    await breathe(signal);
    breathed = performance.now();
  }
  return { hashes, colours };
}

/** A picture of other pixels or another size has other bytes. */
function pixelsWithSize({ data, height, width, channels }: Image): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  [height, width, channels].forEach((value, i) => view.setUint32(4 * i, value));
  bytes.set(data, 12);
  return bytes;
}
