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
      const start = (i: number) => {
        const bytes = i < wanted.length ? files.read(indices[wanted[i]]) : undefined;
        bytes?.catch(() => {}); // thrown when its turn comes
        return bytes;
      };
      // The next file is read while one is decoded.
      let next = start(0);
      try {
        for (let i = 0; i < wanted.length; i++) {
          signal?.throwIfAborted();
          const bytes = await next!;
          next = start(i + 1);
          images.push(await decodeImage(bytes, { name: nameOf(wanted[i]), maxPixels }));
        }
      } finally {
        await next?.catch(() => {}); // nothing is left open behind an error
      }
      return images;
    },
    kept: async (index) => {
      return { file: await files.read(indices[index]), name: nameOf(index), maxPixels };
    },
    bytes: (index) => files.read(indices[index]),
  };
}
