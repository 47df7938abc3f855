/** A growing store of pictures of one shape. @module */

import type { PixelShape } from "./pixel_shape.ts";

/** Pictures of one shape, held in blocks so that growing never copies what is there. */
export interface PixelBlocks {
  /** Shape of each picture. */
  readonly shape: PixelShape;
  /** Number of pictures. */
  readonly length: number;
  /** Where the next picture's bytes go; they count only after {@linkcode PixelBlocks.keepRow}. */
  nextRow(): { readonly block: Uint8Array; readonly offset: number };
  /** Counts the picture that was written to {@linkcode PixelBlocks.nextRow}. */
  keepRow(): void;
  /** The bytes of a picture, `[height, width, channels]`; a view, not to be written to. */
  row(index: number): Uint8Array;
}

/** Small beside any data set worth the name, large beside a picture. */
const BLOCK_BYTES = 1 << 20;

/**
 * Makes an empty store.
 *
 * @example
 * ```ts
 * import { createPixelBlocks } from "./pixel_blocks.ts";
 * const pictures = createPixelBlocks([1, 2, 1]);
 * const { block, offset } = pictures.nextRow();
 * block.set([7, 9], offset);
 * pictures.keepRow();
 * if (pictures.length !== 1 || pictures.row(0).join() !== "7,9") throw new Error();
 * ```
 */
export function createPixelBlocks(shape: PixelShape): PixelBlocks {
  const size = shape[0] * shape[1] * shape[2];
  const rowsPerBlock = Math.max(1, Math.floor(BLOCK_BYTES / size));
  const blocks: Uint8Array[] = [];
  let length = 0;
  return {
    shape,
    get length() {
      return length;
    },
    nextRow() {
      const block = Math.floor(length / rowsPerBlock);
      if (block === blocks.length) blocks.push(new Uint8Array(rowsPerBlock * size));
      return { block: blocks[block], offset: (length % rowsPerBlock) * size };
    },
    keepRow() {
      length++;
    },
    row(index) {
      const start = (index % rowsPerBlock) * size;
      return blocks[Math.floor(index / rowsPerBlock)].subarray(start, start + size);
    },
  };
}
