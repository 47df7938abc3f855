/**
 * What a thread that makes and checks pictures does: the entry of the bundle in `lib/`, which `picture_threads.ts` starts. Answers each request once, in
 * order.
 *
 * @module
 */

import { UserError } from "../../core/errors.ts";
import { giveModules, type WasmModules } from "../../core/given_modules.ts";
import { checkDecodable } from "../decode.ts";
import type { EncodedPicture } from "../kept_picture.ts";
import { keepAllMemory } from "../picture_kernels.ts";
import { createPictureMaker, type MakerOptions, type PictureMaker } from "../picture_maker.ts";
import type { PictureShape } from "../picture_store.ts";
import { transformFrom } from "../transforms/from_recipe.ts";
import type { TransformRecipe } from "../transforms/transform.ts";

/** Options of a maker as they go from thread to thread. */
export interface PortableOptions extends Omit<MakerOptions, "views"> {
  /** What is made of each picture. */
  readonly views: readonly ("itself" | TransformRecipe)[];
}

/** What is asked of a thread: a picture to be made, or to be checked. */
export interface PictureRequest {
  /** Comes back with the answer. */
  readonly id: number;
  /**
   * The picture; its bytes are the thread's from now on. A buffer, since `parentPort` of Deno (2.9.6) walks through all elements of an
   * array that it receives, which takes longer than to decode a picture.
   */
  readonly picture: Omit<EncodedPicture, "file"> & { readonly file: ArrayBuffer };
  /** What to make of it; where it is absent, the picture is checked. */
  readonly views?: {
    /** Options of the maker, as JSON: they are the same for most requests. */
    readonly options: string;
    /** See `PictureMaker`. */
    readonly seeds: readonly number[];
  };
}

/** What was made, the shape of what was checked, or why neither could be. */
export type PictureAnswer =
  & { readonly id: number }
  & (
    | { readonly pixels: Float32Array<ArrayBuffer> }
    | { readonly shape: PictureShape }
    | { readonly message: string; readonly isUserError: boolean }
  );

/** The first message to a thread. */
export interface PictureStart {
  /** The kernels, compiled. */
  readonly modules: WasmModules;
  /** Whether it keeps the memory of large images, see `keepAllMemory`. */
  readonly keepsMemory: boolean;
}

/** The other end, as of `node:worker_threads`. */
export interface PicturePort {
  /** Listens to requests; the kernels come first. */
  on(event: "message", listener: (message: PictureRequest | PictureStart) => void): void;
  /** Answers; the first one says that the kernels are there. */
  postMessage(answer: PictureAnswer | "ready", transfer: ArrayBuffer[]): void;
}

/** Serves the requests that come through a port. */
export function servePictures(port: PicturePort): void {
  let known = "";
  let make: PictureMaker | undefined;
  let size = 0;
  const makerOf = (options: string) => {
    if (options === known && make !== undefined) return make;
    const { views, ...others }: PortableOptions = JSON.parse(options);
    known = options;
    size = others.size * others.size * 3;
    return make = createPictureMaker({
      ...others,
      views: views.map((view) => view === "itself" ? view : transformFrom(view)),
    });
  };
  const answer = async ({ id, picture, views }: PictureRequest) => {
    try {
      const { name, maxPixels } = picture;
      const file = new Uint8Array(picture.file);
      if (views === undefined) {
        const shape = checkDecodable(file, { name, maxPixels });
        return port.postMessage({ id, shape }, []);
      }
      const { options, seeds } = views;
      const makeViews = makerOf(options);
      const pixels = new Float32Array(seeds.length * size);
      const outs = seeds.map((_, i) => pixels.subarray(i * size, (i + 1) * size));
      await makeViews({ file, name, maxPixels }, seeds, outs);
      port.postMessage({ id, pixels }, [pixels.buffer]);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      port.postMessage({ id, message, isUserError: error instanceof UserError }, []);
    }
  };
  let last = Promise.resolve();
  port.on("message", (message) => {
    if ("modules" in message) {
      giveModules(message.modules);
      if (message.keepsMemory) keepAllMemory();
      port.postMessage("ready", []);
    } else {
      // One after the other, so that one picture is decoded at a time.
      last = last.then(() => answer(message));
    }
  });
}
