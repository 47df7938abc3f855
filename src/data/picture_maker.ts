/** From a picture as it is kept to what the network takes: the one way, on whatever thread. @module */

import { RandomState } from "../core/random.ts";
import { decodeImage, halvings, lendDecoded } from "./decode.ts";
import type { KeptPicture } from "./kept_picture.ts";
import { createPreprocessor, enoughFor, type PreprocessOptions } from "./preprocess.ts";
import type { Transform } from "./transforms/transform.ts";

/** The picture itself, or what makes a random view of it before it is scaled. */
export type PictureView = "itself" | Transform;

/** Options of {@linkcode createPictureMaker}. */
export interface MakerOptions extends PreprocessOptions {
  /** What is made of each picture. */
  readonly views: readonly PictureView[];
}

/**
 * Makes what the network takes of a picture.
 *
 * @param seeds Of each view the seed of its random numbers, 0 to 2^32 - 1; that of `"itself"` is of no account.
 * @param outs Where each view goes, `[size, size, 3]`.
 */
export type PictureMaker = (
  picture: KeptPicture,
  seeds: readonly number[],
  outs: readonly Float32Array[],
) => Promise<void>;

/**
 * Prepares to make pictures. Large JPEG files are decoded to a part of their size where no view but the picture itself is wanted of it; see
 * {@linkcode enoughFor}. Views are of the whole picture.
 *
 * The maker throws a `UserError` when a file cannot be decoded.
 *
 * @example
 * ```ts
 * import { createPictureMaker } from "./picture_maker.ts";
 * const make = createPictureMaker({
 *   views: ["itself"],
 *   preprocessing: {
 *     mean: [0, 0, 0],
 *     std: [1, 1, 1],
 *     resizeSize: 1,
 *     cropSize: 1,
 *     interpolation: "bicubic",
 *   },
 *   size: 1,
 * });
 * const out = new Float32Array(3);
 * await make({ data: Uint8Array.of(255), height: 1, width: 1, channels: 1 }, [0], [out]);
 * if (out.join() !== "1,1,1") throw new Error(out.join());
 * ```
 */
export function createPictureMaker({ views, ...options }: MakerOptions): PictureMaker {
  const prepare = createPreprocessor(options);
  const enough = enoughFor(options);
  const hasTransforms = views.some((view) => view !== "itself");
  return async (picture, seeds, outs) => {
    if (!hasTransforms && "file" in picture) {
      const { file, ...about } = picture;
      return await lendDecoded(file, { ...about, atLeast: enough }, (image) => {
        for (const out of outs) prepare(image, out);
      });
    }
    const decode = async (atLeast = enough) => {
      if ("data" in picture) return picture;
      const { file, ...about } = picture;
      return await decodeImage(file, { ...about, atLeast });
    };
    // A picture of which nothing is to be left out has one form for all views.
    const whole = hasTransforms ? await decode({ height: Infinity, width: Infinity }) : undefined;
    const itself = whole && halvings(whole, enough) === 0 ? whole : undefined;
    for (const [i, view] of views.entries()) {
      const image = view === "itself"
        ? itself ?? await decode()
        : view.apply(whole!, new RandomState(seeds[i]));
      prepare(image, outs[i]);
    }
  };
}
