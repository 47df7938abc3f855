/** Where the pictures of a data set come from. @module */

import type { Image } from "./image.ts";
import type { KeptPicture } from "./kept_picture.ts";

/** Height, width and channels of a picture as it is read: upright, 1 = grey, 3 = red, green, blue. */
export type PictureShape = Omit<Image, "data">;

/** Options of {@linkcode PictureStore.read}. */
export interface ReadOptions {
  /** Stops between two pictures. */
  readonly signal?: AbortSignal;
}

/** Pictures by number, decoded when they are asked for. */
export interface PictureStore {
  /** Number of pictures. */
  readonly length: number;
  /** What is known of a picture without decoding it. */
  shape(index: number): PictureShape;
  /** What to call a picture: its path, or `row 17`. */
  name(index: number): string;
  /**
   * The pictures at `indices`, in that order, all of them decoded at once: whoever asks for many large ones needs the memory.
   *
   * @throws {UserError} When one cannot be read or decoded; the message names it.
   */
  read(indices: ArrayLike<number>, options?: ReadOptions): Promise<Image[]>;
  /**
   * A picture as it is kept, for whoever decodes it elsewhere.
   *
   * @throws {UserError} When its file cannot be read.
   */
  kept(index: number): Promise<KeptPicture>;
  /** The encoded file of a picture; absent where pictures are not files. */
  bytes?(index: number): Promise<Uint8Array>;
}

/**
 * Pictures that are in memory; nothing is copied.
 *
 * @param length Number of pictures.
 * @param image Gives the picture at an index, at no cost.
 *
 * @example
 * ```ts
 * import { memoryStore } from "./picture_store.ts";
 * const black = { data: new Uint8Array(2), height: 1, width: 2, channels: 1 } as const;
 * const store = memoryStore(1, () => black);
 * if (store.shape(0).width !== 2 || store.name(0) !== "row 1") throw new Error();
 * if ((await store.read([0]))[0] !== black) throw new Error();
 * ```
 */
export function memoryStore(length: number, image: (index: number) => Image): PictureStore {
  return {
    length,
    shape: (index) => {
      const { height, width, channels } = image(index);
      return { height, width, channels };
    },
    name: (index) => `row ${index + 1}`,
    read: (indices) => Promise.resolve(Array.from(indices, image)),
    kept: (index) => Promise.resolve(image(index)),
  };
}
