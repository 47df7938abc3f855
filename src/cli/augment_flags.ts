/** Flags that say what views of the pictures to learn from. @module */

import { DEFAULT_VIEWS, tunesTrunk } from "../classifier/fit_method.ts";
import type { FitOptions } from "../classifier/options.ts";
import { UsageError, UserError } from "../core/errors.ts";
import { parseTransform, TRANSFORM_FORMS } from "../data/transforms/parse.ts";
import type { Transform } from "../data/transforms/transform.ts";
import { type Flag, type FlagValues, numberFlag } from "./flags.ts";

/** `--augment flip,rotate=0:180`, or `none`. */
const AUGMENT_FLAG: Flag<Transform | "none" | undefined> = {
  value: "VIEWS",
  text:
    "random views of the pictures to learn from, as torchvision defines them: one or more, separated by commas, of " +
    `${
      TRANSFORM_FORMS.map(({ shorthand }) => shorthand).join(", ")
    }, whose numbers may be left out; or none`,
  shownDefault: "none; fine-tuning: flips and small shifts",
  default: undefined,
  parse(given, name) {
    if (given === "none") return given;
    try {
      return parseTransform(given);
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
 * The options of `Classifier.fit` that the flags ask for.
 *
 * @throws {UsageError} For `--views` where no views are kept.
 */
export function augmentOptions(
  { augment, views }: FlagValues<typeof AUGMENT_FLAGS>,
  method: FitOptions["method"],
): { readonly augment: FitOptions["augment"]; readonly noViews: boolean } {
  const noViews = augment === "none";
  if (views !== undefined && (augment === undefined || noViews)) {
    throw new UsageError("--views needs --augment VIEWS");
  }
  if (views !== undefined && tunesTrunk(method)) {
    throw new UsageError("--views needs --method probe or linear");
  }
  const options = augment === undefined || augment === "none"
    ? undefined
    : { transform: augment, ...views !== undefined && { views } };
  return { augment: options, noViews };
}
