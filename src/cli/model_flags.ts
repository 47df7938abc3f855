/** Flags of the verbs that make a trunk from a checkpoint. @module */

import { DEFAULT_STAGES } from "../classifier/defaults.ts";
import { LAST_STAGE, MAX_INPUT_SIZE, MIN_INPUT_SIZE } from "../model/stages.ts";
import { choiceFlag, type FlagTable, numberFlag, numbersFlag, textFlag } from "./flags.ts";

/** Which trunk, and which features of it. */
export const MODEL_FLAGS = {
  weights: textFlag("NAME|PATH|URL", "checkpoint; graft weights lists the names", "imagenet"),
  variant: choiceFlag(
    ["torchvision", "google"],
    "family of the checkpoint, where its content does not tell",
  ),
  "image-size": numberFlag("N", "side that pictures are scaled to, in pixels", {
    min: MIN_INPUT_SIZE,
    max: MAX_INPUT_SIZE,
    whole: true,
    shownDefault: "three times the longer side, 84 to 224",
  }),
  stages: numbersFlag(
    "3,4,5,6,8",
    `stages of the trunk whose features are used, 1 to ${LAST_STAGE}`,
    ",",
    { shownDefault: DEFAULT_STAGES.join(","), min: 1, max: LAST_STAGE },
  ),
} satisfies FlagTable;

/** How to open a kept model. */
export const LOAD_FLAGS = {
  weights: textFlag(
    "NAME|PATH|URL",
    "checkpoint that the model was trained on, where it was kept without it",
  ),
} satisfies FlagTable;
