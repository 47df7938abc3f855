/** Pictures of a data set as the network takes them, few of them decoded at a time. @module */

import { backend } from "../backend/mod.ts";
import { UserError } from "../core/errors.ts";
import { nextTurn } from "../core/next_turn.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { halvings } from "../data/decode.ts";
import type { KeptPicture } from "../data/kept_picture.ts";
import { createPictureMaker, type MakerOptions } from "../data/picture_maker.ts";
import {
  cores,
  defaultPictureThreads,
  leastBusy,
  type PictureThread,
  pictureThreads,
  portableOptions,
  REQUESTS,
} from "../data/picture_threads.ts";
import { enoughFor, type PreprocessOptions } from "../data/preprocess.ts";
import type { PixelSize } from "../data/resize.ts";
import type { Transform } from "../data/transforms/transform.ts";

/** What is asked of a data set. */
export type PictureReader = Pick<ImageDataset, "size" | "kept">;

/** Random views of pictures. */
export interface RandomView {
  /** What makes them. */
  readonly transform: Transform;
  /** Seed of the view of the picture that is at this place among those that are prepared, 0 to 2^32 - 1. */
  readonly seed: (at: number) => number;
}

/** The picture itself, or a random view of it before it is scaled. */
export type View = "itself" | RandomView;

/** Options of {@linkcode preparePictures}. */
export interface PrepareOptions extends PreprocessOptions {
  /** What to make of each picture. @default the picture itself, once */
  readonly views?: readonly View[];
  /** Threads that decode beside the calling one, where that is worth it; the result is the same. @default {@linkcode defaultPictureThreads} */
  readonly threads?: number;
  /** Ends the work. */
  readonly signal?: AbortSignal;
  /**
   * Takes what is wrong with a picture that cannot be decoded, and its place among those that are prepared; its pixels are zeros then.
   *
   * @default thrown
   */
  readonly onUnreadable?: (at: number, error: UserError) => void;
}

/** Decoded pixels that are on their way at once: 48 MB of colour; a single larger picture takes what it takes. */
const PIXELS_AT_ONCE = 16_000_000;

/** Fewer pixels in a batch are prepared faster than they are handed out. */
const PIXELS_FOR_THREADS = 500_000;

/** Cores that the backend's threads leave: on those, pictures can be made while the network is at work. */
export function coresToSpare(): number {
  return Math.max(0, cores() - (backend()?.threads ?? 1));
}

/** Pictures that are made while the calling thread is busy. */
export interface PicturesAhead {
  /** When the threads have all that they may have at once, so that they can do without the calling one. Never rejects. */
  readonly handedOut: Promise<void>;
  /** See {@linkcode preparePictures}; that it is rejected may be learnt later, or never. */
  readonly pixels: Promise<Float32Array>;
}

/** {@linkcode preparePictures} on the other threads alone, where there are any. */
export function prepareAhead(
  dataset: PictureReader,
  indices: ArrayLike<number>,
  options: PrepareOptions,
): PicturesAhead {
  const { promise: handedOut, resolve } = Promise.withResolvers<void>();
  const pixels = prepare(dataset, indices, options, resolve);
  pixels.then(() => resolve(), () => resolve());
  return { handedOut, pixels };
}

/**
 * Decodes and prepares pictures. What is decoded is held no longer than it takes to scale it; a picture is decoded once for all its views.
 * Files are decoded on several threads at once; what comes of it does not depend on their number.
 *
 * @param indices Places in the data set.
 * @returns `[views, indices.length, size, size, 3]`
 * @throws {UserError} When a file cannot be read or decoded: of several, for the first.
 */
export async function preparePictures(
  dataset: PictureReader,
  indices: ArrayLike<number>,
  options: PrepareOptions,
): Promise<Float32Array> {
  return await prepare(dataset, indices, options);
}

