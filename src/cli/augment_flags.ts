/** Flags that say what views of the pictures to learn from. @module */

import { DEFAULT_VIEWS } from "../classifier/resolve_training.ts";
import { tunesTrunk } from "../classifier/validate_training.ts";
import type { FitOptions } from "../classifier/options.ts";
import { UsageError, UserError } from "../core/errors.ts";
import type { BatchMix } from "../data/transforms/mix_batch.ts";
import {
  MIX_SHORTHANDS,
  type ParsedViews,
  parseViews,
  TRANSFORM_FORMS,
} from "../data/transforms/parse.ts";
import { type Flag, type FlagValues, numberFlag } from "./flags.ts";

/** `--augment flip,rotate=0:180`, or `none`. */
const AUGMENT_FLAG: Flag<ParsedViews | "none" | undefined> = {
  value: "VIEWS",
  text:
    "random views of the pictures to learn from, such as could be among them, as torchvision defines them: one or " +
    "more, separated by commas, of " +
    `${TRANSFORM_FORMS.map(({ shorthand }) => shorthand).join(", ")}, and when fine-tuning ${
      Object.entries(MIX_SHORTHANDS).map(([name, alpha]) => `${name}=${alpha}`).join(", ")
    }, whose numbers may be left out; or none`,
  shownDefault: "none; fine-tuning: flips, small shifts and erased parts",
  default: undefined,
  parse(given, name) {
    if (given === "none") return given;
    try {
      return parseViews(given);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UsageError(`${name}: ${error.message}`);
    }
  },
};

/** Which views, and how many. */
export const AUGMENT_FLAGS = {
  augment: AUGMENT_FLAG,
  views: numberFlag(
    "K",
    "probe and linear: views of each picture; fine-tuning sees others each epoch",
    {
      min: 1,
      whole: true,
      shownDefault: `${DEFAULT_VIEWS} with --augment`,
    },
  ),
};

/**
 * The options of `Classifier.fit` that the flags ask for. Whatever is named replaces the views that fine-tuning makes by itself.
 *
 * @throws {UsageError} For `--views` where no views are kept, and for mixing where nothing can learn from it.
 */
export function augmentOptions(
  { augment, views }: FlagValues<typeof AUGMENT_FLAGS>,
  method: FitOptions["method"],
): {
  readonly augment: FitOptions["augment"];
  readonly mix: BatchMix | undefined;
  readonly noViews: boolean;
} {
  const { transform, mix }: ParsedViews = augment === "none" ? {} : augment ?? {};
  const noViews = augment !== undefined && transform === undefined;
  if (mix !== undefined && !tunesTrunk(method)) {
    throw new UsageError(
      `--augment ${
        Object.keys(mix)[0]
      } needs --method finetune or lpft: mixed pictures belong to two classes at once, which a head alone does not learn from`,
    );
  }
  if (views !== undefined && transform === undefined) {
    throw new UsageError("--views needs --augment VIEWS");
  }
  if (views !== undefined && tunesTrunk(method)) {
    throw new UsageError("--views needs --method probe or linear");
  }
  const options = transform && { transform, ...views !== undefined && { views } };
  return { augment: options, mix, noViews };
}
