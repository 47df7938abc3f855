/** A safetensors file that is read piece by piece. @module */

import { UserError } from "../core/errors.ts";
import { isPipe } from "../core/pipes.ts";
import { clip } from "../core/quoted.ts";
import { readInto } from "../core/read_file.ts";
import { headerBytes, readLayout, type TensorLayout } from "../weights/safetensors_layout.ts";

/** An open file of tensors. Disposing it closes it. */
export interface TensorSource extends Disposable {
  /** Its path. */
  readonly path: string;
  /** Its header, checked. */
  readonly layout: TensorLayout;
  /** The bytes of a tensor, in pieces; nothing for one that it does not have. */
  read(name: string): AsyncGenerator<Uint8Array>;
}

/** Bytes of a piece: few enough to be held, many enough for the disk. */
const PIECE = 1 << 22;

/**
 * Opens a file and reads its header.
 *
 * @throws {UserError} When it is no safetensors file, or its size is not what its header says.
 * @throws {Deno.errors.NotFound} When there is none.
 */
export async function openTensors(path: string): Promise<TensorSource> {
  const name = clip(path);
  if (await isPipe(path)) {
    throw new UserError(
      `Cannot read ${name}: it is a pipe or a device, expected a file; write it to one and give that`,
    );
  }
  const file = await Deno.open(path);
  try {
    const { size } = await file.stat();
    const length = headerBytes(await readAt(file, 0, 8), size, name);
    const layout = readLayout(await readAt(file, 0, length), size, name);
    return {
      path,
      layout,
      async *read(wanted) {
        const place = layout.places.find((one) => one.name === wanted);
        if (place === undefined) return;
        for (let at = place.begin; at < place.end; at += PIECE) {
          const bytes = Math.min(PIECE, place.end - at);
          const piece = await readAt(file, layout.dataStart + at, bytes);
          if (piece.length === bytes) yield piece;
          else throw new UserError(`Cannot read ${name}: it became shorter while it was read`);
        }
      },
      [Symbol.dispose]: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The bytes at a place; fewer where the file ends. */
async function readAt(file: Deno.FsFile, at: number, length: number): Promise<Uint8Array> {
  await file.seek(at, Deno.SeekMode.Start);
  return await readInto(file, new Uint8Array(length));
}
