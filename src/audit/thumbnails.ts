/** Pictures of a data set, small enough for a page. @module */

import type { ImageDataset } from "../data/dataset.ts";
import { encodePng } from "../data/encode_png.ts";
import { resize } from "../data/resize.ts";
import type { ProgressOptions } from "../core/progress.ts";
import type { Thumbnail } from "../report/contact_sheet.ts";

/** Longest side, in pixels; smaller pictures stay as they are. */
const SIDE = 96;

/**
 * Small copies of some pictures; one picture is decoded at a time.
 *
 * @param rows Indices of the pictures; each is made once.
 * @throws {UserError} When one cannot be read or decoded.
 */
export async function makeThumbnails(
  data: Pick<ImageDataset, "image" | "name">,
  rows: Iterable<number>,
  { onProgress, signal }: ProgressOptions = {},
): Promise<Map<number, Thumbnail>> {
  const wanted = [...new Set(rows)];
  const made = new Map<number, Thumbnail>();
  for (const row of wanted) {
    const image = await data.image(row, { signal });
    const scale = Math.min(1, SIDE / Math.max(image.height, image.width));
    const to = {
      height: Math.max(1, Math.round(image.height * scale)),
      width: Math.max(1, Math.round(image.width * scale)),
    };
    const small = scale < 1 ? resize(image, to) : image;
    made.set(row, { png: await encodePng(small), ...to, name: data.name(row) });
    const done = made.size;
    onProgress?.({ stage: "contact sheet", done, total: wanted.length, unit: "images" });
  }
  return made;
}
