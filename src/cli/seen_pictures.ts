/** Whether a model is being scored on what it was trained on. @module */

import { identify } from "../audit/identify.ts";
import { count } from "../core/count.ts";
import type { ProgressOptions } from "../core/progress.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { countKnown } from "../data/fingerprints.ts";
import type { SplitManifest } from "../store/manifest.ts";

/** Images that a model is scored on and was trained on. */
export interface SeenPictures {
  /** Their number; by a sample of the hashes for a model of very many images; `null` if its file does not tell. */
  readonly images: number | null;
  /** What to say of it; `undefined` if there are none, or that is not known. */
  readonly note: string | undefined;
}

/**
 * Counts the images that a model was trained on: its scores on them are optimistic.
 *
 * @param split How the data were divided, by the model's file.
 * @param model What to call the model.
 */
export async function seenPictures(
  data: Pick<ImageDataset, "hash" | "length" | "image" | "bytes">,
  { split, model, ...progress }: ProgressOptions & {
    readonly split: SplitManifest | null;
    readonly model: string;
  },
): Promise<SeenPictures> {
  if (split?.dataSha256 !== undefined && split.dataSha256 === await data.hash()) {
    const { train, test } = split;
    return {
      images: train,
      note:
        `these are the images that ${model} was made from: it was trained on ${train} of the ${data.length}, so these ` +
        `scores are optimistic${
          test > 0 ? `; graft inspect ${model} has that of the ${test} test images` : ""
        }`,
    };
  }
  if (split?.trainedOn === undefined) return { images: null, note: undefined };
  const { hashes } = await identify(data, progress);
  const { known, compared } = countKnown(hashes, split.trainedOn);
  if (known === 0) return { images: 0, note: undefined };
  const isSample = compared < data.length;
  const images = isSample ? Math.round(known / compared * data.length) : known;
  return {
    images,
    note: `${model} was trained on ${isSample ? "about " : ""}${images} of these ${
      count(data.length, "image")
    }, so these scores are optimistic`,
  };
}