/** @param onHandedOut Where it is given, the work is left to the other threads, and they have what they may have at once. */
async function prepare(
  dataset: PictureReader,
  indices: ArrayLike<number>,
  { signal, views = ["itself"], threads, onUnreadable, ...options }: PrepareOptions,
  onHandedOut?: () => void,
): Promise<Float32Array> {
  const { length } = indices;
  const values = options.size * options.size * 3;
  const prepared = new Float32Array(views.length * length * values);
  const outsOf = (at: number) =>
    views.map((_, v) => prepared.subarray((v * length + at) * values).subarray(0, values));
  const seedsOf = (at: number) => views.map((view) => view === "itself" ? 0 : view.seed(at));
  const makerOptions: MakerOptions = {
    ...options,
    views: views.map((view) => view === "itself" ? view : view.transform),
  };
  const make = createPictureMaker(makerOptions);
  const portable = isWorthThreads(dataset, indices, views.length)
    ? portableOptions(makerOptions)
    : undefined;
  const crew = portable === undefined ? [] : await crewOf(threads, onHandedOut !== undefined);
  const weigh = weightOf(makerOptions);
  const toldOf = (at: number) => (error: unknown) => {
    if (onUnreadable === undefined || !(error instanceof UserError)) throw error;
    for (const out of outsOf(at)) out.fill(0);
    onUnreadable(at, error);
  };
  const under = new Set<Promise<void>>();
  const asked: Promise<void>[] = [];
  let weight = 0;
  const read = (at: number): Promise<KeptPicture> | undefined => {
    const picture = at < length ? dataset.kept(indices[at]) : undefined;
    picture?.catch(() => {}); // thrown when its turn comes
    return picture;
  };
  // The next file is read while one is decoded.
  let next = read(0);
  try {
    for (let at = 0; at < length; at++) {
      signal?.throwIfAborted();
      const picture = await next!;
      next = read(at + 1);
      const own = weigh(dataset.size(indices[at]));
      while (under.size > 0 && weight + own > PIXELS_AT_ONCE) {
        onHandedOut?.();
        await Promise.race(under).catch(() => {}); // thrown when its turn comes
      }
      const thread = "file" in picture
        ? leastBusy(crew, onHandedOut ? Infinity : REQUESTS)
        : undefined;
      if (thread === undefined || !("file" in picture)) {
        await make(picture, seedsOf(at), outsOf(at)).catch(toldOf(at));
        if (crew.length > 0) await nextTurn(); // takes the answers that have come meanwhile
        continue;
      }
      weight += own;
      const answer = thread.make(portable!, picture, seedsOf(at)).then((pixels) => {
        outsOf(at).forEach((out, v) => out.set(pixels.subarray(v * values, (v + 1) * values)));
      }).catch(toldOf(at)).finally(() => {
        weight -= own;
        under.delete(answer);
      });
      answer.catch(() => {}); // thrown when its turn comes
      under.add(answer);
      asked.push(answer);
    }
  } catch (error) {
    // Of pictures that cannot be decoded, the first is told, whichever thread was faster.
    if (!signal?.aborted) { for (const answer of asked) await answer; }
    throw error;
  } finally {
    await next?.catch(() => {}); // nothing is left open behind an error
  }
  onHandedOut?.();
  for (const answer of asked) await answer;
  signal?.throwIfAborted();
  return prepared;
}

/** The threads to hand pictures to. */
async function crewOf(
  threads: number = defaultPictureThreads(),
  ahead: boolean,
): Promise<readonly PictureThread[]> {
  const { threads: all } = await pictureThreads(threads);
  return ahead ? all.slice(0, Math.max(1, coresToSpare())) : all;
}

function isWorthThreads(
  dataset: PictureReader,
  indices: ArrayLike<number>,
  views: number,
): boolean {
  let pixels = 0;
  for (let at = 0; at < indices.length; at++) {
    const { height, width } = dataset.size(indices[at]);
    pixels += height * width * views;
    if (at > 0 && pixels >= PIXELS_FOR_THREADS) return true;
  }
  return false;
}

/** Pixels that a picture is decoded to. Where it is thought to be decoded to a part of its size, that may not be possible: then it counts a quarter. */
function weightOf(options: MakerOptions): (size: PixelSize) => number {
  const enough = options.views.every((view) => view === "itself") ? enoughFor(options) : undefined;
  return (size) => {
    const pixels = size.height * size.width;
    return pixels / Math.min(4, 4 ** halvings(size, enough));
  };
}
