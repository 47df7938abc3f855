/** Flags of `graft lab`, and what both of its parts begin with. @module */

import { backend, startBackend } from "../backend/mod.ts";
import { resolveWeights } from "../classifier/resolve_weights.ts";
import type { LoadedWeights } from "../weights/load.ts";
import { DATA_FLAGS } from "./data_flags.ts";
import { choiceFlag, type FlagTable, numberFlag, textFlag } from "./flags.ts";
import { MODEL_FLAGS } from "./model_flags.ts";
import { reportBackend } from "./reports.ts";
import type { Context } from "./verb.ts";

/** What may be set of the lab. */
export const LAB_FLAGS = {
  weights: MODEL_FLAGS.weights,
  variant: choiceFlag(
    ["torchvision", "google"],
    "whose arithmetic the lab's network has; the lab's own is torchvision's (default: that of the checkpoint's family)",
  ),
  ...DATA_FLAGS,
  epochs: numberFlag("N", "passes over the pictures in each of the two trainings", {
    min: 1,
    whole: true,
    shownDefault: "100; assignment: 40, then 20",
  }),
  "image-size": {
    ...MODEL_FLAGS["image-size"],
    text: "assignment: side that pictures are scaled to, in pixels",
  },
  seed: numberFlag("SEED", "seed of the new layer and of all that happens by chance", {
    min: 0,
    max: 2 ** 32 - 1,
    whole: true,
  }, 7),
  out: textFlag(
    "FOLDER",
    "where to write the report: a page, and of the first part the curves as SVG",
  ),
} satisfies FlagTable;

/** What the lab's verb gets. */
export type LabContext = Context<typeof LAB_FLAGS>;

/** The checkpoint of a lab. */
export interface LabWeights {
  /** As it was trained. */
  readonly weights: LoadedWeights;
  /** With the arithmetic that was asked for. */
  readonly labWeights: LoadedWeights;
}

/** Loads the weights and starts the backend; says what is worth knowing of both. */
export async function startLab(context: LabContext): Promise<LabWeights> {
  const { flags: { weights: name, variant, threads }, signal, onProgress, note, detail } = context;
  const weights = await resolveWeights(name, { assumedVariant: variant, signal, onProgress });
  if (variant !== undefined && variant !== weights.variant) {
    note(
      `the weights are of the ${weights.variant} family; the lab computes with them as ${variant} does, graft's default as they were trained`,
    );
  }
  await startBackend({ threads });
  reportBackend(backend(), context);
  weights.notes.forEach(note);
  weights.details?.forEach(detail);
  return { weights, labWeights: { ...weights, variant: variant ?? weights.variant } };
}
