/** One number for all that a data set holds. @module */

import { sha256Hex, sha256HexOf } from "../core/sha256.ts";
import type { PictureStore } from "./picture_store.ts";

/** Pictures of a store, with their classes. */
export interface HashedPictures {
  /** Where the pictures are. */
  readonly store: PictureStore;
  /** Which of them. */
  readonly rows: ArrayLike<number>;
  /** Class of each of those; -1 = unknown. */
  readonly labels: ArrayLike<number>;
}

/** Pictures whose bytes are hashed at once: 800 KB of 28 x 28. A constant of the hash, not to be changed. */
export const HASHED_ROWS = 1024;

/** Hashes of pictures, {@linkcode HASHED_ROWS} at a time. */
export interface BlockHashes {
  /** SHA-256 of each block, as hex. */
  readonly hashes: readonly string[];
  /** Whether the bytes of files were hashed, else pixels and shapes. */
  readonly files: boolean;
}

/**
 * Hashes pixels, shapes and labels block by block; of files, their encoded bytes stand for pixels and shapes. A few pictures are in
 * memory at a time. The blocks of a part that begins where one begins are blocks of the whole.
 *
 * @throws {UserError} When a file can no longer be read.
 */
export async function hashBlocks({ store, rows, labels }: HashedPictures): Promise<BlockHashes> {
  const describe = store.bytes ? describeFile : describePixels;
  const hashes: string[] = [];
  for (let start = 0; start < rows.length; start += HASHED_ROWS) {
    const end = Math.min(start + HASHED_ROWS, rows.length);
    hashes.push(await sha256HexOf(piecesOf(start, end)));
  }
  return { hashes, files: store.bytes !== undefined };

  async function* piecesOf(start: number, end: number): AsyncGenerator<Uint8Array> {
    for (let i = start; i < end; i++) yield* await describe(store, rows[i], labels[i]);
  }
}

/** SHA-256, as hex, of a whole data set: its blocks in order, how many pictures they are, and class names. */
export async function hashOfBlocks(
  { hashes, files }: BlockHashes,
  { length, classes }: { readonly length: number; readonly classes: readonly string[] },
): Promise<string> {
  const parts = [length, classes, hashes, ...files ? ["files"] : []];
  return await sha256Hex(new TextEncoder().encode(JSON.stringify(parts)));
}

type Describe = (store: PictureStore, row: number, label: number) => Promise<Uint8Array[]>;

/** Shape, label, pixels. */
const describePixels: Describe = async (store, row, label) => {
  const [{ data, height, width, channels }] = await store.read([row]);
  return [numbers(height, width, channels, label), data];
};

/** Label, and the file's own hash: a block holds no files. */
const describeFile: Describe = async (store, row, label) => {
  const hash = await sha256Hex(await store.bytes!(row));
  return [numbers(label), new TextEncoder().encode(hash)];
};

function numbers(...values: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, k) => view.setInt32(4 * k, value, true));
  return new Uint8Array(view.buffer);
}
