/** Pictures and labels in a pair of IDX files, as MNIST and its family come. @module */

import { UserError } from "../../core/errors.ts";
import { clip } from "../../core/quoted.ts";
import { type ByteInput, openBytes } from "../byte_input.ts";
import { readIdx } from "../idx.ts";
import { memoryStore, type PictureStore } from "../picture_store.ts";
import { pixelShape } from "../pixel_shape.ts";

/** Options of {@linkcode readIdxPair}. */
export interface IdxOptions {
  /**
   * The file of labels.
   *
   * @default beside the pictures, by MNIST's naming: `train-labels-idx1-ubyte` for `train-images-idx3-ubyte`, with `.gz` or without
   */
  readonly labels?: string | URL;
  /** Whether pictures without labels are refused. @default {true} */
  readonly requireLabels?: boolean;
  /** Height, width and, if not 1, channels, of pictures that are rows of numbers. @default the square of as many pixels, grey or in colour */
  readonly shape?: readonly number[];
  /** Stops between two pieces of a file. */
  readonly signal?: AbortSignal;
}

/** The pictures, in memory, and the number of each one's class. */
export interface IdxPair {
  /** The pictures. */
  readonly store: PictureStore;
  /** Their labels; absent where there is no such file. */
  readonly labels?: ArrayLike<number>;
}

/**
 * Reads pictures `[n, height, width]`, `[n, height, width, channels]` or `[n, pixels]` and the labels `[n]` beside them.
 *
 * @param input The file of pictures.
 * @throws {UserError} When a file is damaged or missing, or the two do not belong together.
 */
export async function readIdxPair(input: ByteInput, options: IdxOptions = {}): Promise<IdxPair> {
  const { labels: given, requireLabels = true, signal } = options;
  const { name } = input;
  const pixels = await readIdx(input, { signal });
  if (pixels.shape.length < 2) {
    throw new UserError(
      `Cannot read ${name}: it holds ${
        pixels.shape[0]
      } labels, expected pictures; give the file of pictures, ` +
        "whose name has images-idx3",
    );
  }
  const [count, ...sides] = pixels.shape;
  if (count === 0) throw new UserError(`Cannot read ${name}: it holds no pictures`);
  const values = sides.reduce((product, side) => product * side, 1);
  const [height, width, channels] = pixelShape(
    values,
    options.shape ?? (sides.length > 1 ? sides : undefined),
    name,
  );
  const store = memoryStore(count, (index) => {
    const data = pixels.data.subarray(index * values, (index + 1) * values);
    return { data, height, width, channels };
  });
  const file = given ?? await findLabels(input.address ?? name);
  if (file === undefined) {
    if (!requireLabels) return { store };
    throw new UserError(
      `Cannot read ${name}: there is no file of labels beside it, expected ${
        labelsName(name) ?? "one by MNIST's naming"
      }`,
    );
  }
  using opened = await openBytes(file, { signal });
  const labels = await readIdx(opened, { signal });
  if (labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new UserError(
      `Cannot read ${opened.name}: its shape is [${
        clip(labels.shape.join(", "))
      }], expected a label for each of ` +
        `the ${count} pictures of ${name}`,
    );
  }
  return { store, labels: labels.data };
}

/** `train-labels-idx1-ubyte.gz` for `train-images-idx3-ubyte.gz`; `undefined` for names of another kind. */
function labelsName(images: string): string | undefined {
  const found = /^(.*)images([-._]?)idx\d([^/\\]*)$/i.exec(images);
  if (!found) return undefined;
  const [, before, separator, after] = found;
  return `${before}labels${separator}idx1${after}`;
}

/** The file of labels that is there, packed or not. */
async function findLabels(images: string): Promise<string | undefined> {
  const wanted = labelsName(images);
  if (wanted === undefined) return undefined;
  if (/^https?:/i.test(wanted)) return wanted;
  const other = wanted.endsWith(".gz") ? wanted.slice(0, -3) : `${wanted}.gz`;
  for (const name of [wanted, other]) {
    const path = /^file:/i.test(name) ? new URL(name) : name;
    try {
      await Deno.stat(path);
      return name;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) return name; // whoever opens it says why it cannot
    }
  }
  return undefined;
}
