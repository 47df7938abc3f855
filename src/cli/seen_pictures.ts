/** Whether a model is being scored on what it learnt from. @module */

import type { ImageDataset } from "../data/dataset.ts";
import type { SplitManifest } from "../store/manifest.ts";

/**
 * What to say where the pictures are those that a model was made from, some of which it learnt from: its scores on them
 * flatter. Undefined where they are others, or the model's file does not tell.
 *
 * @param split How the data were divided, by the model's file.
 * @param model What to call the model.
 */
export async function seenPictures(
  data: Pick<ImageDataset, "hash" | "length">,
  { split, model }: { readonly split: SplitManifest | null; readonly model: string },
): Promise<string | undefined> {
  if (split?.dataSha256 === undefined || split.dataSha256 !== await data.hash()) return undefined;
  const { train, test } = split;
  return `these are the pictures that ${model} was made from: it learnt from ${train} of the ${data.length}, and the ` +
    `scores flatter${
      test > 0 ? `; graft inspect ${model} has that of the ${test} kept apart` : ""
    }`;
}
