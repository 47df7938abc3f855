/** Picture files as pictures. @module */

import { decodeImage } from "../decode.ts";
import type { Image } from "../image.ts";
import type { PictureStore } from "../picture_store.ts";
import type { CheckedFiles } from "./check_files.ts";
import type { PictureFiles } from "./picture_files.ts";

/**
 * Files that were checked, decoded when they are asked for and not kept.
 *
 * @param maxPixels See `decodeImage`.
 */
export function fileStore(
  files: PictureFiles,
  { indices, shapes }: Omit<CheckedFiles, "skipped">,
  maxPixels?: number,
): PictureStore {
  const nameOf = (index: number) => files.name(indices[index]);
  return {
    length: indices.length,
    shape: (index) => shapes[index],
    name: nameOf,
    async read(wanted, { signal } = {}) {
      const images: Image[] = [];
      for (const index of Array.from(wanted)) {
        signal?.throwIfAborted();
        const bytes = await files.read(indices[index]);
        images.push(await decodeImage(bytes, { name: nameOf(index), maxPixels }));
      }
      return images;
    },
    bytes: (index) => files.read(indices[index]),
  };
}
